"""The settings a mark may carry: their keys, and what each value may be."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

from otio_hpm.errors import MarkError
from otio_hpm.settings import Style
from otio_hpm.timeline.cue import LevelPoint
from otio_hpm.timing import parse_duration

RANGES = ("shot", "mark")
LONGEST_S = 60
"""Of a fade or handle, in seconds."""
_NUMBER = re.compile(r"[+-]?([0-9]{1,6}(\.[0-9]{0,9})?|\.[0-9]{1,9})")
_LENGTH = f"0 to {LONGEST_S} seconds, as 1.5, 1.5s or 36f"
_DURATION = re.compile(r"[0-9:;.]{1,16}\s*[fs]?")
_LEVEL = re.compile(r"([+\-−–]?)\s*([0-9.]{1,16})\s*(?:db(?!\w)(.*))?", re.I | re.S)
_LEVELS_DB = (-40, 20)
"""As far from its mean as an orchestra goes."""
_MOST_LEVELS = 1000
_LATEST_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class MarkKey:
    """One key a mark may set."""

    allowed: str
    """Its values, in words."""
    read: Callable[[str, Fraction], Any]
    """The value of a text, frames counted at a rate; raises ValueError where it is none."""


def value_of(key: str, text: str, rate: Fraction) -> Any:
    """The value that `key=text` means; raises MarkError (without saying where) if it means none."""
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1)
        raise MarkError(
            f"unknown key {key!r}; the keys are {', '.join(KEYS)}",
            hint=f"Did you mean {near[0]}=?"
            if near
            else "Quote words that hold = but set nothing.",
        )
    try:
        return KEYS[key].read(text.strip(), rate)
    except (ValueError, ZeroDivisionError) as error:
        raise MarkError(
            f"{key}={text} is not understood; {key} is {KEYS[key].allowed}",
            hint=f"The keys are {', '.join(KEYS)}; quote values that hold spaces.",
        ) from error


def level_of(text: str) -> Fraction:
    """dB of `-6`, `+3 dB` or `-6 dB and words`; raises ValueError for anything else."""
    match = _LEVEL.fullmatch(text.strip())
    if not match or not _NUMBER.fullmatch(match[2]):
        raise ValueError(text)
    level = Fraction(match[2])
    return _within(-level if match[1] in tuple("-−–") else level, *_LEVELS_DB)


def _number(low: int, high: int, unit: str = "") -> Callable[[str, Fraction], Fraction]:
    def read(text: str, rate: Fraction) -> Fraction:
        digits = text.casefold().removesuffix(unit).rstrip()
        if not _NUMBER.fullmatch(digits):
            raise ValueError(text)
        return _within(Fraction(digits), low, high)

    return read


def _duration(high: int) -> Callable[[str, Fraction], Fraction]:
    def read(text: str, rate: Fraction) -> Fraction:
        if not _DURATION.fullmatch(text.casefold()):
            raise ValueError(text)
        return _within(parse_duration(text.casefold(), rate), 0, high)

    return read


def _within(value: Fraction, low: int, high: int) -> Fraction:
    if not low <= value <= high:
        raise ValueError(value)
    return value


def _keyframes(text: str, rate: Fraction) -> tuple[LevelPoint, ...]:
    """`0s:-6 2s:0` in order of time; one level at a moment."""
    items = [item.rpartition(":") for item in re.split(r"[\s,]+", text) if item]
    moments = {_duration(_LATEST_S)(time, rate): level_of(level) for time, _, level in items}
    if not 0 < len(items) == len(moments) <= _MOST_LEVELS:
        raise ValueError(text)
    return tuple(LevelPoint(at_s=time, level_db=moments[time]) for time in sorted(moments))


def _one_of(words: tuple[str, ...]) -> Callable[[str, Fraction], str]:
    def read(text: str, rate: Fraction) -> str:
        if text.casefold() not in words:
            raise ValueError(text)
        return text.casefold()

    return read


def _seed(text: str, rate: Fraction) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


def _cue_number(text: str, rate: Fraction) -> str:
    number = unicodedata.normalize("NFC", " ".join(text.split()))
    if not any(char.isalnum() for char in number) or len(number) > 40:
        raise ValueError(text)
    return number


def _name(text: str, rate: Fraction) -> str:
    if not text or len(text) > 1000 or any(unicodedata.category(char) == "Cc" for char in text):
        raise ValueError(text)
    return text


_STYLES: tuple[str, ...] = get_args(Style)
KEYS: dict[str, MarkKey] = {
    "cue": MarkKey(
        allowed="a cue number such as 1m1, at most 40 characters, some of them letters or digits",
        read=_cue_number,
    ),
    "maestro": MarkKey(allowed="a file name, or an audio clip of the timeline", read=_name),
    "sketch": MarkKey(allowed="the name of a JSON or MIDI file", read=_name),
    "lora": MarkKey(allowed="the name of an adapter's folder", read=_name),
    "style": MarkKey(allowed="one of " + ", ".join(_STYLES), read=_one_of(_STYLES)),
    "strength": MarkKey(allowed="a number from 0 to 1", read=_number(0, 1)),
    "seed": MarkKey(allowed="a whole number of at most 18 digits", read=_seed),
    "dynamics": MarkKey(
        allowed='levels from -40 to 20 dB at times from the cue\'s in, as "0s:-6 2s:0 4.5s:+6"',
        read=_keyframes,
    ),
    "loudness": MarkKey(allowed="a loudness from -70 to 0 LUFS", read=_number(-70, 0, "lufs")),
    "gain": MarkKey(allowed="a gain from -60 to 60 dB", read=_number(-60, 60, "db")),
    "fade_in": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "fade_out": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "handles": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "range": MarkKey(allowed="shot or mark", read=_one_of(RANGES)),
}
"""Every key there is."""
