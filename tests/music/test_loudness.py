"""Loudness against EBU Tech 3341's reference signals and a meter of its own."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from otio_hpm.errors import HpmError
from otio_hpm.music.loudness import gain_to, measure

RATE = 48_000


def tone(seconds: float, level_dbfs: float, hertz: float = 1000.0) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    return 10 ** (level_dbfs / 20) * np.sin(2 * math.pi * hertz * time)


def noise(seconds: float, seed: int = 0) -> NDArray[np.float64]:
    return 0.1 * np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))


@pytest.mark.parametrize("level", [-23.0, -33.0, -63.0])
def test_reference_tones(level: float) -> None:
    # EBU Tech 3341, cases 1 and 2: a stereo tone at -23 dBFS reads -23 LUFS.
    found = measure(np.stack([tone(20, level)] * 2))
    assert found.integrated_lufs == pytest.approx(level, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(level, abs=0.1)
    assert found.range_lu == 0


def test_gating() -> None:
    # EBU Tech 3341, case 3.
    parts = [tone(10, -36), tone(60, -23), tone(10, -36)]
    assert measure(np.stack([np.concatenate(parts)] * 2)).integrated_lufs == pytest.approx(
        -23, abs=0.1
    )


def test_range() -> None:
    # EBU Tech 3342, case 1: 20 s each at -20 and -30 dBFS are 10 LU.
    found = measure(np.stack([np.concatenate([tone(20, -20), tone(20, -30)])] * 2))
    assert found.range_lu == pytest.approx(10, abs=1)


def test_a_peak_between_samples() -> None:
    # A quarter of the sample rate at 45 degrees: samples reach -3 dB, the wave 0 dB.
    samples = np.arange(RATE)
    audio = np.sin(math.pi / 2 * samples + math.pi / 4)
    audio *= np.hanning(RATE)  # without it the sudden start rings higher
    assert measure(audio).true_peak_dbtp == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("position", [0, 70_000, 95_999])
def test_a_peak_anywhere_is_seen(position: int) -> None:
    audio = tone(2, -40)
    audio[position] = 0.5
    assert measure(audio).true_peak_dbtp >= 20 * math.log10(0.5)


@pytest.mark.parametrize("samples", [1, 100, 19_199, 19_200, 48_123])
def test_short_audio(samples: int) -> None:
    found = measure(noise(1)[:, :samples])
    assert math.isfinite(found.integrated_lufs)
    if samples > 10_000:
        assert found.integrated_lufs == pytest.approx(measure(noise(1)).integrated_lufs, abs=0.5)


def test_silence_has_no_loudness() -> None:
    with pytest.raises(HpmError, match="silent"):
        measure(np.zeros((2, RATE)))
    with pytest.raises(HpmError, match="silent"):
        measure(np.zeros((1, 0)))
    with pytest.raises(ValueError, match="no numbers"):
        measure(np.array([0.0, np.nan]))


def test_the_part_reaches_the_target() -> None:
    audio = noise(6)
    audio[:, :RATE] *= 0.1  # a handle that must not count
    gain_db, told = gain_to(audio, -23.0, part=slice(RATE, 5 * RATE))
    found = measure(audio[:, RATE : 5 * RATE] * 10 ** (gain_db / 20))
    assert found.integrated_lufs == pytest.approx(-23, abs=0.02)
    assert told.integrated_lufs == pytest.approx(-23, abs=1e-9)
    assert told.true_peak_dbtp == pytest.approx(found.true_peak_dbtp, abs=0.01)
    assert told.short_lu == 0


def test_the_peak_limits() -> None:
    audio = tone(4, -40)
    audio[1000] = 0.5  # in the handle
    gain_db, told = gain_to(audio, -23.0, part=slice(RATE, None))
    assert measure(audio * 10 ** (gain_db / 20)).true_peak_dbtp <= -1 + 1e-6
    assert told.short_lu == pytest.approx(-23 - told.integrated_lufs)
    assert told.short_lu > 5


def test_agrees_with_a_meter_of_its_own(media: object) -> None:
    soundfile = pytest.importorskip("soundfile")
    path: Path = media("brahms_hungarian_dance_5.ogg")  # type: ignore[operator]
    audio, rate = soundfile.read(path, always_2d=True, frames=48_000 * 20)
    if rate != RATE:
        import soxr

        audio = soxr.resample(audio, rate, RATE)
    assert measure(audio.T).integrated_lufs == pytest.approx(_bs1770(audio.T), abs=0.1)


def _bs1770(channels: NDArray[np.float64]) -> float:
    """ITU-R BS.1770-4, annex 1, coefficients for 48 kHz."""
    from scipy.signal import lfilter

    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285],
             [1, -1.69065929318241, 0.73248077421585])  # fmt: skip
    highpass = ([1, -2, 1], [1, -1.99004745483398, 0.99007225036621])
    weighted = lfilter(*highpass, lfilter(*shelf, channels))
    block, step = RATE * 2 // 5, RATE // 10
    starts = range(0, channels.shape[1] - block + 1, step)
    power = np.array([(weighted[:, s : s + block] ** 2).mean(1).sum() for s in starts])
    power = power[-0.691 + 10 * np.log10(power + 1e-20) > -70]
    gated = power[power > power.mean() / 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))
