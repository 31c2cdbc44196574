"""Joints keep the level of what they join, whatever it is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otio_hpm.music.stitching import crossfade, declick, fade
from otio_hpm.timing import SAMPLE_RATE


def noise(samples: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def level(audio: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(audio))))


def test_equal_material_is_itself() -> None:
    whole = noise(30_000, 0)
    joined = crossfade([whole[:12_000], whole[8_000:22_000], whole[20_000:]], [0, 8_000, 20_000])
    assert np.abs(joined - whole).max() < 1e-5


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_the_level_holds_at_any_correlation(share: float) -> None:
    common = noise(96_000, 0)
    first, second = (
        np.sqrt(share) * common + np.sqrt(1 - share) * noise(96_000, seed) for seed in (1, 2)
    )
    joined = crossfade([first, second], [0, 0])
    for part in np.split(joined, 8):
        assert 20 * np.log10(level(part)) == pytest.approx(0, abs=0.3)


def test_opposed_material_is_not_boosted() -> None:
    whole = noise(10_000, 0)
    assert np.abs(crossfade([whole, -whole], [0, 0])).max() <= np.abs(whole).max() * 1.001


def test_silence_joins() -> None:
    joined = crossfade([np.zeros(100, np.float32), np.ones(100, np.float32)], [0, 50])
    assert np.isfinite(joined).all() and joined[-1] == 1


@given(
    lengths=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    overlaps=st.lists(st.integers(0, 50), min_size=6, max_size=6),
    origin=st.integers(0, 10),
    channels=st.integers(1, 2),
)
def test_length_and_untouched_parts(
    lengths: list[int], overlaps: list[int], origin: int, channels: int
) -> None:
    starts = [origin]
    for before, after, wanted in zip(lengths, lengths[1:], overlaps, strict=False):
        starts.append(starts[-1] + before - min(wanted, before, after))
    windows = [np.full((channels, n), i + 1, np.float32) for i, n in enumerate(lengths)]
    joined = crossfade(windows, starts)
    assert joined.shape == (channels, starts[-1] + lengths[-1] - origin)
    assert joined.dtype == np.float32
    assert joined.min() >= 1 - 1e-5 and joined.max() <= len(windows) + 1e-4


@pytest.mark.parametrize("starts", [[0, 11], [5, 0], [0, -1]])
def test_windows_that_do_not_follow(starts: list[int]) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        crossfade([np.ones(10, np.float32)] * 2, starts)
    with pytest.raises(ValueError, match="does not follow"):
        crossfade([np.ones(10, np.float32), np.ones(3, np.float32)], [0, 2])


def test_declick_touches_five_milliseconds() -> None:
    audio = np.ones((2, SAMPLE_RATE), np.float32)
    found = declick(audio)
    ramp = SAMPLE_RATE * 5 // 1000
    assert np.all(found[:, ramp:-ramp] == 1)
    assert np.all(found[:, [0, -1]] < 1e-4)
    assert np.all(np.diff(found[:, :ramp]) > 0)
    assert np.array_equal(found, found[:, ::-1])
    assert np.all(audio == 1)


def test_fades_have_their_lengths() -> None:
    found = fade(np.ones(1000, np.float32), 100, 300)
    assert np.count_nonzero(found[:500] < 1) == 100
    assert np.count_nonzero(found[500:] < 1) == 300
    assert found[50] == pytest.approx(0.5, abs=0.01)
    assert np.array_equal(fade(found, 0, 0), found)


def test_fades_longer_than_the_audio() -> None:
    found = fade(np.ones(10, np.float32), 100, 100)
    assert found.shape == (10,)
    assert found.max() < 1
    assert declick(np.ones(0, np.float32)).shape == (0,)
    assert declick(np.ones(4, np.float32), Fraction(1)).shape == (4,)
