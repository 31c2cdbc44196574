"""The events of an edit decision list (CMX 3600), before any rate is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.edl_event import Event, event_of, is_like_event
from otio_hpm.timeline.edl_notes import Locator, Notes, without_asterisks
from otio_hpm.timing import FRAME_RATES, may_drop, nominal, parse_timecode

_FCM = re.compile(r"FCM:?\s*(NON[- ]?)?DROP", re.IGNORECASE)
_TITLE = re.compile(r"TITLE:\s*(.*)", re.IGNORECASE)
_SHOWN = 100


@dataclass(kw_only=True)
class Block:
    """The lines of one event number, and the notes under them."""

    number: str
    events: list[Event] = field(default_factory=list)
    """Empty where none could be read."""
    notes: Notes = field(default_factory=Notes)


@dataclass(kw_only=True)
class EditList:
    """An edit decision list as its lines."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    head: Notes = field(default_factory=Notes)
    """What stands above the first event."""
    comments: list[str] = field(default_factory=list)
    """Comments that describe the list: those of its head, and Avid's table of sources."""
    warnings: list[str] = field(default_factory=list)
    """What could not be read, with line numbers."""

    @property
    def events(self) -> Iterator[Event]:
        """All event lines that could be read."""
        return (event for block in self.blocks for event in block.events)

    @property
    def locators(self) -> list[Locator]:
        """All locators, in the list's order."""
        notes = (self.head, *(block.notes for block in self.blocks))
        return [locator for one in notes for locator in one.locators]

    @property
    def drop_frame(self) -> bool | None:
        """Whether record time counts drop-frame; None where the list does not say."""
        if any(";" in event.record_in for event in self.events):
            return True
        return next((e.drop_frame for e in self.events if e.drop_frame is not None), None)

    @property
    def last_frame_number(self) -> int:
        """The highest frame number of any timecode of an event, record or source."""
        return max(max(e.last_source_frame, e.last_record_frame) for e in self.events)

    def later_than(self, rate: Fraction) -> list[Event]:
        """Events whose record timecode has a frame number that a rate does not reach."""
        return [event for event in self.events if event.last_record_frame >= nominal(rate)]

    def skipped_number(self, rate: Fraction) -> int:
        """Line of a record timecode that drop-frame skips, of a list that counts so; 0 for none.

        None where the list's own `;` says how it counts, rather than its FCM line.
        """
        if not self.drop_frame or any(";" in event.record_in for event in self.events):
            return 0
        times = ((e.line, time) for e in self.events for time in (e.record_in, e.record_out))
        return next((line for line, time in times if _is_skipped(time, rate)), 0)

    def possible_rates(self) -> list[Fraction]:
        """The rates that record timecode does not exclude; sources may run at other rates."""
        above = max(event.last_record_frame for event in self.events)
        possible = [rate for rate in FRAME_RATES if above < nominal(rate) <= 60]
        return [rate for rate in possible if may_drop(rate) or not self.drop_frame]


def read_events(text: str, name: str) -> EditList:
    """The events in the text of file `name`; what cannot be read is in its warnings.

    Raises TimelineError for a list without an event that can be read.
    """
    found = EditList()
    drop_frame: bool | None = None
    split: list[str] = []
    for number, line in _lines(text):
        if title := _TITLE.fullmatch(line):
            found.title = title[1]
        elif fcm := _FCM.match(line):
            drop_frame = not fcm[1]
        elif line.upper().startswith("SPLIT:"):
            split.append(line)
        elif is_like_event(words := line.split(), found.blocks[-1].number if found.blocks else "0"):
            _add_event(found, words, number, drop_frame, split)
        else:
            _add_note(found, line, number)
    found.comments = found.head.comments + found.comments
    if not any(found.events):
        because = f" that can be read; {found.warnings[0]}" if found.warnings else ""
        hint = "is it an edit decision list?"
        if found.locators:
            hint = "it is a list of markers: give it with --markers to the timeline it belongs to"
        raise TimelineError(f"{name} holds no events{because}", hint=hint)
    return found


def _is_skipped(time: str, rate: Fraction) -> bool:
    try:
        parse_timecode(time.replace(",", ":"), rate, False)
    except ValueError:
        return False
    try:
        parse_timecode(time.replace(",", ":"), rate, True)
    except ValueError:
        return True
    return False


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    stripped = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return ((number, line) for number, line in stripped if line)


def _add_event(
    found: EditList, words: list[str], line: int, drop_frame: bool | None, split: list[str]
) -> None:
    """Read an event line into its block; a line that cannot be read leaves its notes a home."""
    last = found.blocks[-1] if found.blocks else None
    if last is None or last.number != words[0] or not last.notes.is_empty:
        last = Block(number=words[0])
        found.blocks.append(last)
    last.notes.comments += split
    split.clear()
    try:
        event, rest = event_of(words, line, drop_frame)
    except ValueError as error:
        shown = " ".join(words)[:_SHOWN]
        found.warnings.append(f"line {line}: this event cannot be read ({error}): {shown}")
        return
    last.events.append(event)
    last.notes.comments += [rest] if rest else []
    if event.remark:
        found.warnings.append(f"line {line}: {event.remark}")


def _add_note(found: EditList, line: str, number: int) -> None:
    """Keep a line that is no event with the event above it."""
    if line.startswith(">>>"):
        found.comments.append(without_asterisks(line))
        return
    notes = found.blocks[-1].notes if found.blocks else found.head
    if said := notes.add(line, number):
        found.warnings.append(f"line {number}: {said}")
