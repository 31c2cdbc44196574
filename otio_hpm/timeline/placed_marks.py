"""Where the marks of a timeline stand in record time, and which of them are not seen there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from opentimelineio import schema

from otio_hpm.errors import MarkError
from otio_hpm.timeline.cue import IgnoredMark
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.marks import MarkText
from otio_hpm.timeline.tree import Locator, Place

_ROUNDING = Fraction(1, 1000)
"""Share of a frame by which other tools' float arithmetic may place a marker too early."""


class Choice(Protocol):
    """Decides what a marker says that is wanted; nothing for all others."""

    def read_all(self, marker: Any) -> tuple[MarkText, ...]: ...


@dataclass(frozen=True, kw_only=True)
class PlacedMark:
    """A marker that is a mark or wishes something, and where it stands."""

    cut: Cut
    said: MarkText
    locator: Locator
    """Way to the marker, as in `Mark.locator`."""
    place: Place
    """What it is on."""
    start: Fraction
    """Record frame, exact."""
    end: Fraction
    """Where its duration ends; `start` where it has none."""
    superseded_by: str = ""
    """Text and timecode of the marker of a spotting sheet that stands in its place, if any."""

    @property
    def marker(self) -> Any:
        """The marker itself."""
        return self.place.item.markers[self.locator[-1]]

    @property
    def has_length(self) -> bool:
        """Whether it is longer than one frame; many systems give every marker one."""
        return self.end - self.start > 1

    @property
    def record_frames(self) -> int:
        """The frame it stands on; outside what it is on, the nearest frame that is inside."""
        frame = math.floor(self.start + _ROUNDING)
        if is_outer(self.place):
            return frame
        return max(self.place.start_frames, min(frame, self.place.end_frames - 1))

    @property
    def text(self) -> str:
        """What the editor wrote, whole."""
        return self.said.text

    @property
    def timecode(self) -> str:
        """Record timecode of the frame it stands on."""
        return self.cut.timecode(self.record_frames)

    @property
    def owner(self) -> str:
        """What it is on, in words."""
        return _named(self.place)

    @property
    def unseen_because(self) -> str:
        """Why it is not on what a viewer sees, in words; empty where it is."""
        place = self.place
        if not place.enabled:
            return "it is on something that is disabled"
        if is_outer(place) or place.duration_s <= 0:
            return ""
        if place.end <= place.start:
            return "what it is on is not visible on the timeline"
        first, last = place.start - _ROUNDING, place.end - _ROUNDING
        past = self.end <= place.start if self.end > self.start else self.start < first
        if past or self.start >= last:
            return "it is outside the visible part of its source"
        return ""

    @property
    def uncounted_because(self) -> str:
        """Why it is left out of spotting, in words; empty where it is not."""
        if self.superseded_by and not self.unseen_because:
            return f"marker {self.superseded_by}, of a spotting sheet, stands in its place"
        return self.unseen_because

    def ignored(self, reason: str) -> IgnoredMark:
        """It as one that is ignored."""
        return IgnoredMark(text=self.text, owner=self.owner, timecode=self.timecode, reason=reason)


def placed_marks(cut: Cut, places: Sequence[Place], choice: Choice) -> Iterator[PlacedMark]:
    """All markers that are chosen, in tree order: marks and wishes.

    Raises MarkError for a marker whose time is not a number.

    The markers of the timeline and its tracks count from the first frame or, in other systems, in
    timecode. They are taken as timecode where all of the timeline's are at or after its start and
    one is beyond its length; and each that is itself beyond both. Those of an edit decision list
    count from the first frame, as its reader makes them.
    """
    end_frames = max(place.end_frames for place in places)
    in_timecode = counts_timecode(cut, places)
    for place in places:
        for index, marker in enumerate(place.item.markers or ()):  # slow to walk where empty
            if not (all_said := choice.read_all(marker)):
                continue
            start_s, duration_s = _times(marker, place)
            late = start_s * cut.rate >= max(end_frames, cut.start_frames)
            if is_outer(place) and (in_timecode or (late and _may_be_timecode(cut))):
                start_s += place.origin_s - cut.start_frames / cut.rate
            start, end = place.extent(start_s, duration_s)
            locator = (*place.locator, "markers", index)
            for said in all_said:
                yield PlacedMark(
                    cut=cut, said=said, locator=locator, place=place, start=start, end=end
                )


def counts_timecode(cut: Cut, places: Sequence[Place]) -> bool:
    """Whether the markers of the timeline's own stack are taken as timecode."""
    end_frames = max(place.end_frames for place in places)
    times = [_times(marker, places[0])[0] * cut.rate for marker in places[0].item.markers]
    late = any(time >= end_frames for time in times)
    return _may_be_timecode(cut) and late and all(time >= cut.start_frames for time in times)


def _may_be_timecode(cut: Cut) -> bool:
    return cut.start_frames > 0 and cut.dialect != "edl"


def _times(marker: Any, place: Place) -> tuple[Fraction, Fraction]:
    """Start and length of a marker as written, in seconds.

    Kdenlive's (`otioexport.cpp`) count from the beginning of their clip, all others as its source.
    """
    try:
        marked = marker.marked_range
        own = place.origin_s if place.is_clip and "kdenlive" in marker.metadata else 0
        return seconds(marked.start_time) + own, seconds(marked.duration)
    except (ValueError, OverflowError) as error:
        raise MarkError(
            f"marker {marker.name!r} on {_named(place)} has a time that is not a number",
            hint="Make the marker again, or delete it.",
        ) from error


def is_outer(place: Place) -> bool:
    """Whether it is the timeline itself or one of its tracks, which share the timeline's clock."""
    return len(place.locator) == 1 or (
        len(place.locator) == 2 and isinstance(place.item, schema.Track)
    )


def _named(place: Place) -> str:
    """What a marker is on, in words."""
    if place.locator == ("tracks",):
        return "the timeline"
    kind = type(place.item).__name__.lower()
    name = place.item.name or (place.track if kind == "track" else "")
    return f"{kind} {name!r}" if name else f"a {kind} without a name"
