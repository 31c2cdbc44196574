from __future__ import annotations

import numpy as np
import pytest

from otio_hpm.music.levelling import level, limit
from otio_hpm.music.loudness import measure
from otio_hpm.music.stitching import declick

WHOLE = slice(None)


def noise(seconds: float, level_db: float = -20) -> np.ndarray:
    samples = np.random.default_rng(3).standard_normal((2, round(48_000 * seconds)))
    return (samples * 10 ** (level_db / 20)).astype(np.float32)


def test_gain_alone_is_used_where_it_is_enough() -> None:
    audio = noise(4)
    found = level(audio, -23.0, WHOLE)
    assert found.limited_db == 0
    assert measure(found.audio).integrated_lufs == pytest.approx(-23, abs=0.05)
    assert np.allclose(found.audio, audio * 10 ** (found.gain_db / 20), atol=1e-6)


def test_a_burst_in_the_handles_does_not_make_the_cue_soft() -> None:
    audio = noise(6, -40)
    audio[:, 10_000:14_000] *= 300
    part = slice(48_000, 5 * 48_000)
    found = level(audio, -23.0, part)
    assert measure(found.audio[:, part]).integrated_lufs == pytest.approx(-23, abs=0.1)
    assert found.loudness.integrated_lufs == pytest.approx(-23, abs=0.1)
    assert measure(found.audio).true_peak_dbtp <= -1
    assert found.limited_db > 10


def test_a_peaky_cue_reaches_its_loudness() -> None:
    audio = noise(5, -50)
    audio[:, ::24_000] = 0.9
    found = level(audio, -23.0, WHOLE)
    assert measure(found.audio).integrated_lufs == pytest.approx(-23, abs=0.3)
    assert measure(found.audio).true_peak_dbtp <= -1


def test_peaks_between_samples_are_limited() -> None:
    time = np.arange(48_000)
    audio = declick(np.tile(np.sin(np.pi * time / 2 + np.pi / 4), (2, 1)))
    assert np.abs(audio).max() < 0.71
    limited, reduction_db = limit(audio * 1.4)
    assert measure(limited).true_peak_dbtp <= -1
    assert reduction_db == pytest.approx(20 * np.log10(1.4) + 1.1, abs=0.2)


def test_what_is_below_the_limit_is_left_alone() -> None:
    audio = noise(1, -40)
    limited, reduction_db = limit(audio)
    assert np.array_equal(limited, audio)
    assert reduction_db == 0
