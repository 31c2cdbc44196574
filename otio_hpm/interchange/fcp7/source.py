"""Which frames of its media a clip shows, as `in`, `out` and a Time Remap say it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import schema

from otio_hpm.interchange.fcp7.kept import fill, kept_of, within
from otio_hpm.interchange.fcp7.layout import Fade, Laid
from otio_hpm.interchange.fcp7.remap import EFFECT_ID, Remap, remap_of
from otio_hpm.interchange.fcp7.values import parse_number, rate_in, timebase
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import exact_rate, nearest, rational, seconds
from otio_hpm.timeline.tree import speed_of
from otio_hpm.timing import FRAME_RATES, nominal


def counted(time: Any, rate: Fraction) -> Fraction:
    """Frames of a RationalTime at a rate: as many where both count alike (24 and 23.976)."""
    if time.rate > 0 and nominal(exact_rate(time.rate)) == nominal(rate):
        return Fraction(time.value)
    return seconds(time) * rate


def clip_rate_of(item: Any, record: Fraction) -> Fraction:
    """The rate of a clip's source time: its own where xmeml can say it, else that of its media.

    A time between frames is a fraction of a second, whose number below the line is no rate: nothing
    else of the clip counts in that.
    """
    span, media = item.trimmed_range(), media_rate_of(item)
    own = exact_rate(span.start_time.rate)
    if _is_said(own) and own in (record, media, exact_rate(span.duration.rate)):
        return own
    return media or record


def media_rate_of(item: Any) -> Fraction | None:
    """The rate that the range of a clip's media counts in; None where none is told."""
    available = getattr(getattr(item, "media_reference", None), "available_range", None)
    if available is None:
        return None
    own, other = (exact_rate(time.rate) for time in (available.start_time, available.duration))
    return own if _is_said(own) and (own in FRAME_RATES or own == other) else None


def kept_start(reference: Any, rate: Fraction) -> Fraction | None:
    """The first frame at a rate of a file whose length its input did not tell; None if not kept."""
    clock = within(kept_of(reference), "timecode")
    frame = parse_number(str(within(clock, "frame")))
    own = rate_in(within(clock, "rate")) or rate
    return None if frame is None else counted(rational(frame, own), rate)


def _is_said(rate: Fraction) -> bool:
    """Whether xmeml can say a rate, and it is one: times of whole seconds have 1."""
    return rate > 1 and timebase(rate) is not None


@dataclass(frozen=True, kw_only=True)
class Source:
    """A clip's media frames, counted from the media's first frame at the clip's rate."""

    rate: Fraction
    first: int
    """The lowest frame shown."""
    speed: float | None
    """None where no filter says one."""
    start_in: int
    """Retimed frame at the clip's start."""
    length: int
    """Retimed frames that it lasts."""
    head: int
    """Retimed frames under the transition before it."""
    tail: int
    joined: tuple[bool, bool]
    """Whether its start and end are those of transitions."""
    exact_first: Fraction
    """`first` before rounding."""
    remap: Remap | None
    """A changing speed."""

    def marker_frame(self, media: Fraction) -> Fraction:
        """What a marker's position in the media is in retimed frames."""
        offset = media - self.exact_first
        if self.remap is not None:
            return self.start_in + offset
        if self.speed is None:
            return self.first + offset
        if self.speed == 0:
            return self.start_in + offset
        speed = Fraction(self.speed)
        turned = self.start_in if speed > 0 else self.start_in + self.length
        return turned + offset / speed


def source_of(
    laid: Laid,
    media_start: Fraction,
    media_length: Fraction | None,
    record: Fraction,
    fades: tuple[Fade | None, Fade | None],
    losses: Losses,
) -> Source:
    """What a laid out clip shows.

    `media_start` and `media_length` are frames at the clip's rate; `fades` lie over its start and
    end. It ends under a transition only where its media reach so far and the frames are whole.
    """
    item, rate = laid.item, clip_rate_of(laid.item, record)
    speed, remap = _speed(item), changing_remap(item)
    pace = rate / record
    length = (laid.end - laid.start) * pace
    exact = counted(item.trimmed_range().start_time, rate) - media_start
    hidden = laid.hidden_s * rate * (1 if speed is None else abs(Fraction(speed)))
    exact += hidden if speed is None or speed >= 0 else 0
    first = _frame(exact, item, losses)
    if remap is not None and remap.retimed_frame(Fraction(first)) is None:
        losses.add("speeds that change do not fit what their clips show", repr(item.name))
    if speed and pace != 1 and not _are_whole(length, first / Fraction(speed)):
        words = "retimed clips in footage of another rate may be a frame or two off"
        losses.add(words, repr(item.name))
    start_in = _start_in(first, speed, remap, length, media_length)
    head = (fades[0].cut - fades[0].start) * pace if fades[0] else Fraction(0)
    tail = (fades[1].end - fades[1].cut) * pace if fades[1] else Fraction(0)
    joins = bool(fades[0]) and head.denominator == 1 and start_in >= head
    return Source(
        rate=rate,
        first=first,
        speed=speed,
        start_in=start_in,
        length=nearest(length),
        head=int(head) if joins else 0,
        tail=nearest(tail),
        joined=(joins, bool(fades[1])),
        exact_first=exact,
        remap=remap,
    )


def _are_whole(*frames: Fraction) -> bool:
    return all(one.denominator == 1 for one in frames)


def _frame(exact: Fraction, item: Any, losses: Losses) -> int:
    first = nearest(exact)
    if first < 0:
        losses.add("clips that begin before their media show its first frame", repr(item.name))
    elif first != exact:
        losses.add("sources between frames are on the nearest", repr(item.name))
    return max(0, first)


def _start_in(
    first: int, speed: float | None, remap: Remap | None, length: Fraction, media: Fraction | None
) -> int:
    """The retimed frame at a clip's start."""
    if remap is not None:
        return nearest(remap.retimed_frame(Fraction(first)) or Fraction(first))
    if not speed:
        return first
    pace = abs(Fraction(speed))
    if speed > 0:
        return nearest(first / pace)
    return max(0, nearest(((media or first + pace * length) - first) / pace - length))


def _speed(item: Any) -> float | None:
    """The constant speed of a clip, or None where no effect sets one."""
    warps = [one for one in item.effects or () if isinstance(one, schema.LinearTimeWarp)]
    return float(speed_of(item)) if any(one.enabled for one in warps) else None


def changing_remap(item: Any) -> Remap | None:
    """A kept Time Remap whose speed changes."""
    for effect in item.effects or ():
        kept = kept_of(effect)
        if kept.get("effectid") == EFFECT_ID and not isinstance(effect, schema.LinearTimeWarp):
            return remap_of(fill(Element("effect"), kept, without=("filter",)))
    return None
