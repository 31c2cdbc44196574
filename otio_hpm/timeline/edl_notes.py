"""The lines under an event of an edit decision list: names, speeds, locators, grades, comments.

As Avid, Premiere, Resolve, Final Cut Pro 7 and Nucoda write them. A line is read by its words, so
that the widths of columns do not matter.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction

from otio_hpm.interchange.marker_colors import LOCATORS

TIMECODE = re.compile(r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}")
EDIT_POINT = "HPM EDIT POINT"
"""Comment of ours: where in a transition its clips meet, which no line of a list says."""

MARKER = "HPM MARKER"
"""Comment of ours under a locator: what it cannot say of its marker, `TIMELINE`, `TO` timecode."""

_LOCATOR = re.compile(r"\*?\s*LOC(?::|\s)\s*(\S.*)", re.IGNORECASE)
_SPEED = re.compile(r"M2(?::|\s)\s*(.*)", re.IGNORECASE)
_FPS = re.compile(r"[-+]?(?:\d{1,6}(?:\.\d{0,9})?|\.\d{1,9})")
_FPS_WITH_POINT = re.compile(r"[-+]?\d{0,6}\.\d{1,9}")
_FPS_AFTER_REEL = re.compile(r"(.+?)([-+]?\d{3}\.\d{1,9})")
_CHANNELS = re.compile(r"AUD(?::|\s)[\s\d]+", re.IGNORECASE)
_NAME = re.compile(
    r"(?:\*\s*)*(?P<side>FROM|TO|KEY) (?:(?P<name>CLIP NAME:?)|CLIP:|FILE:)\s*(?P<text>.*)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?:\*\s*)*OTIO REFERENCE (?P<side>FROM|TO):\s*(?P<text>.*)")
_MARKER = re.compile(rf"\*\s*{MARKER}:( TIMELINE)?(?: TO ({TIMECODE.pattern}))?")
_EDIT_POINT = re.compile(rf"\*\s*{EDIT_POINT}:\s*({TIMECODE.pattern})")
_REEL = re.compile(r"FINAL CUT PRO REEL:\s*(.+?)\s+REPLACED BY:\s*(\S.*)", re.IGNORECASE)
_FREEZE = re.compile(r"(?:\*\s*)+FREEZE FRAME", re.IGNORECASE)
_GRADE = re.compile(r"\*?\s*ASC_(?P<what>SOP|SAT):?\s*(?P<text>.*)", re.IGNORECASE)
_TRIPLES = re.compile(r"\(([^()]*)\)\s*\(([^()]*)\)\s*\(([^()]*)\)")
_COLOR = re.compile(r"([A-Za-z]+)(\s*)(.*)")
_COLOR_WIDTH = 8


@dataclass(frozen=True, kw_only=True)
class Locator:
    """A `* LOC:` line: a marker in record time."""

    line: int
    """Line number in the file, for messages."""
    record: str
    """Record timecode."""
    color: str
    """As written; empty where there is none."""
    text: str
    until: str = ""
    """Record timecode of its end; empty where it has no length."""
    is_timelines: bool = False
    """Whether it is on the timeline itself, over whichever event it stands under."""


@dataclass(frozen=True, kw_only=True)
class Speed:
    """An `M2` line: frames of source per second of record time, from a source timecode on."""

    reel: str
    """Empty where the line names none."""
    fps: Fraction
    timecode: str
    """Empty where the line has none."""


@dataclass(kw_only=True)
class Notes:
    """What stands under the lines of one event."""

    names: dict[str, str] = field(default_factory=dict)
    """Clip names by side: FROM (also that of a cut), TO of a transition, KEY of a foreground."""
    files: dict[str, str] = field(default_factory=dict)
    """Media by side, as written."""
    locators: list[Locator] = field(default_factory=list)
    speeds: list[Speed] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    """Tracks of an AUD line, which has those that the column of channels has no word for."""
    reels: dict[str, str] = field(default_factory=dict)
    """Whole names of reels by those that had to be cut to the column's width."""
    edit_point: str = ""
    """Record timecode at which the clips of a transition meet; empty where it begins."""
    is_frozen: bool = False
    """A comment says FREEZE FRAME."""
    sop: tuple[tuple[float, ...], ...] | None = None
    """Slope, offset and power of an ASC CDL, each for red, green and blue."""
    saturation: float | None = None
    """Of an ASC CDL."""
    comments: list[str] = field(default_factory=list)
    """All other lines, without their asterisks."""
    is_empty: bool = True

    def add(self, line: str, number: int) -> str:
        """Read one line; says in words what was not understood, and keeps that as a comment."""
        self.is_empty = False
        readers = (self._locator, self._speed, self._name, self._grade, self._other)
        for read in readers:
            said = read(line, number)
            if said is not None:
                break
        if said:
            self._comment(line)
        return said or ""

    def _locator(self, line: str, number: int) -> str | None:
        if not (found := _LOCATOR.fullmatch(line)):
            return None
        record, *rest = found[1].split(None, 1)
        if not TIMECODE.fullmatch(record):
            return f"this locator has no timecode: {line}"
        color, text = _colored("".join(rest))
        self.locators.append(Locator(line=number, record=record, color=color, text=text))
        return ""

    def _speed(self, line: str, number: int) -> str | None:
        if not (found := _SPEED.fullmatch(line)):
            return None
        speed = _speed_of(found[1].split())
        if speed is None:
            return f"this speed cannot be read: {line}"
        self.speeds.append(speed)
        return ""

    def _name(self, line: str, number: int) -> str | None:
        found = _NAME.fullmatch(line) or _REFERENCE.fullmatch(line)
        if not found:
            return None
        kept = self.names if found.groupdict().get("name") else self.files
        if found["text"]:
            kept[found["side"].upper()] = found["text"]
        return ""

    def _grade(self, line: str, number: int) -> str | None:
        if not (found := _GRADE.fullmatch(line)):
            return None
        try:
            if found["what"].upper() == "SAT":
                self.saturation = _number(found["text"])
            else:
                self.sop = _slope_offset_power(found["text"])
        except ValueError:
            return f"this grade cannot be read: {line}"
        return ""

    def _other(self, line: str, number: int) -> str | None:
        if _CHANNELS.fullmatch(line):
            self.channels += [f"A{int(digits)}" for digits in re.findall(r"\d{1,2}", line)]
        elif _FREEZE.fullmatch(line):
            self.is_frozen = True
        elif found := _REEL.fullmatch(line):
            self.reels[found[2]] = found[1]
        elif found := _EDIT_POINT.fullmatch(line):
            self.edit_point = found[1]
        elif self.locators and (found := _MARKER.fullmatch(line)):
            self.locators[-1] = replace(
                self.locators[-1], is_timelines=bool(found[1]), until=found[2] or ""
            )
        else:
            self._comment(line)
        return ""

    def _comment(self, line: str) -> None:
        if stripped := without_asterisks(line):
            self.comments.append(stripped)


