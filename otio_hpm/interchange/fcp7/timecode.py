"""Timecode elements: where a sequence's clock or a file's media start."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from otio_hpm.interchange.fcp7.kept import add
from otio_hpm.interchange.fcp7.values import counting, number, rate_of, text, timebase
from otio_hpm.timeline.exact import nearest
from otio_hpm.timing import format_timecode, may_drop, nominal, parse_timecode


@dataclass(frozen=True, kw_only=True)
class Timecode:
    """The timecode of a first frame."""

    frames: int
    """Its frame number."""
    rate: Fraction
    drop_frame: bool | None
    """None where the file does not say."""

    def frames_at(self, rate: Fraction) -> int:
        """The frame number at another rate: the same where both count alike, else by the clock."""
        alike = nominal(rate) == nominal(self.rate)
        return self.frames if alike else nearest(self.frames * rate / self.rate)


def timecode_of(parent: Element, rate: Fraction) -> Timecode | None:
    """The `<timecode>` of an element whose own rate is given, or None.

    Its `frame` counts; where that is missing its `string` does.
    """
    element = parent.find("timecode")
    if element is None:
        return None
    own, drop = rate_of(element) or rate, counting(element)
    frame = number(element, "frame")
    if frame is None:
        try:
            frame = Fraction(parse_timecode(text(element, "string"), own, drop))
        except ValueError:
            return None
    return Timecode(frames=nearest(frame), rate=own, drop_frame=drop) if frame >= 0 else None


def write_timecode(parent: Element, frames: int, rate: Fraction, drop_frame: bool) -> Element:
    """Add a `<timecode>`; drop-frame only where that exists at the rate."""
    drops = drop_frame and may_drop(rate)
    element = add(parent, "timecode")
    write_rate(element, rate)
    add(element, "string", format_timecode(frames, rate, drops))
    add(element, "frame", frames)
    add(element, "displayformat", "DF" if drops else "NDF")
    return element


def write_rate(parent: Element, rate: Fraction) -> Element:
    """Add a `<rate>`. Raises ValueError for a rate that xmeml cannot say."""
    said = timebase(rate)
    if said is None:
        raise ValueError(f"{rate} is no rate of xmeml")
    element = add(parent, "rate")
    add(element, "timebase", said[0])
    add(element, "ntsc", said[1])
    return element
