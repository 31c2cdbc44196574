"""The clocks of a file: each element counts a time of its own, which its timeline shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio.opentime import RationalTime, TimeRange

_FLICKS = 705_600_000
"""Per second; a whole number of them to a frame of every rate and to a sample of every rate."""
_MAX_DENOMINATOR = 10**12
_MAX_VALUE = 1 << 53


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The way from an element's own time to that of the timeline it is in."""

    own_s: Fraction
    """Some moment of its own time,"""
    at_s: Fraction
    """and where the timeline has that, in seconds from its first frame."""
    pace: Fraction = Fraction(1)
    """Seconds of the timeline to one of its own."""

    def at(self, own_s: Fraction) -> Fraction:
        """Seconds from the timeline's first frame."""
        return tidy(self.at_s + (own_s - self.own_s) * self.pace)


def tidy(seconds: Fraction) -> Fraction:
    """The same time, to the nearest flick where its fraction has grown beyond use."""
    if seconds.denominator <= _MAX_DENOMINATOR:
        return seconds
    return Fraction(round(seconds * _FLICKS), _FLICKS)


def time_of(seconds: Fraction, *rates: Fraction | None) -> Any:
    """A RationalTime at the first rate that has a frame there, else as an exact fraction."""
    for rate in rates:
        if rate and (seconds * rate).denominator == 1:
            return RationalTime(int(seconds * rate), float(rate))
    if abs(seconds.numerator) >= _MAX_VALUE:
        return RationalTime(round(seconds * _FLICKS), _FLICKS)
    return RationalTime(seconds.numerator, seconds.denominator)


def range_of(start_s: Fraction, duration_s: Fraction, *rates: Fraction | None) -> Any:
    """A TimeRange of two such times."""
    return TimeRange(time_of(start_s, *rates), time_of(duration_s, *rates))
