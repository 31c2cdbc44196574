"""The events of an edit decision list on the tracks of a timeline, at the list's record positions.

The published adapter reads each event's clip; positions are set here, because it loses the first
record timecode, leaves locators in record time, takes no note of drop-frame, and moves events
whose source and record lengths differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.edl_clips import clip_of, set_speed
from otio_hpm.timeline.edl_events import EditList, Event, Locator
from otio_hpm.timeline.exact import rational
from otio_hpm.timing import may_drop, parse_timecode

_CHANNELS = {"A": "A1", "AA": "A1 A2", "B": "V A1", "AA/V": "V A1 A2"}


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Timecode of one list as frame numbers."""

    name: str
    """The list's file name, for messages."""
    rate: Fraction
    drop_frame: bool
    """Whether record time counts drop-frame."""

    def record(self, text: str, line: int = 0) -> int:
        return self._frames(text, self.drop_frame, line)

    def source(self, text: str, event: Event) -> int:
        """Source time counts as its own punctuation or the FCM line above it says."""
        drop_frame = (";" in text or bool(event.drop_frame)) and may_drop(self.rate)
        return self._frames(text, drop_frame, event.line)

    def _frames(self, text: str, drop_frame: bool, line: int) -> int:
        try:
            return parse_timecode(text.replace(",", ":"), self.rate, drop_frame)
        except ValueError as error:
            where = f", line {line}" if line else ""
            raise TimelineError(
                f"{self.name}{where}: {error}", hint="check --rate and --tc"
            ) from error


@dataclass(frozen=True)
class _Placed:
    """An event's place on the record side, in frames of timecode."""

    event: Event
    start: int
    end: int


