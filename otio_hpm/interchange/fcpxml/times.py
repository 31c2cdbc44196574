"""FCPXML's rational times: "1001/24000s", "3600s" and, in old files, "2.5s"."""

from __future__ import annotations

import re
from fractions import Fraction

_TIME = re.compile(r"^\s*(-?\d{1,19})(?:/(\d{1,10})|\.(\d{1,9}))?\s*s\s*$", re.ASCII)
_MAX_SECONDS = 10**9


def parse_time(text: str) -> Fraction:
    """Seconds of a time attribute, exactly.

    The format allows 64 bits above the line and 32 below it. Raises ValueError for other text, for
    a zero below the line, and for more than 10^9 seconds either way.

    >>> parse_time("1001/24000s"), parse_time("3600s")
    (Fraction(1001, 24000), Fraction(3600, 1))
    """
    match = _TIME.match(text)
    if not match or (match[2] is not None and int(match[2]) == 0):
        raise ValueError(f"{text[:40]!r} is not a time")
    if match[3]:
        seconds = Fraction(f"{match[1]}.{match[3]}")
    else:
        seconds = Fraction(int(match[1]), int(match[2] or 1))
    if abs(seconds) > _MAX_SECONDS:
        raise ValueError(f"{text[:40]!r} is longer than any timeline")
    return seconds


def format_time(seconds: Fraction, frame_duration: Fraction | None = None) -> str:
    """The attribute of a time; over the frame duration's own denominator where that holds it.

    >>> format_time(Fraction(1001, 12000), Fraction(1001, 24000)), format_time(Fraction(10))
    ('2002/24000s', '10s')
    """
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    base = frame_duration.denominator if frame_duration else seconds.denominator
    if base % seconds.denominator:
        base = seconds.denominator
    return f"{seconds.numerator * (base // seconds.denominator)}/{base}s"
