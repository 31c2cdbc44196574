"""Exact time from OTIO's RationalTime, which keeps value and rate as floats."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from otio_hpm.timing import SAMPLE_RATE, snap_rate


@lru_cache
def exact_rate(rate: float) -> Fraction:
    """The rate meant by a float: 23.976 is 24000/1001, 24000 and 1 are themselves.

    >>> exact_rate(23.976), exact_rate(1.0)
    (Fraction(24000, 1001), Fraction(1, 1))
    """
    return snap_rate(rate) or Fraction(rate)


def seconds(time: Any) -> Fraction:
    """Seconds of a RationalTime, exactly; an invalid one (Kdenlive's stills have rate 0) is 0."""
    return _seconds(time.value, time.rate)


@lru_cache(maxsize=1 << 16)  # a long timeline has few different times, each of them many times
def _seconds(value: float, rate: float) -> Fraction:
    return Fraction(0) if rate <= 0 else Fraction(value) / exact_rate(rate)


def frames(time: Any, rate: Fraction) -> int:
    """The frame at `rate` nearest to a RationalTime of any rate; halves go up."""
    return nearest(seconds(time) * rate)


def frame_s(extent: Any) -> Fraction:
    """One frame of the time that a TimeRange counts in, in seconds; 0 where nothing tells.

    That of its start; but a start between the frames of its length is a fraction of a second, whose
    rate is no frame rate.
    """
    rate, whole = exact_rate(extent.start_time.rate), snap_rate(extent.duration.rate)
    if whole and (seconds(extent.start_time) * whole).denominator > 1:
        rate = whole
    return 1 / rate if rate > 0 else Fraction(0)


def nearest(value: Fraction) -> int:
    """The nearest whole number; halves go up, so that neighbours never leave a hole."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def rational(frames: int | Fraction, rate: Fraction) -> Any:
    """The RationalTime of a frame number, which need not be whole."""
    from opentimelineio.opentime import RationalTime

    return RationalTime(float(frames), float(rate))


def moment(moment_s: Fraction, rate: Fraction) -> Any:
    """The RationalTime of a moment: a frame where it is one, else in samples."""
    if (moment_s * rate).denominator == 1:
        return rational(moment_s * rate, rate)
    return rational(moment_s * SAMPLE_RATE, Fraction(SAMPLE_RATE))
