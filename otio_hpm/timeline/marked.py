"""The record range that each mark of a timeline asks music for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from otio_hpm.errors import MarkError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import IgnoredMark, Mark
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest, seconds
from otio_hpm.timeline.marks import (
    MarkChoice,
    MarkText,
    describe,
    located,
    parse_mark,
    values_of,
)
from otio_hpm.timeline.shots import VisibleShots
from otio_hpm.timeline.tree import Place

_ROUNDING = Fraction(1, 1000)
"""Share of a frame by which other tools' float arithmetic may place a marker too early."""


@dataclass(frozen=True, kw_only=True)
class MarkedRange:
    """A mark, and the record frames it means."""

    mark: Mark
    place: Place
    """What the marker is on."""
    start_frames: int
    end_frames: int
    values: dict[str, Any]
    """Its settings as values."""
    earlier_number: str | None
    """The cue number that an earlier scoring gave it."""


@dataclass(frozen=True, kw_only=True)
class _Marker:
    """A marker that is a mark, and where it stands."""

    text: MarkText
    locator: tuple[str | int, ...]
    place: Place
    start: Fraction
    """Record frame, exact."""
    end: Fraction
    has_length: bool
    """Whether it is longer than one frame; many systems give every marker one."""


class MarkFinder:
    """All marks of a timeline with their ranges; MarkError for one that is not understood."""

    def __init__(
        self, cut: Cut, settings: SpottingSettings, places: Sequence[Place], visible: VisibleShots
    ) -> None:
        self._cut = cut
        self._visible = visible
        self._choice = MarkChoice(settings)
        self._end_frames = max((place.end_frames for place in places), default=0)
        self._others: Counter[str] = Counter()
        self._counts_timecode = _counts_timecode(cut, places[0], self._end_frames)
        self.ignored: list[IgnoredMark] = []
        self.warnings: list[str] = []
        self.found = [
            marked
            for place in places
            for marker in self._markers(place)
            if (marked := self._read(marker))
        ]

    def nothing_found(self) -> MarkError:
        """The error that says why there is nothing to score."""
        ignored = [f"{one.text!r} at {one.timecode}: {one.reason}" for one in self.ignored[:3]]
        others = ", ".join(f"{n} {color.lower()}" for color, n in sorted(self._others.items()))
        return MarkError(
            "; ".join([f"{self._cut.path.name} has no marks to score", *ignored]),
            hint="Put a marker that starts with the word SCORE on a shot, or use --all-shots"
            + (f", or choose among the other markers ({others}) with --mark." if others else "."),
        )

    def _markers(self, place: Place) -> Iterator[_Marker]:
        for index, marker in enumerate(place.item.markers):
            text = self._choice.read(marker)
            if text is None:
                self._others[str(marker.color or "colourless")] += 1
                continue
            start, end = place.extent(*self._own_time(marker, place))
            yield _Marker(
                text=text,
                locator=(*place.locator, "markers", index),
                place=place,
                start=start,
                end=end,
                has_length=end - start > 1,
            )

    def _own_time(self, marker: Any, place: Place) -> tuple[Fraction, Fraction]:
        """Start and length in its owner's time, where the timeline's is not timecode."""
        start_s, duration_s = _times(marker, place)
        first_s = self._cut.start_frames / self._cut.rate
        beyond = start_s * self._cut.rate >= max(self._end_frames, self._cut.start_frames)
        if _is_outer(place) and first_s > 0 and (self._counts_timecode or beyond):
            start_s += place.origin_s - first_s
        return start_s, duration_s

    def _read(self, marker: _Marker) -> MarkedRange | None:
        if reason := self._ignored_because(marker):
            self.ignored.append(self._ignored(marker, reason))
            return None
        mark = self._mark(marker)
        values = values_of(mark, self._cut.rate)
        start, end = self._range(marker, mark, values.get("range"))
        if end <= start:
            raise MarkError(
                f"{describe(mark)}: its range is empty",
                hint="Give the marker a duration or move it onto a shot that has one.",
            )
        return MarkedRange(
            mark=mark,
            place=marker.place,
            start_frames=start,
            end_frames=end,
            values=values,
            earlier_number=marker.text.earlier_number,
        )

    def _ignored_because(self, marker: _Marker) -> str:
        place = marker.place
        if not place.enabled:
            return "it is on something that is disabled"
        if _is_outer(place) or place.duration_s <= 0:
            return ""
        if place.end <= place.start:
            return "what it is on is not visible on the timeline"
        before = (
            marker.end <= place.start if marker.end > marker.start else marker.start < place.start
        )
        if before or marker.start >= place.end:
            return "it is outside the visible part of its source"
        return ""

    def _ignored(self, marker: _Marker, reason: str) -> IgnoredMark:
        return IgnoredMark(
            text=marker.text.text,
            owner=_owner(marker.place),
            timecode=self._cut.timecode(self._record_frames(marker)),
            reason=reason,
        )

    def _mark(self, marker: _Marker) -> Mark:
        frames = self._record_frames(marker)
        mark = Mark(
            locator=marker.locator,
            text=marker.text.text,
            owner=_owner(marker.place),
            record_frames=frames,
            timecode=self._cut.timecode(frames),
            settings=marker.text.settings,
            note="",
        )
        if marker.end < marker.start:
            raise MarkError(f"{describe(mark)}: its duration is negative", hint="Make it again.")
        try:
            settings, note = parse_mark(marker.text.body)
        except MarkError as error:
            raise located(mark, error) from error
        return replace(mark, settings={**mark.settings, **settings}, note=note)

    def _record_frames(self, marker: _Marker) -> int:
        """The frame a mark stands on; of one outside what it is on, the nearest that is inside."""
        frame = math.floor(marker.start + _ROUNDING)
        if _is_outer(marker.place):
            return frame
        return max(marker.place.start_frames, min(frame, marker.place.end_frames - 1))

    def _range(self, marker: _Marker, mark: Mark, wanted: str | None) -> tuple[int, int]:
        """Record in and out of what a mark means."""
        place = marker.place
        if place.is_clip and wanted != "mark":
            return place.start_frames, place.end_frames
        if not place.is_clip:
            self._check_inside(mark)
        if wanted == "shot" or (wanted is None and not marker.has_length):
            return self._shot_under(mark)
        return self._own_range(marker, mark)

    def _check_inside(self, mark: Mark) -> None:
        if not 0 <= mark.record_frames < self._end_frames:
            raise MarkError(
                f"{describe(mark)}: it is outside the timeline, which runs from "
                f"{self._cut.timecode(0)} to {self._cut.timecode(self._end_frames)}",
                hint="Move the marker onto a shot, or delete it.",
            )

    def _shot_under(self, mark: Mark) -> tuple[int, int]:
        shot = self._visible.at(mark.record_frames)
        if shot is None:
            raise MarkError(
                f"{describe(mark)}: there is no shot under it",
                hint="Move it onto a shot, or give it a duration to score a range.",
            )
        return shot.start_frames, shot.end_frames

    def _own_range(self, marker: _Marker, mark: Mark) -> tuple[int, int]:
        """The marker's own duration, as far as it is on its clip or the timeline."""
        if not marker.has_length:
            raise MarkError(
                f"{describe(mark)}: range=mark needs a marker that is longer than a frame",
                hint="Give the marker a duration, or leave range= out to score its shot.",
            )
        place = marker.place
        low, high = (
            (place.start_frames, place.end_frames) if place.is_clip else (0, self._end_frames)
        )
        start, end = nearest(marker.start), nearest(marker.end)
        if start < low or end > high:
            outside = "visible part of its clip" if place.is_clip else "timeline"
            self.warnings.append(f"{describe(mark)}: it is longer than the {outside}; cut to that")
        return max(start, low), min(end, high)


