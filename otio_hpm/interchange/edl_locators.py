"""Markers of a timeline as locators of an edit decision list."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.interchange.edl_model import Lane, Span
from otio_hpm.interchange.edl_sources import kept_of, one_line
from otio_hpm.interchange.edl_spans import source_frames
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.marker_colors import LOCATORS
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.takes import is_score_clip

PICTURE = "V"
"""The channel of picture."""
HEAD = -1
"""In place of an event's number: above the first."""

_ROUNDING = Fraction(1, 1000)
"""Share of a frame by which floats may place a marker too early."""
_WORD = re.compile(r"[A-Za-z]{1,6}")
"""A colour that no system here knows, as it fits its column."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Located:
    """A marker at its place."""

    record: int
    """Frame counted from the timeline's first."""
    until: int
    """Where it ends; `record` where it has no length."""
    color: str
    text: str
    home: Span | None
    """The span that it is on; None where it is on something that is no event."""

    @property
    def is_timelines(self) -> bool:
        """Whether it is read as the timeline's own, because it is on no event."""
        return self.home is None


class Locators:
    """Finds where markers stand, and notes what a locator cannot say of them."""

    def __init__(self, rate: Fraction, losses: Losses) -> None:
        self._rate = rate
        self._losses = losses

    def of_lane(self, lane: Lane) -> Iterator[Located]:
        """The markers of a track and of what is on it."""
        for marker in lane.track.markers:
            start, duration = self._times(marker)
            self._note_moved(marker)
            yield self._located(marker, lane.shift + start, duration, None)
        for span in lane.spans:
            for marker in span.item.markers:
                yield from self._on_span(marker, span)

    def of_timeline(self, timeline: Any, start_frames: int, end_frames: int) -> Iterator[Located]:
        """The markers of the timeline itself, counted from its first frame or in timecode.

        Some systems count in timecode: then all are at or after its start, and one is beyond its
        end. The locators of a list count from the first frame, as its reader makes them.
        """
        stack = timeline.tracks
        trim = stack.source_range
        shift = -seconds(trim.start_time) * self._rate if trim else Fraction(0)
        free = [m for m in stack.markers if "cmx_3600" not in m.metadata]
        times = [self._times(marker)[0] for marker in free]
        in_timecode = start_frames > 0 and all(time >= start_frames for time in times)
        in_timecode = in_timecode and any(time >= end_frames for time in times)
        for marker in stack.markers:
            counted = in_timecode and "cmx_3600" not in marker.metadata
            start, duration = self._times(marker)
            place = start + shift - (start_frames if counted else 0)
            yield self._located(marker, place, duration, None)

    def _on_span(self, marker: Any, span: Span) -> Iterator[Located]:
        start, duration = self._times(marker, in_source=True)
        place = span.record_of(start, duration)
        if span.start <= math.floor(place + _ROUNDING) < span.end + span.reach:
            length = duration / (abs(span.speed) or 1)
            if span.is_black:
                self._note_moved(marker)
            yield self._located(marker, place, length, None if span.is_black else span)
        else:
            words = "markers outside the part of their clip that is seen are left out"
            self._losses.add(words, repr(marker.name))

    def _note_moved(self, marker: Any) -> None:
        words = "markers of tracks and gaps become the timeline's"
        self._losses.add(words, repr(marker.name or marker.comment))

    def _located(
        self, marker: Any, place: Fraction, length: Fraction, home: Span | None
    ) -> Located:
        record, until = (math.floor(one + _ROUNDING) for one in (place, place + length))
        where = repr(marker.name or marker.comment)
        if abs(place - record) > _ROUNDING:
            self._losses.add("markers between frames are put on the frame before", where)
        if abs(place + length - until) > _ROUNDING:
            self._losses.add("markers end on the frame before", where)
        color, text = self._color(marker), self._text(marker)
        return Located(record=record, until=until, color=color, text=text, home=home)

    def _times(self, marker: Any, *, in_source: bool = False) -> tuple[Fraction, Fraction]:
        """Start and duration in frames, of source time or of the timeline's."""
        reach = marker.marked_range
        if in_source:
            found = [source_frames(t, self._rate) for t in (reach.start_time, reach.duration)]
        else:
            found = [seconds(t) * self._rate for t in (reach.start_time, reach.duration)]
        return found[0], found[1]

    def _color(self, marker: Any) -> str:
        """The colour as a list had it, where it still is that, else OTIO's word."""
        color = str(marker.color or "").upper()
        written = str(kept_of(marker).get("color") or "")
        known = LOCATORS.get(written.upper())
        if known == color or (color == "RED" and not known and _WORD.fullmatch(written)):
            return written
        if color not in LOCATORS:
            self._losses.add("markers of a colour that locators have no word for are red", color)
            return "RED"
        return color

    def _text(self, marker: Any) -> str:
        """Name and comment on one line."""
        name, comment = one_line(marker.name), one_line(marker.comment)
        where = repr(marker.name or marker.comment)
        if name and comment and name != comment:
            self._losses.add("comments of markers are joined to their names", where)
        elif comment and not name:
            self._losses.add("comments of markers without a name become their names", where)
        if name != marker.name:
            self._losses.add("names of markers are cut to what fits on a line", where)
        return name if name == comment else f"{name} {comment}".strip()


class Homes:
    """Which event each locator stands under; `events` are columns and spans in record order."""

    def __init__(self, events: Sequence[tuple[str, Span]], losses: Losses) -> None:
        self._losses = losses
        self._spans = [span for _, span in events]
        self._columns: dict[str, list[int]] = {PICTURE: []}  # first, so that it is asked first
        for index, (column, _) in enumerate(events):
            self._columns.setdefault(column, []).append(index)

    def of(self, located: Iterable[Located]) -> dict[int, list[Located]]:
        """The locators under each event, by its number, in record order; those of HEAD are above.

        Music of ours gets none that is not its own, because it would look like an editor's.
        """
        found: dict[int, list[Located]] = {}
        for one in sorted(located, key=lambda one: one.record):
            index = self._home(one)
            if one.home and (index == HEAD or self._spans[index].item is not one.home.item):
                words = "markers that are on no clip of the list are under the clips at their times"
                self._losses.add(words, repr(one.text))
            found.setdefault(index, []).append(one)
        return found

    def _home(self, one: Located) -> int:
        """Its own clip's, else one that is seen at its time, else the last before it."""
        latest = [i for column in self._columns.values() for i in self._before(column, one.record)]
        over = [index for index in latest if one.record < self._spans[index].until]
        own = [i for i in over if one.home and self._spans[i].item is one.home.item]
        others = [i for i in over if not is_score_clip(self._spans[i].item)]
        if over and not own and not others:
            return HEAD
        return (own or others or sorted(latest, reverse=True) or [0])[0]

    def _before(self, column: list[int], record: int) -> list[int]:
        """The last event of a column whose edit point is at or before a frame."""
        after = bisect_right(column, record, key=lambda index: self._spans[index].edit)
        return column[max(0, after - 1) : after]
