"""The lines of an edit decision list (CMX 3600), before any rate is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.timing import FRAME_RATES, may_drop, nominal

_TIMECODE = r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2}"
_EVENT = re.compile(
    r"(?P<number>\d+)\s+(?P<reel>\S.*?)\s+(?P<channels>\S+)\s+"
    r"(?P<edit>C|D|W\d{3}|K[BO]?)\s+(?:(?P<length>\d{1,4})\s+)?"
    rf"(?P<source_in>{_TIMECODE})\s+(?P<source_out>{_TIMECODE})\s+"
    rf"(?P<record_in>{_TIMECODE})\s+(?P<record_out>{_TIMECODE})$"
)
_LIKE_EVENT = re.compile(r"\d+\s.*(\d[:;]\d\d[:;]\d\d.*){3}")
_FCM = re.compile(r"FCM:?\s*(NON[- ]?)?DROP", re.IGNORECASE)
_LOCATOR = re.compile(rf"\*?\s*LOC:?\s+({_TIMECODE})\s*(\S*)\s*(.*)", re.IGNORECASE)
_SPEED = re.compile(rf"M2:?\s+(.*?)\s*(-?\d*\.?\d+)\s+{_TIMECODE}$")


@dataclass(frozen=True, kw_only=True)
class Locator:
    """A `* LOC:` line: a marker in record time."""

    record: str
    """Record timecode."""
    color: str
    text: str


@dataclass(kw_only=True)
class Event:
    """One event line, and the comment lines under it."""

    line: int
    """Line number in the file, for messages."""
    number: str
    reel: str
    channels: str
    """As written: V, A2, AA/V, B..."""
    edit: str
    """C for a cut, D for a dissolve, W and three digits for a wipe, K for a key."""
    length: int
    """Frames of the transition; 0 for a cut."""
    source_in: str
    source_out: str
    record_in: str
    record_out: str
    drop_frame: bool | None
    """What the FCM line in force says."""
    comments: list[str] = field(default_factory=list)
    """The lines under it that are neither locators nor speeds."""
    locators: list[Locator] = field(default_factory=list)
    speeds: list[tuple[str, Fraction]] = field(default_factory=list)
    """(reel, frames per second) of its M2 lines."""


@dataclass(kw_only=True)
class EditList:
    """An edit decision list as its lines."""

    title: str = ""
    events: list[Event] = field(default_factory=list)
    locators: list[Locator] = field(default_factory=list)
    """Locators that stand above the first event."""

    @property
    def drop_frame(self) -> bool | None:
        """Whether record time counts drop-frame; None where the list does not say."""
        if any(";" in event.record_in for event in self.events):
            return True
        return next((e.drop_frame for e in self.events if e.drop_frame is not None), None)

    @property
    def last_frame_number(self) -> int:
        """The highest number in a frames field."""
        return max(int(text[-2:]) for event in self.events for text in _timecodes(event))

    def possible_rates(self) -> list[Fraction]:
        """The rates that frame numbers and drop-frame counting do not exclude."""
        above = self.last_frame_number
        possible = [rate for rate in FRAME_RATES if above < nominal(rate) <= 60]
        return [rate for rate in possible if may_drop(rate) or not self.drop_frame]


def read_events(text: str, name: str) -> EditList:
    """The events in the text of file `name`.

    Raises TimelineError for a line that is an event's but cannot be read, and for no events.
    """
    found = EditList()
    drop_frame: bool | None = None
    for number, line in _lines(text):
        if line.upper().startswith("TITLE:"):
            found.title = line[6:].strip()
        elif fcm := _FCM.match(line):
            drop_frame = not fcm[1]
        elif event := _EVENT.match(line):
            found.events.append(_event(event, number, drop_frame))
        elif _LIKE_EVENT.match(line):
            raise TimelineError(f"{name}, line {number}: this event cannot be read: {line}")
        else:
            _note(line, found)
    if not found.events:
        raise TimelineError(f"{name} holds no events", hint="is it an edit decision list?")
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    stripped = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return ((number, line) for number, line in stripped if line)


def _event(match: re.Match[str], line: int, drop_frame: bool | None) -> Event:
    fields: dict[str, Any] = match.groupdict()
    length = int(fields.pop("length") or 0)
    return Event(line=line, drop_frame=drop_frame, length=length, **fields)


def _note(line: str, found: EditList) -> None:
    """Keep a line that is no event with the event above it."""
    event = found.events[-1] if found.events else None
    if locator := _LOCATOR.match(line):
        kept = Locator(record=locator[1], color=locator[2], text=locator[3].strip())
        (event or found).locators.append(kept)
    elif event and (speed := _SPEED.match(line)):
        event.speeds.append((speed[1], Fraction(speed[2])))
    elif event:
        event.comments.append(line)


def _timecodes(event: Event) -> tuple[str, ...]:
    return event.source_in, event.source_out, event.record_in, event.record_out
