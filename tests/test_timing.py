"""Time is exact: every frame of every rate has one timecode, and every timecode one frame."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, from_timecode, to_timecode

from otio_hpm.timing import (
    FRAME_RATES,
    format_timecode,
    frames_to_samples,
    may_drop,
    nominal,
    parse_duration,
    parse_timecode,
    snap_rate,
)

NTSC = Fraction(30000, 1001)
COUNTINGS = [(r, False) for r in FRAME_RATES] + [(r, True) for r in FRAME_RATES if may_drop(r)]
IN_OTIO = [(rate, drop) for rate, drop in COUNTINGS if rate <= 60 and rate != Fraction(48000, 1001)]
DAY = 24 * 60 * 60 * 24 - 1


@given(st.sampled_from(COUNTINGS), st.integers(0, DAY))
def test_every_frame_has_its_timecode(counting: tuple[Fraction, bool], frames: int) -> None:
    rate, drop = counting
    assert parse_timecode(format_timecode(frames, rate, drop), rate, drop) == frames


@given(st.sampled_from(COUNTINGS), st.integers(0, DAY))
def test_timecode_runs_in_order(counting: tuple[Fraction, bool], frames: int) -> None:
    first, second = (format_timecode(n, *counting) for n in (frames, frames + 1))
    assert first.rjust(16) < second.rjust(16) or nominal(counting[0]) > 100


@given(st.sampled_from(IN_OTIO), st.integers(0, DAY))
def test_timecode_is_that_of_opentimelineio(counting: tuple[Fraction, bool], frames: int) -> None:
    rate, drop = counting
    theirs = to_timecode(RationalTime(frames, float(rate)), float(rate), drop)
    assert format_timecode(frames, rate, drop) == theirs
    assert parse_timecode(theirs, rate, drop) == from_timecode(theirs, float(rate)).value


@given(st.sampled_from(COUNTINGS), st.integers(1, DAY))
def test_time_before_zero_mirrors_time_after(counting: tuple[Fraction, bool], frames: int) -> None:
    assert format_timecode(-frames, *counting) == "-" + format_timecode(frames, *counting)


@pytest.mark.parametrize(
    ("frames", "rate", "drop", "text"),
    [
        (86400, Fraction(24), False, "01:00:00:00"),
        (107892, NTSC, True, "01:00:00;00"),
        (108000, NTSC, False, "01:00:00:00"),
        (1799, NTSC, True, "00:00:59;29"),
        (1800, NTSC, True, "00:01:00;02"),
        (17982, NTSC, True, "00:10:00;00"),
        (215784, Fraction(60000, 1001), True, "01:00:00;00"),
    ],
)
def test_known_timecodes(frames: int, rate: Fraction, drop: bool, text: str) -> None:
    assert format_timecode(frames, rate, drop) == text
    assert parse_timecode(text, rate) == frames


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("00:01:00;00", NTSC),
        ("00:01:00;01", NTSC),
        ("00:00:00:24", Fraction(24)),
        ("00:60:00:00", Fraction(24)),
        ("00:00:60:00", Fraction(24)),
        ("1:2:3", Fraction(24)),
        ("", Fraction(24)),
    ],
)
def test_what_is_no_timecode_is_refused(text: str, rate: Fraction) -> None:
    with pytest.raises(ValueError, match="timecode"):
        parse_timecode(text, rate)


def test_there_is_no_drop_frame_at_whole_rates() -> None:
    assert [rate for rate in FRAME_RATES if may_drop(rate)] == [
        Fraction(n, 1001) for n in (30000, 60000, 120000)
    ]
    assert format_timecode(1800, Fraction(30), True) == "00:01:00:00"
    assert parse_timecode("00:01:00;00", Fraction(30)) == 1800


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (23.976023976, Fraction(24000, 1001)),
        ("29.97", NTSC),
        (59.94, Fraction(60000, 1001)),
        ("30000/1001", NTSC),
        (25, Fraction(25)),
        (24.0, Fraction(24)),
    ],
)
def test_a_float_rate_means_the_exact_one(value: float | str, rate: Fraction) -> None:
    assert snap_rate(value) == rate


@pytest.mark.parametrize(
    "value",
    [0, 1, 15, 24000, 48000, -24, float("nan"), float("inf"), "x", "2e999999999", "1/0"],
)
def test_what_is_no_frame_rate_is_passed_over(value: float | str) -> None:
    assert snap_rate(value) is None


@given(st.sampled_from(FRAME_RATES))
def test_rates_survive_being_floats(rate: Fraction) -> None:
    assert snap_rate(float(rate)) == rate
    assert snap_rate(round(float(rate), 2)) == rate


@given(st.sampled_from(FRAME_RATES), st.integers(0, DAY))
def test_samples_are_rounded_once(rate: Fraction, frames: int) -> None:
    assert abs(frames_to_samples(frames, rate) - frames * 48000 / rate) <= Fraction(1, 2)


def test_an_hour_of_timecode_in_samples() -> None:
    assert frames_to_samples(86400, Fraction(24)) == 172_800_000
    assert frames_to_samples(86400, Fraction(24000, 1001)) == 172_972_800
    assert frames_to_samples(107892, NTSC) == round(Fraction(107892 * 48000 * 1001, 30000))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", Fraction(2)),
        ("2.5", Fraction(5, 2)),
        ("0.1s", Fraction(1, 10)),
        ("2 s", Fraction(2)),
        ("48f", Fraction(2)),
        ("00:00:02.500", Fraction(5, 2)),
        ("00:00:01:12", Fraction(3, 2)),
    ],
)
def test_durations(text: str, seconds: Fraction) -> None:
    assert parse_duration(text, Fraction(24)) == seconds


@pytest.mark.parametrize("text", ["", "f", "s", "two", "1/0", "1e9", "nan", "0:1"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text, Fraction(24))


@pytest.mark.parametrize("text", ["48f", "00:00:02:00"])
def test_frames_need_a_rate(text: str) -> None:
    with pytest.raises(ValueError, match="no frame rate"):
        parse_duration(text)
