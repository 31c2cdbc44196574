"""One element of a storyline: when it is on its timeline, and the pieces that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opentimelineio import schema
from opentimelineio.opentime import TimeRange

from otio_hpm.interchange.fcpxml.clock import Clock, tidy, time_of
from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.retime import Retime, retime_of


@dataclass(frozen=True, kw_only=True)
class Span:
    """An element, the stretch of its own time that is shown, and where."""

    element: Any
    own_s: Fraction
    """Its own time at its in."""
    duration_s: Fraction
    """Of the timeline."""
    start_s: Fraction
    """From the timeline's first frame."""
    retime: Retime
    rate: Fraction | None
    """Of the timeline."""

    @property
    def clock(self) -> Clock:
        """The way from its own time to the timeline's."""
        return Clock(own_s=self.own_s, at_s=self.start_s, pace=self.retime.pace)

    @property
    def end_s(self) -> Fraction:
        """On the timeline."""
        return tidy(self.start_s + self.duration_s)

    def source_range(
        self, retime: Retime, origin_s: Fraction = Fraction(0), *rates: Fraction | None
    ) -> Any:
        """What it shows of media or content whose time here counts from `origin_s` of its own."""
        start_s = tidy(retime.start(self.own_s, self.duration_s) - origin_s)
        return TimeRange(
            time_of(start_s, self.rate, *rates), time_of(self.duration_s, self.rate, *rates)
        )


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One item that an element becomes."""

    item: Any
    kind: str = schema.TrackKind.Video
    start_s: Fraction
    end_s: Fraction
    role: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    """Metadata of this piece beside those of its element."""
    inner: Any = None
    """The element inside its own that it is, where there is one."""


def span_of(
    document: Document, element: Any, start_s: Fraction, rate: Fraction | None
) -> Span | None:
    """The span of an element that begins at `start_s` of its timeline; None where it has none.

    Without a start an element begins where its asset does, else at 0; without a duration it lasts
    as long as what it refers to.
    """
    own_s = document.time(element, "start")
    duration_s = document.time(element, "duration")
    refers = document.resources.get(element.get("ref") or "")
    if own_s is None:
        is_asset = refers is not None and refers.tag == "asset"
        own_s = (document.time(refers, "start") if is_asset else None) or _tc_start(
            document, refers
        )
    if duration_s is None and refers is not None:
        inside = refers.find("sequence") if refers.tag == "media" else refers
        duration_s = document.time(inside, "duration") if inside is not None else None
    if duration_s is None or duration_s <= 0:
        document.warn(element, "has no duration and is left out")
        return None
    return Span(
        element=element,
        own_s=own_s,
        duration_s=duration_s,
        start_s=start_s,
        retime=retime_of(document, element, own_s, duration_s, rate),
        rate=rate,
    )


def _tc_start(document: Document, refers: Any) -> Fraction:
    """Where the content of a compound or multicam clip begins to count."""
    inside = refers[0] if refers is not None and refers.tag == "media" and len(refers) else None
    return (document.time(inside, "tcStart") if inside is not None else None) or Fraction(0)
