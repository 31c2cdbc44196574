"""Marker lists: what every format of them tells, and gathering it line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from otio_hpm.interchange.losses import Loss
from otio_hpm.timing import format_timecode, may_drop, parse_timecode

TIMECODE = re.compile(r"\d{1,3}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}")
"""Text that is meant as timecode."""
_FRAMES = re.compile(r"\d{1,9}")
_MOST_WARNINGS = 100
_LONGEST = 200
"""Characters of a warning that are shown."""


@dataclass(frozen=True, kw_only=True)
class ListedMarker:
    """A marker as a list tells it."""

    in_frames: int
    """Record timecode of its first frame, as a frame number."""
    out_frames: int
    """Record timecode where it ends, exclusive; `in_frames` where it is a moment."""
    name: str = ""
    note: str = ""
    color: str = ""
    """OpenTimelineIO's word for its colour, or the list's own where there is none."""
    original_color: str = ""
    """The list's word for its colour; empty where that is OpenTimelineIO's."""
    track: str = ""
    """The track it is on, as V1, A2 or TC1; empty where the list does not say."""
    settings: str = ""
    """Settings of a mark beside its text, as `cue=1m1 style=melody`."""
    line: int = field(default=0, compare=False)
    """Line of the file, for messages."""


@dataclass(frozen=True, kw_only=True)
class MarkerList:
    """A file of markers as read."""

    kind: str
    """What it is, in words."""
    markers: tuple[ListedMarker, ...]
    """In the file's order, which need not be that of time."""
    replaces: bool = False
    """Whether it is our own spotting sheet: what it says of a place is said anew."""
    warnings: tuple[str, ...] = ()
    """What was not understood, a sentence each, naming file and line."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How the timeline that a list belongs to counts record time."""

    rate: Fraction
    drop_frame: bool

    def timecode(self, frames: int) -> str:
        """Timecode of a frame number."""
        return format_timecode(frames, self.rate, self.drop_frame)

    def counts_drop_frame(self, text: str, stated: bool | None) -> bool:
        """Whether a timecode is drop-frame: by its `;`, by what its file says, as the timeline."""
        wanted = ";" in text or (self.drop_frame if stated is None else stated)
        return wanted and may_drop(self.rate)


def losses(found: Iterable[tuple[Sequence[ListedMarker], str]]) -> tuple[str, ...]:
    """A sentence for each kind of loss: the markers that have it, and what has become of them."""
    return tuple(_loss(markers, what) for markers, what in found if markers)


def _loss(markers: Sequence[ListedMarker], what: str) -> Loss:
    names = [repr(marker.name) for marker in markers]
    if len(names) == 1:
        return Loss(f"marker {names[0]}: {what}")
    many = f"{len(names)} markers"
    return Loss(f"{many}, {', '.join(names)}: {what}", f"{many}, the first {names[0]}: {what}")


class ListBuilder:
    """Gathers the markers of one file; what cannot be read becomes a warning."""

    def __init__(self, file: str, clock: Clock, drop_frame: bool | None = None) -> None:
        """`drop_frame` is what the file states of its counting, None where it says nothing."""
        self._file = file
        self._clock = clock
        self.drop_frame = drop_frame
        self._markers: list[ListedMarker] = []
        self._warnings: list[str] = []
        self._unsaid = 0
        self._countings: set[bool] = set()

    def add(self, line: int, record: str, *, length: str = "", out: str = "", **texts: str) -> None:
        """A marker at a timecode, with its length as frames or timecode, or its out, if any."""
        try:
            start = self._frames(record)
        except ValueError as error:
            self.warn(line, f"{error}; this marker is left out")
            return
        end = self._end(line, start, length.strip(), out.strip())
        self._markers.append(ListedMarker(in_frames=start, out_frames=end, line=line, **texts))

    def warn(self, line: int, words: str) -> None:
        """Something that is not understood; after a hundred of them they are only counted."""
        if len(self._warnings) < _MOST_WARNINGS:
            shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]} ..."
            self._warnings.append(f"{self._file}, line {line}: {shown}")
        else:
            self._unsaid += 1

    def built(self, kind: str, *, replaces: bool = False) -> MarkerList:
        """All that was gathered."""
        more = [f"{self._file}: {self._unsaid} more lines like these"] if self._unsaid else []
        return MarkerList(
            kind=kind,
            markers=tuple(self._markers),
            replaces=replaces,
            warnings=(*self._warnings, *more, *self._other_counting()),
        )

    def _frames(self, text: str) -> int:
        drop_frame = self._clock.counts_drop_frame(text, self.drop_frame)
        frames = parse_timecode(text, self._clock.rate, drop_frame)
        self._countings.add(drop_frame)
        return frames

    def _end(self, line: int, start: int, length: str, out: str) -> int:
        """Where a marker ends: its length goes before its out, of which systems differ."""
        wrong = []
        for read, text in ((self._after, length), (self._out, out)):
            try:
                if text:
                    return read(start, text)
            except ValueError as error:
                wrong.append(str(error))
        if wrong:
            self.warn(line, f"{'; '.join(wrong)}; this marker is taken as a moment")
        return start

    def _after(self, start: int, length: str) -> int:
        return start + (int(length) if _FRAMES.fullmatch(length) else self._frames(length))

    def _out(self, start: int, out: str) -> int:
        end = self._frames(out)
        if end < start:
            raise ValueError(f"its out, {out}, is before its in")
        return end

    def _other_counting(self) -> list[str]:
        """What to say of a list that does not count as the timeline does."""
        if self._countings <= {self._clock.drop_frame}:
            return []
        words = {True: "drop-frame", False: "non-drop-frame"}
        own = self._clock.drop_frame
        return [
            f"{self._file} counts {words[not own]}, and the timeline {words[own]}; "
            "each of its timecodes is taken as the frame that it names"
        ]
