"""Numbers, switches, rates and timecode as xmeml writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from otio_hpm.timing import snap_rate

MAX_FRAMES = 10**9
"""More than a year at any rate: a greater number is damage."""

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,20})?")
_NTSC = Fraction(1000, 1001)
_COUNTINGS = {"DF": True, "NDF": False}


def text(element: Element, path: str) -> str:
    """Text of an element below, without spaces around it; empty where there is none."""
    return (element.findtext(path) or "").strip()


def said(element: Element, tag: str) -> str:
    """Text of a name or comment below, as it stands; empty where there is none."""
    return element.findtext(tag) or ""


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Fraction | None:
    """A decimal number, exactly; None for any other text, and beyond MAX_FRAMES."""
    found = Fraction(text.strip()) if _NUMBER.fullmatch(text.strip()) else None
    return None if found is None or abs(found) > MAX_FRAMES else found


def number(element: Element, path: str) -> Fraction | None:
    """The number that an element below says."""
    return parse_number(text(element, path))


def flag(text: str, default: bool) -> bool:
    """TRUE or FALSE in any case; `default` for anything else."""
    return {"true": True, "false": False, "1": True, "0": False}.get(text.casefold(), default)


def counting(timecode: Element) -> bool | None:
    """Whether a `<timecode>` counts drop-frame: by its displayformat, else by a `;` in its string.

    None where neither tells.
    """
    by_string = True if ";" in text(timecode, "string") else None
    return _COUNTINGS.get(text(timecode, "displayformat").upper(), by_string)


def rate_of(element: Element | None) -> Fraction | None:
    """Frames per second of an element's own `<rate>`: its timebase, slowed by 1001/1000 if ntsc."""
    if element is None:
        return None
    return rate(text(element, "rate/timebase"), text(element, "rate/ntsc"))


@lru_cache(maxsize=256)
def rate(timebase: str, ntsc: str) -> Fraction | None:
    """The rate of a timebase and an ntsc switch; a timebase of 29.97 is 30000/1001 as it stands.

    >>> rate("24", "TRUE"), rate("25", "FALSE"), rate("0", "FALSE")
    (Fraction(24000, 1001), Fraction(25, 1), None)
    """
    base = parse_number(timebase)
    if base is None or not 1 <= base <= 1000:
        return None
    base = snap_rate(base) or base
    slow = snap_rate(base * _NTSC) if flag(ntsc, False) and base.denominator == 1 else None
    return slow or base


def rate_in(kept: Any) -> Fraction | None:
    """The rate of kept metadata, as `{"timebase": "24", "ntsc": "TRUE"}`."""
    if not isinstance(kept, Mapping):
        return None
    return rate(str(kept.get("timebase")), str(kept.get("ntsc")))


@lru_cache(maxsize=256)
def timebase(rate: Fraction) -> tuple[int, bool] | None:
    """Timebase and ntsc of a rate, or None where xmeml cannot say it.

    >>> timebase(Fraction(30000, 1001)), timebase(Fraction(25)), timebase(Fraction(15, 2))
    ((30, True), (25, False), None)
    """
    whole = rate / _NTSC
    if rate.denominator == 1 and 1 <= rate <= 1000:
        return int(rate), False
    return (int(whole), True) if snap_rate(rate) == rate and whole.denominator == 1 else None
