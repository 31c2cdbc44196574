"""OTIO's floats become exact seconds and whole frames."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime

from otio_hpm.timeline.exact import exact_rate, frames, nearest, rational, seconds
from otio_hpm.timing import FRAME_RATES

RATES = st.sampled_from(FRAME_RATES)
FRAMES = st.integers(-10_000_000, 10_000_000)


@given(RATES, FRAMES)
def test_frames_survive_the_way_through_otio(rate: Fraction, count: int) -> None:
    assert frames(rational(count, rate), rate) == count
    assert seconds(rational(count, rate)) == count / rate


@given(RATES, FRAMES, st.sampled_from([48000, 90000, 24000, 600]))
def test_a_clock_finer_than_frames_finds_the_nearest(rate: Fraction, count: int, fine: int) -> None:
    ticks = round(count / rate * fine)
    assert frames(RationalTime(ticks, fine), rate) == count


@given(st.fractions(min_value=-1000, max_value=1000))
def test_the_nearest_is_within_half(value: Fraction) -> None:
    assert -Fraction(1, 2) < nearest(value) - value <= Fraction(1, 2)


def test_halves_go_up_on_both_sides_of_zero() -> None:
    assert [nearest(Fraction(n, 2)) for n in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


@pytest.mark.parametrize("rate", [23.976, 23.98, 24000 / 1001])
def test_rates_written_as_floats_are_snapped(rate: float) -> None:
    assert seconds(RationalTime(24000, rate)) == 1001


def test_rates_that_are_no_frame_rates_are_kept() -> None:
    assert exact_rate(24000) == 24000
    assert exact_rate(1) == 1
    assert seconds(RationalTime(6.5, 1)) == Fraction(13, 2)


def test_an_invalid_time_is_zero() -> None:
    assert seconds(RationalTime(10, 0)) == 0