class Layout:
    """Places the events of a list on tracks."""

    def __init__(self, events: EditList, clock: Clock) -> None:
        self.events = events
        self.clock = clock
        self.warnings: list[str] = []
        self.placed = [place for event in events.events if (place := self._placed(event))]
        if not self.placed:
            raise TimelineError(f"{clock.name} holds no event longer than 0 frames")
        self.start = min(place.start for place in self.placed)

    def timeline(self) -> Any:
        from opentimelineio import schema

        timeline = schema.Timeline(name=self.events.title)
        timeline.global_start_time = rational(self.start, self.clock.rate)
        for channel in sorted({c for p in self.placed for c in _channels(p.event)}, key=_order):
            for lane, places in enumerate(self._lanes(channel), start=1):
                name = channel if lane == 1 else f"{channel} ({lane})"
                timeline.tracks.append(self._track(name, channel, places))
        timeline.tracks.markers.extend(self._loose_markers())
        self._report_lengths()
        return timeline

    def _placed(self, event: Event) -> _Placed | None:
        """The event's place; None for the empty outgoing side of a transition."""
        start = self.clock.record(event.record_in, event.line)
        end = self.clock.record(event.record_out, event.line)
        if end < start:
            raise TimelineError(f"{self.clock.name}, line {event.line}: record out is before in")
        return _Placed(event, start, end) if end > start else None

    def _lanes(self, channel: str) -> list[list[_Placed]]:
        """The channel's events in record order; what overlaps goes to a further lane above."""
        lanes: list[list[_Placed]] = []
        mine = [place for place in self.placed if channel in _channels(place.event)]
        for place in sorted(mine, key=lambda place: place.start):
            free = next((lane for lane in lanes if lane[-1].end <= place.start), None)
            if free is None:
                lanes.append([place])
            else:
                free.append(place)
        if len(lanes) > 1:
            self.warnings.append(f"events on {channel} overlap and are put on further tracks")
        return lanes

    def _track(self, name: str, channel: str, places: Iterable[_Placed]) -> Any:
        from opentimelineio import schema

        track = schema.Track(name=name, kind="Audio" if channel.startswith("A") else "Video")
        position = self.start
        for place in places:
            if place.start > position:
                track.append(schema.Gap(duration=self._time(place.start - position)))
            track.extend(self._items(place, with_markers=channel == _channels(place.event)[0]))
            position = place.end
        return track

    def _items(self, place: _Placed, *, with_markers: bool) -> Iterator[Any]:
        """The event's transition, if it has one, and its clip."""
        from opentimelineio.opentime import TimeRange

        event = place.event
        clip = clip_of(event, self.clock.name)
        source = self.clock.source(event.source_in, event)
        clip.source_range = TimeRange(self._time(source), self._time(place.end - place.start))
        if hasattr(clip.media_reference, "start_frame"):
            clip.media_reference.rate = float(self.clock.rate)
            clip.media_reference.available_range = clip.source_range
        speed = set_speed(clip, event, self.clock.rate)
        if with_markers:
            clip.markers.extend(self._markers(place, source, speed))
        if event.edit != "C" and event.length:
            yield self._transition(place, clip.name)
        yield clip

    def _transition(self, place: _Placed, name: str) -> Any:
        """A transition that begins at the event's record in, as in every edit decision list."""
        from opentimelineio import schema

        event = place.event
        kind = "SMPTE_Dissolve" if event.edit == "D" else "SMPTE_Wipe"
        return schema.Transition(
            name=f"{kind} to {name}",
            transition_type=kind,
            in_offset=self._time(0),
            out_offset=self._time(min(event.length, place.end - place.start)),
            metadata={"cmx_3600": {"transition": event.edit, "transition_duration": event.length}},
        )

    def _markers(self, place: _Placed, source: int, speed: Fraction) -> Iterator[Any]:
        """The locators inside the event, in the clip's source time."""
        length = abs(speed) * (place.end - place.start)
        for locator in place.event.locators:
            offset = self.clock.record(locator.record, place.event.line) - place.start
            if 0 <= offset < place.end - place.start:
                moved = offset * (speed or Fraction(1))
                first = source if speed >= 0 else source + length - 1
                yield self._marker(locator, first + moved)

    def _loose_markers(self) -> list[Any]:
        """Locators that lie outside the event they stand under, on the timeline itself."""
        inside = {
            id(locator)
            for place in self.placed
            for locator in place.event.locators
            if place.start <= self.clock.record(locator.record) < place.end
        }
        above = [*self.events.locators, *(x for e in self.events.events for x in e.locators)]
        return [
            self._marker(locator, Fraction(self.clock.record(locator.record) - self.start))
            for locator in above
            if id(locator) not in inside
        ]

    def _marker(self, locator: Locator, position: Fraction) -> Any:
        from opentimelineio import schema
        from opentimelineio.opentime import RationalTime, TimeRange

        color = locator.color.upper()
        known = hasattr(schema.MarkerColor, color)
        return schema.Marker(
            name=locator.text,
            color=color if known else schema.MarkerColor.RED,
            marked_range=TimeRange(
                RationalTime(float(position), float(self.clock.rate)), self._time(0)
            ),
            metadata={"cmx_3600": {"color": locator.color}},
        )

    def _report_lengths(self) -> None:
        """Say where record time was kept against a source range of another length."""
        differing = [p.event.number for p in self.placed if not p.event.speeds and self._differs(p)]
        if differing:
            self.warnings.append(
                f"source and record lengths differ in {len(differing)} events without a speed,"
                f" first in event {differing[0]}; record time was kept"
            )

    def _differs(self, place: _Placed) -> bool:
        event = place.event
        source_out = self.clock.source(event.source_out, event)
        return source_out - self.clock.source(event.source_in, event) != place.end - place.start

    def _time(self, frames: int) -> Any:
        return rational(frames, self.clock.rate)


def _channels(event: Event) -> list[str]:
    """Track names of an event's channels, picture first: AA/V is V, A1, A2."""
    named = _CHANNELS.get(event.channels.upper(), event.channels)
    found = re.findall(r"V\d*|A\d+", named.upper()) or [named]
    return sorted(found, key=_order)


def _order(channel: str) -> tuple[bool, int, str]:
    """Picture before sound, then by number."""
    digits = re.sub(r"\D", "", channel)
    return channel.startswith("A"), int(digits or 0), channel
