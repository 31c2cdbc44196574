"""FCPXML's rational times: any is parsed exactly, whatever else it says is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.interchange.fcpxml.times import format_time, parse_time

RATES = [Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (60, 1))]


@given(st.integers(-(10**12), 10**12), st.integers(1, 2**32 - 1))
def test_a_fraction_is_parsed_exactly(numerator: int, denominator: int) -> None:
    if abs(numerator) > 10**9 * denominator:
        with pytest.raises(ValueError, match="longer"):
            parse_time(f"{numerator}/{denominator}s")
    else:
        assert parse_time(f"{numerator}/{denominator}s") == Fraction(numerator, denominator)


@given(st.integers(-(10**6), 10**6), st.sampled_from(RATES))
def test_frames_survive_being_written_and_read(frames: int, rate: Fraction) -> None:
    seconds = frames / rate
    assert parse_time(format_time(seconds, 1 / rate)) == seconds
    assert parse_time(format_time(seconds)) == seconds


@given(st.fractions(-(10**6), 10**6, max_denominator=10**6), st.sampled_from(RATES))
def test_times_off_the_grid_survive_too(seconds: Fraction, rate: Fraction) -> None:
    assert parse_time(format_time(seconds, 1 / rate)) == seconds


@given(st.text(max_size=20))
def test_other_text_is_refused_or_is_a_time(text: str) -> None:
    try:
        parsed = parse_time(text)
    except ValueError:
        return
    assert text.strip().endswith("s")
    assert isinstance(parsed, Fraction)


@pytest.mark.parametrize(
    "text", ["", "s", "1", "1/0s", "1/s", "/2s", "1e9s", "٣s", "1/2/3s", "0x1s"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_time(text)


def test_huge_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_time("9" * 5000 + "s")
    with pytest.raises(ValueError, match="longer"):
        parse_time("9" * 19 + "s")


@pytest.mark.parametrize(("text", "seconds"), [("2.5s", Fraction(5, 2)), (" -3s ", Fraction(-3))])
def test_other_spellings(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds
