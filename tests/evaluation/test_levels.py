"""Loudness and true peak of tones whose levels the standards give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from otio_hpm.evaluation.levels import level_difference, levels


def sine(hz: float, rate: int, level: float = 1.0, phase: float = 0.0) -> np.ndarray:
    """Four seconds, faded in and out: an abrupt edge has peaks of its own."""
    time = np.arange(4 * rate) / rate
    edges = np.minimum(1, 50 * np.minimum(time, 4 - time))
    return (level * edges * np.sin(2 * np.pi * hz * time + phase)).astype(np.float32)


@pytest.mark.parametrize("rate", [48_000, 16_000, 44_100])
def test_a_full_scale_tone_of_997_hz_has_3_lufs_below(rate: int) -> None:
    # BS.1770-4: 997 Hz at 0 dBFS in one channel is -3.01 LKFS, at any sample rate.
    assert levels(sine(997, rate), rate).integrated_lufs == pytest.approx(-3.01, abs=0.1)
    both = np.stack([sine(997, rate, 0.1)] * 2)
    assert levels(both, rate).integrated_lufs == pytest.approx(-20.0, abs=0.1)


def test_the_true_peak_lies_between_samples() -> None:
    tone = sine(12_000, 48_000, phase=math.pi / 4)
    sample_peak_db = 20 * math.log10(np.abs(tone).max())
    assert sample_peak_db == pytest.approx(-3.01, abs=0.01)
    # EBU Tech 3341, cases 15 to 19: within +0.2 and -0.4 dB.
    assert -0.4 <= levels(tone, 48_000).true_peak_dbtp <= 0.2


def test_differences_are_in_decibels_and_silence_has_none() -> None:
    loud, soft = (levels(sine(500, 16_000, level), 16_000) for level in (0.5, 0.05))
    found = level_difference(soft, loud)
    assert (found.loudness_lu, found.true_peak_db) == pytest.approx((-20, -20), abs=0.05)
    silent = levels(np.zeros(16_000, np.float32), 16_000)
    assert math.isnan(silent.integrated_lufs)
    assert math.isnan(level_difference(silent, loud).loudness_lu)