def end_told(line: str) -> str:
    """Record timecode of a marker's end, as a comment of ours under its locator tells; or none."""
    found = _MARKER.fullmatch(line)
    return (found[2] or "") if found else ""


def without_asterisks(line: str) -> str:
    """A comment line's text."""
    return line.lstrip("* \t").rstrip()


def _speed_of(words: list[str]) -> Speed | None:
    """The speed that the words of an M2 line tell: the number before its timecode.

    Flame has words of its own behind the number, and no timecode.
    """
    at = next((i for i, word in enumerate(words) if TIMECODE.fullmatch(word)), None)
    if at is None:
        point = (i + 1 for i, word in enumerate(words) if _FPS_WITH_POINT.fullmatch(word))
        at = next(point, len(words))
    last = words[at - 1] if at else ""
    if not _FPS.fullmatch(last) and (glued := _FPS_AFTER_REEL.fullmatch(last)):
        words[at - 1 : at] = glued.groups()
        at, last = at + 1, glued[2]
    if not _FPS.fullmatch(last):
        return None
    timed = at < len(words) and TIMECODE.fullmatch(words[at]) is not None
    reel = words[: at - 1] + (words[at + 1 :] if timed else [])
    timecode = words[at] if timed else ""
    return Speed(reel=" ".join(reel), fps=Fraction(last), timecode=timecode)


def _colored(text: str) -> tuple[str, str]:
    """Colour and text of a locator: a first word that names a colour, or fills Avid's column."""
    found = _COLOR.fullmatch(text)
    if not found:
        return "", text
    color, space, rest = found.groups()
    in_column = len(space) > 1 and len(color + space) >= _COLOR_WIDTH
    is_word = bool(space) or not rest
    if in_column or (is_word and color.upper() in LOCATORS):
        return color, rest
    return "", text


def _slope_offset_power(text: str) -> tuple[tuple[float, ...], ...]:
    """Three bracketed triples of numbers. Raises ValueError."""
    found = _TRIPLES.fullmatch(text)
    triples = [re.split(r"[\s,]+", part.strip(" ,")) for part in found.groups()] if found else []
    if [len(triple) for triple in triples] != [3, 3, 3]:
        raise ValueError(text)
    return tuple(tuple(map(_number, triple)) for triple in triples)


def _number(text: str) -> float:
    """A number that is finite. Raises ValueError."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found