def _times(marker: Any, place: Place) -> tuple[Fraction, Fraction]:
    """Start and length of a marker as written, in seconds."""
    try:
        marked = marker.marked_range
        return seconds(marked.start_time), seconds(marked.duration)
    except (ValueError, OverflowError) as error:
        raise MarkError(
            f"marker {marker.name!r} on {_owner(place)} has a time that is not a number",
            hint="Make the marker again, or delete it.",
        ) from error


def _is_outer(place: Place) -> bool:
    """Whether it is the timeline itself or one of its tracks, which share the timeline's clock."""
    return len(place.locator) <= 2 and not place.is_clip


def _counts_timecode(cut: Cut, root: Place, end_frames: int) -> bool:
    """Whether the timeline's markers stand in timecode; other systems count from the first frame.

    They do where all are at or after the start timecode and one is beyond the timeline's length.
    """
    times = [_times(marker, root)[0] * cut.rate for marker in root.item.markers]
    late = any(time >= end_frames for time in times)
    return late and all(time >= cut.start_frames for time in times)


def _owner(place: Place) -> str:
    """What a marker is on, in words."""
    if place.locator == ("tracks",):
        return "the timeline"
    kind = type(place.item).__name__.lower()
    name = place.item.name or (place.track if kind == "track" else "")
    return f"{kind} {name!r}" if name else f"a {kind} without a name"
