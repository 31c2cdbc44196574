"""The events of an edit decision list on the tracks of a timeline, at the list's record positions.

The published adapter loses the first record timecode, leaves locators in record time, takes no note
of drop-frame, refuses overlaps, and moves events whose source and record lengths differ.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from otio_hpm.timeline.edl_clips import clip_of, keep_counting, set_speed
from otio_hpm.timeline.edl_clock import Clock
from otio_hpm.timeline.edl_event import track_order
from otio_hpm.timeline.edl_events import Block, EditList
from otio_hpm.timeline.edl_markers import marker_of
from otio_hpm.timeline.edl_notes import Locator
from otio_hpm.timeline.edl_placing import Placed, placed
from otio_hpm.timeline.exact import rational

_MAX_LANES = 64
"""Tracks that one channel may be spread over, before what overlaps is a broken list."""


class Layout:
    """Places the events of a list on tracks. Raises TimelineError where none can be placed."""

    def __init__(self, events: EditList, clock: Clock) -> None:
        self.events = events
        self.clock = clock
        self.placed, self.warnings = placed(events, clock)
        self.start = min(place.start for place in self.placed)
        self._heads = {(c, p.start): p.head for p in self.placed for c in p.channels if p.head}
        self._of_block: dict[int, list[Placed]] = {}
        for place in self.placed:
            self._of_block.setdefault(id(place.block), []).append(place)

    def timeline(self) -> Any:
        from opentimelineio import schema

        timeline = schema.Timeline(name=self.events.title)
        timeline.global_start_time = rational(self.start, self.clock.rate)
        if self.events.comments:
            timeline.metadata["cmx_3600"] = {"comments": list(self.events.comments)}
        for channel in sorted({c for p in self.placed for c in p.channels}, key=track_order):
            for lane, places in enumerate(self._lanes(channel), start=1):
                name = channel if lane == 1 else f"{channel} ({lane})"
                timeline.tracks.append(self._track(name, channel, places))
        timeline.tracks.markers.extend(self._loose_markers())
        return timeline

    def _lanes(self, channel: str) -> list[list[Placed]]:
        """The channel's events in record order; what overlaps goes to a further lane above.

        The foreground of a key stands above what it is keyed over.
        """
        lanes: list[list[Placed]] = []
        lifted: list[Placed] = []
        mine = [place for place in self.placed if channel in place.channels]
        for place in sorted(mine, key=lambda place: (place.start, place.is_foreground)):
            above = lanes[1:] if place.is_foreground else lanes
            free = next((lane for lane in above if lane[-1].end <= place.start), None)
            if free is not None:
                free.append(place)
            elif len(lanes) < _MAX_LANES:
                lanes.append([place])
            else:
                self._warn(place.event.line, f"too many events overlap on {channel}; left out")
            if free is not lanes[0] and len(lanes) > 1 and not place.is_foreground:
                lifted.append(place)
        if lifted:
            line = min(place.event.line for place in lifted)
            self.warnings.append(
                f"{len(lifted)} events on {channel} overlap others and are put on further tracks,"
                f" first that of line {line}"
            )
        return lanes

    def _track(self, name: str, channel: str, places: Iterable[Placed]) -> Any:
        from opentimelineio import schema

        track = schema.Track(name=name, kind="Audio" if channel.startswith("A") else "Video")
        position = self.start
        for place in places:
            if place.start + place.head > position:
                gap = place.start + place.head - position
                track.append(schema.Gap(duration=self._time(gap)))
            position = place.end + self._tail(place, channel)
            track.extend(self._items(place, position, with_markers=channel == place.channels[0]))
        return track

    def _tail(self, place: Placed, channel: str) -> int:
        """Frames for which an event is seen beyond its end, to the next one's edit point."""
        return self._heads.get((channel, place.end), 0)

    def _items(self, place: Placed, end: int, *, with_markers: bool) -> Iterator[Any]:
        """The event's transition, if it has one, and its clip from edit point to edit point."""
        from opentimelineio.opentime import TimeRange

        clip = clip_of(place.event, place.block)
        drops = self.clock.source_drops(place.event.source_in, place.event, place.block)
        if drops != self.clock.drop_frame:
            keep_counting(clip, drops)
        earliest = place.head if place.speed > 0 else end - place.end
        source = self._time(place.source + earliest * place.speed)
        clip.source_range = TimeRange(source, self._time(end - place.start - place.head))
        if hasattr(clip.media_reference, "start_frame"):
            clip.media_reference.rate = float(self.clock.rate)
            clip.media_reference.available_range = clip.source_range
        set_speed(clip, place.speed)
        if with_markers:
            clip.markers.extend(self._markers(place))
        if place.event.edit not in ("C", "KB", "KO") and place.event.length:
            yield self._transition(place, clip.name)
        if clip.source_range.duration.value > 0:
            yield clip

    def _transition(self, place: Placed, name: str) -> Any:
        """A transition that begins at the event's record in, as in every edit decision list.

        Its edit point is there too, but where a comment of ours tells another.
        """
        from opentimelineio import schema

        event = place.event
        kind = "SMPTE_Wipe" if event.edit.startswith("W") else "SMPTE_Dissolve"
        outgoing = place.block.notes.names.get("FROM")
        from_words = f" from {outgoing}" if outgoing and outgoing != name else ""
        return schema.Transition(
            name=f"{kind}{from_words} to {name}",
            transition_type=kind,
            in_offset=self._time(place.head),
            out_offset=self._time(min(event.length or 0, place.length) - place.head),
            metadata={"cmx_3600": {"transition": event.edit, "transition_duration": event.length}},
        )

    def _markers(self, place: Placed) -> Iterator[Any]:
        """The locators inside the event, in the clip's source time."""
        pace = place.speed or Fraction(1)
        first = place.source if pace > 0 else place.source - pace * place.length - 1
        start = place.start if place.speed else place.start + place.head
        for locator, position in self._located(place.block.notes.locators):
            if self._owner(place.block, position, locator) is place:
                length = self._length(locator, position) * abs(pace)
                at = first + (position - start) * pace
                if pace < 0 and length:
                    at -= length - 1
                yield marker_of(locator, at, length, self.clock.rate)

    def _loose_markers(self) -> Iterator[Any]:
        """Locators on the timeline itself: its own, and those outside the events above them."""
        for block in (None, *self.events.blocks):
            notes = block.notes if block else self.events.head
            for locator, position in self._located(notes.locators):
                if block is None or self._owner(block, position, locator) is None:
                    length = Fraction(self._length(locator, position))
                    at = Fraction(position - self.start)
                    yield marker_of(locator, at, length, self.clock.rate)

    def _length(self, locator: Locator, position: int) -> int:
        """Record frames of a locator that begins at a position; 0 where it has no length."""
        with contextlib.suppress(ValueError):
            return max(0, self.clock.record(locator.until) - position)
        return 0

    def _owner(self, block: Block, position: int, locator: Locator) -> Placed | None:
        """The first of a block's events that is seen at a record frame; none for the timeline's."""
        mine = () if locator.is_timelines else self._of_block.get(id(block), ())
        return next((place for place in mine if self._is_seen(place, position)), None)

    def _is_seen(self, place: Placed, position: int) -> bool:
        end = place.end + self._tail(place, place.channels[0])
        return place.start + place.head <= position < end

    def _located(self, locators: Iterable[Locator]) -> Iterator[tuple[Locator, int]]:
        """Locators with their record frames, less those whose timecode is none."""
        for locator in locators:
            with contextlib.suppress(ValueError):
                yield locator, self.clock.record(locator.record)

    def _warn(self, line: int, words: str) -> None:
        self.warnings.append(f"line {line}: {words}")

    def _time(self, frames: int | Fraction) -> Any:
        return rational(frames, self.clock.rate)
