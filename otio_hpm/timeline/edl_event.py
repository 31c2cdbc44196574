"""One event line of an edit decision list (CMX 3600), before any rate is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from otio_hpm.timeline.edl_notes import TIMECODE

_DIGITS = re.compile(r"\d{1,8}")
_NUMBER = re.compile(r"[A-Z]{0,3}\d+[A-Z]?", re.IGNORECASE)
_EDIT = re.compile(r"C|D|W\d{1,3}|K[BO]?")
_DISSOLVE_WITH_LENGTH = re.compile(r"D(\d{2,3})")
_CHANNELS = {"B": "VA", "NONE": ""}
_JOINED = re.compile(r"V\d{0,2}(?:A\d?)*|(?:A\d?)+V?")
_DIGITS_AFTER_A = re.compile(r"(V?)A(\d{2,4})(V?)")
_LAST_FRAME = 120


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
    remark: str = ""
    """What of the line had to be supplied, in words."""

    @property
    def is_transition(self) -> bool:
        """Whether it dissolves or wipes from what is before it."""
        return self.edit[0] in "DW"

    @property
    def last_record_frame(self) -> int:
        """The highest frame number of its record timecode; 0 of numbers of frames."""
        return max(map(_frame_number, (self.record_in, self.record_out)))

    @property
    def last_source_frame(self) -> int:
        """The same of its source timecode."""
        return max(map(_frame_number, (self.source_in, self.source_out)))


def is_like_event(words: list[str], before: str = "0") -> bool:
    """Whether a line is an event's, well formed or not, and no note that begins with digits.

    `before` is the number of the event above it: a line that counts on from there, and has a kind
    of edit or a timecode, is one that was cut short or broken; and one that has all but a number is
    one whose number was.
    """
    if words[0].startswith("*"):
        return False
    has_edit = any(_EDIT.fullmatch(word.upper()) for word in words[1:])
    timecodes = sum(word.count(":") + word.count(";") >= 2 for word in words)
    if not words[0][0].isdecimal():
        return timecodes >= 4 and has_edit
    times = len(words) > 6 and all(_is_time(word) for word in words[-4:])
    if _counts_on(words[0], before):
        return timecodes > 0 or has_edit
    return timecodes >= 3 or (times and has_edit)


def event_of(words: list[str], line: int, drop_frame: bool | None) -> tuple[Event, str]:
    """An event from its words, and what stands behind its times.

    Raises ValueError, which says what is wrong.
    """
    at = _first_time(words)
    times, head, rest = words[at : at + 4], words[1:at], " ".join(words[at + 4 :])
    if not _NUMBER.fullmatch(words[0]):
        raise ValueError(f"{words[0]} is no event number")
    if wrong := next((time for time in times if not _may_be_time(time)), None):
        raise ValueError(f"{wrong} is a timecode at no rate")
    length = int(head.pop()[:9]) if head and head[-1].isdecimal() and len(head) > 2 else None
    edit, length, remark = _edit(head, length)
    channels = head.pop() if head else ""
    event = Event(
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
        remark=remark,
    )
    return event, rest


def track_order(name: str) -> tuple[bool, int, str]:
    """Picture before sound, then by number."""
    digits = re.sub(r"\D", "", name)
    return name.startswith("A"), int(digits or 0), name


def _counts_on(number: str, before: str) -> bool:
    are_numbers = len(number) > 2 and all(map(_DIGITS.fullmatch, (number, before)))
    return are_numbers and int(number) - int(before) in (0, 1)


def _frame_number(time: str) -> int:
    """The frames of a timecode; 0 of a number of frames, which excludes no rate."""
    return 0 if _DIGITS.fullmatch(time) else int(re.split(r"[:;.,]", time)[-1])


def _is_time(word: str) -> bool:
    return bool(TIMECODE.fullmatch(word) or _DIGITS.fullmatch(word))


def _first_time(words: list[str]) -> int:
    """Where four timecodes in a row begin; else the last four words, if source and record are
    each two timecodes or two numbers of frames.

    Raises ValueError.
    """
    last = len(words) - 4
    for at in range(2, last + 1):
        if all(map(TIMECODE.fullmatch, words[at : at + 4])):
            return at
    pairs = (words[-4:-2], words[-2:])
    kinds = [[bool(TIMECODE.fullmatch(word)) for word in pair] for pair in pairs]
    if last < 1 or not all(map(_is_time, words[-4:])) or any(one != two for one, two in kinds):
        raise ValueError("it does not end in four times")
    return last


def _edit(head: list[str], length: int | None) -> tuple[str, int | None, str]:
    """Take the kind of edit from the end of the words: `C`, `W001`, `K B`, `KB (F)`, `D012`.

    Where there is none, as Avid leaves it out for effects of its own, it is a dissolve if it has a
    length, else a cut. Returns that, its length, and what had to be supplied.
    """
    if head and head[-1].upper() == "(F)":  # the background fades first; its own line says so
        head.pop()
    kind = head.pop().upper() if head else ""
    if kind in ("B", "O") and head and head[-1].upper() == "K":
        kind = head.pop().upper() + kind
    if glued := _DISSOLVE_WITH_LENGTH.fullmatch(kind):
        return "D", int(glued[1]), ""
    if _EDIT.fullmatch(kind):
        return kind, length, ""
    if not head or not _is_channel(kind):
        raise ValueError(f"{kind or 'nothing'} is no kind of edit")
    head.append(kind)
    kind, word = ("D", "dissolve") if length else ("C", "cut")
    return kind, length, f"this event has no kind of edit, and is taken as a {word}"


def _is_channel(word: str) -> bool:
    try:
        return bool(_tracks(word))
    except ValueError:
        return False


def _tracks(channels: str) -> tuple[str, ...]:
    """Track names of the column of channels, picture first: AA/V is V, A1, A2; NONE is none."""
    found: set[str] = set()
    for part in channels.split("/"):
        if many := _DIGITS_AFTER_A.fullmatch(part):  # VA12 is V, A1, A2; A12 is one track
            picture = many[1] or many[3]
            digits = many[2] if picture else [many[2]]
            found |= {picture, *(f"A{int(digit)}" for digit in digits)} - {""}
        elif part in _CHANNELS or _JOINED.fullmatch(part):
            found.update(_named(re.findall(r"V\d*|A\d*", _CHANNELS.get(part, part))))
        else:
            raise ValueError(f"{channels or 'nothing'} is no channel")
    return tuple(sorted(found, key=track_order))


def _named(tokens: list[str]) -> Iterator[str]:
    """Tracks with their numbers: an A without one is the next channel of sound."""
    plain = 0
    for token in tokens:
        plain += token == "A"
        yield f"A{plain}" if token == "A" else token


def _may_be_time(time: str) -> bool:
    parts = [int(part) for part in re.split(r"[:;.,]", time)]
    return len(parts) == 1 or (max(parts[1:3]) < 60 and parts[3] < _LAST_FRAME)
