"""Cue numbers as 1m1 (reel 1, first cue), reel labels, and names that every file system takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_REEL = re.compile(r"(?<![A-Za-z0-9])(?:reel|rl|r)[\s_.#-]*0*(\d{1,2})(?![A-Za-z0-9])", re.I)
_CUE_NUMBER = re.compile(r"(\d{1,2})m\d+", re.I)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def reel_of(timeline_name: str) -> int:
    """Reel number in a timeline's name; 1 where there is none.

    >>> reel_of("Film_R2_v14"), reel_of("reel 03"), reel_of("R2D2 documentary")
    (2, 3, 1)
    """
    match = _REEL.search(timeline_name)
    return int(match[1]) if match else 1


def reel_label(number: str, reel: int) -> str:
    """Reel label of a cue, as `R2`: its number's own reel, or else the timeline's.

    >>> reel_label("2m5", 1), reel_label("main title", 1)
    ('R2', 'R1')
    """
    match = _CUE_NUMBER.match(number)
    return f"R{int(match[1]) if match else reel}"


def file_safe(text: str) -> str:
    """`text` in ASCII letters, digits, `.`, `_` and `-`; empty where nothing of it can be kept.

    >>> file_safe("Hôtel/2m1 (alt)")
    'Hotel_2m1_alt'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("_", ascii_text).strip("._-")


def same_name(text: str) -> str:
    """What two cue numbers share where they give one file name, on a system that ignores case."""
    return (file_safe(text) or text).casefold()


def free_numbers(reel: int, taken: set[str]) -> Iterator[str]:
    """1m1, 1m2 ... without those whose `same_name` is taken."""
    count = 0
    while True:
        count += 1
        number = f"{reel}m{count}"
        if number not in taken:
            yield number
