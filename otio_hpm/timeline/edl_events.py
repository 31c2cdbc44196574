"""The lines of an edit decision list (CMX 3600), before any rate is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.edl_notes import TIMECODE, Locator, Notes, without_asterisks
from otio_hpm.timing import FRAME_RATES, may_drop, nominal

_FRAMES = re.compile(r"\d{1,8}")
_NUMBER = re.compile(r"\d+[A-Z]?")
_EDIT = re.compile(r"C|D|W\d{1,3}|K[BO]?")
_FCM = re.compile(r"FCM:?\s*(NON[- ]?)?DROP", re.IGNORECASE)
_TITLE = re.compile(r"TITLE:\s*(.*)", re.IGNORECASE)
_CHANNELS = {"A": "A1", "AA": "A1 A2", "B": "V A1", "NONE": ""}
_JOINED = re.compile(r"V\d{0,2}(?:A\d)*|(?:A\d)+")
_DIGITS_AFTER_A = re.compile(r"(V?)A(\d{2,4})")
_LAST_FRAME = 120
_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event line."""

    line: int
    """Line number in the file, for messages."""
    number: str
    reel: str
    """As written; empty where the column is."""
    channels: tuple[str, ...]
    """Tracks of the column of channels: `V`, `A1`..."""
    edit: str
    """C for a cut, D for a dissolve, W and digits for a wipe, KB, K and KO for a key."""
    length: int | None
    """Frames of the transition; None where there is no such column."""
    source_in: str
    """Timecode, or a number of frames."""
    source_out: str
    record_in: str
    record_out: str
    drop_frame: bool | None
    """What the FCM line in force says."""

    @property
    def times(self) -> tuple[str, ...]:
        """Source in and out, record in and out."""
        return self.source_in, self.source_out, self.record_in, self.record_out

    @property
    def is_transition(self) -> bool:
        """Whether it dissolves or wipes from what is before it."""
        return self.edit[0] in "DW"


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
        """The highest frame number of any timecode of an event."""
        return max(_frame_number(time) for event in self.events for time in event.times)

    def later_than(self, rate: Fraction) -> list[Event]:
        """Events whose record timecode has a frame number that a rate does not reach."""
        return [
            event
            for event in self.events
            if max(map(_frame_number, (event.record_in, event.record_out))) >= nominal(rate)
        ]

    def possible_rates(self) -> list[Fraction]:
        """The rates that frame numbers and drop-frame counting do not exclude."""
        above = self.last_frame_number
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
        elif _is_like_event(words := line.split()):
            _add_event(found, words, number, drop_frame, split)
        else:
            _add_note(found, line, number)
    found.comments = found.head.comments + found.comments
    if not any(found.events):
        because = f" that can be read; {found.warnings[0]}" if found.warnings else ""
        raise TimelineError(f"{name} holds no events{because}", hint="is it an edit decision list?")
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    stripped = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return ((number, line) for number, line in stripped if line)


def _is_like_event(words: list[str]) -> bool:
    """Whether a line is an event's, well formed or not, and no note that begins with digits."""
    if not words[0][0].isdecimal():
        return False
    timecodes = sum(word.count(":") + word.count(";") >= 2 for word in words)
    frames = len(words) > 6 and all(_FRAMES.fullmatch(word) for word in words[-4:])
    return timecodes >= 3 or (frames and any(_EDIT.fullmatch(word) for word in words[1:-4]))


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
        last.events.append(_event(words, line, drop_frame))
    except ValueError as error:
        shown = " ".join(words)[:_SHOWN]
        found.warnings.append(f"line {line}: this event cannot be read ({error}): {shown}")


def _add_note(found: EditList, line: str, number: int) -> None:
    """Keep a line that is no event with the event above it."""
    if line.startswith(">>>"):
        found.comments.append(without_asterisks(line))
        return
    notes = found.blocks[-1].notes if found.blocks else found.head
    if said := notes.add(line, number):
        found.warnings.append(f"line {number}: {said}")


def _event(words: list[str], line: int, drop_frame: bool | None) -> Event:
    """An event from its words. Raises ValueError, which says what is wrong."""
    times, head = words[-4:], words[1:-4]
    if not _NUMBER.fullmatch(words[0]):
        raise ValueError(f"{words[0]} is no event number")
    if not all(map(TIMECODE.fullmatch, times)) and not all(map(_FRAMES.fullmatch, times)):
        raise ValueError("it does not end in four times")
    if wrong := next((time for time in times if not _may_be_time(time)), None):
        raise ValueError(f"{wrong} is a timecode at no rate")
    length = int(head.pop()[:9]) if head and head[-1].isdecimal() and len(head) > 2 else None
    edit, channels = _edit(head), head.pop() if head else ""
    return Event(
        line=line,
        number=words[0],
        reel=" ".join(head),
        channels=_tracks(channels.upper()),
        edit=edit,
        length=length,
        source_in=times[0],
        source_out=times[1],
        record_in=times[2],
        record_out=times[3],
        drop_frame=drop_frame,
    )


def _edit(head: list[str]) -> str:
    """Take the kind of edit from the end of the words: `C`, `W001`, `K B`, `KB (F)`."""
    if head and head[-1].upper() == "(F)":  # the background fades first; its own line says so
        head.pop()
    kind = head.pop().upper() if head else ""
    if kind in ("B", "O") and head and head[-1].upper() == "K":
        kind = head.pop().upper() + kind
    if not _EDIT.fullmatch(kind):
        raise ValueError(f"{kind or 'nothing'} is no kind of edit")
    return kind


def _tracks(channels: str) -> tuple[str, ...]:
    """Track names of the column of channels, picture first: AA/V is V, A1, A2; NONE is none."""
    found: set[str] = set()
    for part in channels.split("/"):
        if many := _DIGITS_AFTER_A.fullmatch(part):  # VA12 is V, A1, A2; A12 is one track
            digits = many[2] if many[1] else [many[2]]
            found |= {many[1], *(f"A{int(digit)}" for digit in digits)} - {""}
        elif part in _CHANNELS or _JOINED.fullmatch(part):
            found.update(re.findall(r"V\d*|A\d+", _CHANNELS.get(part, part)))
        else:
            raise ValueError(f"{channels or 'nothing'} is no channel")
    return tuple(sorted(found, key=track_order))


def track_order(name: str) -> tuple[bool, int, str]:
    """Picture before sound, then by number."""
    digits = re.sub(r"\D", "", name)
    return name.startswith("A"), int(digits or 0), name


def _may_be_time(time: str) -> bool:
    parts = [int(part) for part in re.split(r"[:;.,]", time)]
    return len(parts) == 1 or (max(parts[1:3]) < 60 and parts[3] < _LAST_FRAME)


def _frame_number(time: str) -> int:
    """The frames of a timecode; 0 of a number of frames, which excludes no rate."""
    return 0 if _FRAMES.fullmatch(time) else int(re.split(r"[:;.,]", time)[-1])
