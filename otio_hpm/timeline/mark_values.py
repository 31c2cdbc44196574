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
from otio_hpm.timing import parse_duration

RANGES = ("shot", "mark")
LONGEST_S = 60
"""Of a fade or handle, in seconds."""
_NUMBER = re.compile(r"[+-]?([0-9]{1,6}(\.[0-9]{0,9})?|\.[0-9]{1,9})")
_LENGTH = f"0 to {LONGEST_S} seconds, as 1.5, 1.5s or 36f"
_DURATION = re.compile(r"[0-9:;.]{1,16}\s*[fs]?")


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
    "style": MarkKey(allowed="one of " + ", ".join(_STYLES), read=_one_of(_STYLES)),
    "strength": MarkKey(allowed="a number from 0 to 1", read=_number(0, 1)),
    "seed": MarkKey(allowed="a whole number of at most 18 digits", read=_seed),
    "loudness": MarkKey(allowed="a loudness from -70 to 0 LUFS", read=_number(-70, 0, "lufs")),
    "gain": MarkKey(allowed="a gain from -60 to 60 dB", read=_number(-60, 60, "db")),
    "fade_in": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "fade_out": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "handles": MarkKey(allowed=_LENGTH, read=_duration(LONGEST_S)),
    "range": MarkKey(allowed="shot or mark", read=_one_of(RANGES)),
}
"""Every key there is."""
