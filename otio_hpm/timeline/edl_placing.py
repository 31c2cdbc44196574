"""Where the events of an edit decision list stand: record and source ranges, speed, edit point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.edl_clips import speed_of
from otio_hpm.timeline.edl_clock import Clock, source_key
from otio_hpm.timeline.edl_event import Event, track_order
from otio_hpm.timeline.edl_events import Block, EditList
from otio_hpm.timing import may_drop


@dataclass(frozen=True, kw_only=True, eq=False)
class Placed:
    """An event's place, in frames of timecode."""

    event: Event
    block: Block
    channels: tuple[str, ...]
    start: int
    end: int
    source: Fraction
    """First frame of its source range, in frames of the list."""
    speed: Fraction
    """Source frames per record frame; 0 is frozen."""
    head: int
    """Frames of its transition before the edit point, which are the clip's before it."""

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def is_foreground(self) -> bool:
        return self.event.edit in ("K", "KO")


def placed(events: EditList, clock: Clock) -> tuple[list[Placed], list[str]]:
    """The events of a list with their places, in its order, and what of it is not followed.

    Raises TimelineError where none can be placed.
    """
    placing = _Placing(events, clock)
    found = list(placing.place_all())
    placing.report_silent()
    if not found:
        warnings = placing.warnings
        because = warnings[0] if warnings else "each is the outgoing side of another"
        raise TimelineError(
            f"{clock.name} holds no event that can be placed; {because}",
            hint="check the list, --rate and --tc",
        )
    placing.report()
    return found, placing.warnings


class _Placing:
    """Places events, and gathers what is said of them together."""

    def __init__(self, events: EditList, clock: Clock) -> None:
        self.events = events
        self.clock = clock
        self.warnings: list[str] = []
        self._differing: list[Event] = []
        self._elsewhere: list[Event] = []
        self._silent: list[Event] = []

    def place_all(self) -> Iterator[Placed]:
        mixed_from = {e.record_in for e in self.events.events if e.edit != "C"}
        for block in self.events.blocks:
            for event in block.events:
                goes_out = event.edit == "C" and event.record_in in mixed_from
                try:
                    yield from self._placed(event, block, goes_out)
                except ValueError as error:
                    self._warn(event.line, f"{error}; the event is left out")

    def _placed(self, event: Event, block: Block, goes_out: bool) -> Iterator[Placed]:
        """The event's place; none for the outgoing side of a transition, if that is empty.

        Raises ValueError, which says why it cannot be placed.
        """
        start, end = self.clock.record(event.record_in), self.clock.record(event.record_out)
        first, last = self._source(event, block)
        if end < start:
            raise ValueError("record out is before record in")
        if end == start:
            if goes_out:
                return
            raise ValueError("it is not longer than 0 frames")
        channels = sorted({*event.channels, *block.notes.channels}, key=track_order)
        if not channels:
            self._silent.append(event)
            return
        speed = speed_of(event, block, self.clock.rate)
        if speed is None and block.notes.is_frozen and abs(last - first) <= 1 < end - start:
            speed = Fraction(0)
        self._check(event, abs(abs(last - first) - (end - start)) < 1 or speed is not None)
        if last < first and (speed is None or speed > 0):
            self._warn(event.line, "source out is before source in; it runs forwards from there")
        yield Placed(
            event=event,
            block=block,
            channels=tuple(channels),
            start=start,
            end=end,
            source=last if speed is not None and speed < 0 and last < first else first,
            speed=Fraction(1) if speed is None else speed,
            head=self._head(event, block, start, end),
        )

    def _source(self, event: Event, block: Block) -> tuple[Fraction, Fraction]:
        """Source in and out, in frames of the list."""
        if source_key(event, block) in self.clock.source_rates:
            self._elsewhere.append(event)
        times = (event.source_in, event.source_out)
        return self.clock.source(times[0], event, block), self.clock.source(times[1], event, block)

    def _head(self, event: Event, block: Block, start: int, end: int) -> int:
        """Frames of an event's transition before its edit point, where a comment of ours says."""
        if not (block.notes.edit_point and event.is_transition and event.length):
            return 0
        edit = self.clock.record(block.notes.edit_point)
        return min(max(0, edit - start), event.length, end - start)

    def _check(self, event: Event, fits: bool) -> None:
        """Say what of an event is not followed."""
        if not fits:
            self._differing.append(event)
        if event.length is None and event.is_transition:
            self._warn(event.line, "its transition has no length and is a cut")
        if event.edit == "KO" and event.length:
            self._warn(event.line, f"the key's fade out of {event.length} frames is not followed")

    def report_silent(self) -> None:
        """Say which events are on no channel."""
        if self._silent:
            count, line = len(self._silent), self._silent[0].line
            which = f"line {line}: this event is" if count == 1 else f"{count} events are"
            first = "" if count == 1 else f", first that of line {line}"
            self.warnings.append(f"{which} on no channel (NONE without an AUD line){first}")

    def report(self) -> None:
        """Say what is true of the whole list."""
        for locator in self.events.locators:
            try:
                self.clock.record(locator.record)
            except ValueError as error:
                self._warn(locator.line, f"{error}; the locator is left out")
        if self._differing:
            first = self._differing[0]
            self.warnings.append(
                f"source and record lengths differ without a speed (events: {len(self._differing)}"
                f"; first in event {first.number}, line {first.line}); record time was kept"
            )
        if self._elsewhere:
            first = self._elsewhere[0]
            self.warnings.append(
                f"the sources of {len(self._elsewhere)} events count more frames a second than the"
                f" list, first of that in line {first.line}, and are read at their own rate"
            )
        counting = [event for event in self.events.events if event.drop_frame is not None]
        changed = [e for e in counting if e.drop_frame != counting[0].drop_frame]
        if changed and may_drop(self.clock.rate):
            self._warn(changed[0].line, "FCM has changed; it is taken to mean source timecode")

    def _warn(self, line: int, words: str) -> None:
        self.warnings.append(f"line {line}: {words}")
