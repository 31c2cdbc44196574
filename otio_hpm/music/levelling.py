"""Brings a cue to its loudness; where a few peaks stand in the way, they are limited.

A look-ahead limiter: the gain that each true peak allows, the lowest of it over a short while,
smoothed over the same while, so that it is never above what a peak allows and never steps.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.music.loudness import Loudness, gain_to, measure
from otio_hpm.timing import SAMPLE_RATE

PEAK_DBTP = -1.0
_MARGIN_DB = 0.1
"""Meters interpolate differently; the limiter keeps this much below the limit."""
_LOOK_AHEAD = SAMPLE_RATE // 200
_OVERSAMPLING = 4
_BLOCK = 10 * SAMPLE_RATE
_EDGE = 64
_ROUNDS = 8
_EXACT_ENOUGH_LU = 0.05


@dataclass(frozen=True, kw_only=True)
class Levelled:
    """Sound at its loudness."""

    audio: NDArray[np.float32]
    """(channels, samples)"""
    gain_db: float
    """What it was amplified by, before any limiting."""
    limited_db: float
    """The most that a peak was lowered by; 0 where none was."""
    loudness: Loudness
    """Of the part that was asked for."""


def level(audio: NDArray[np.float32], target_lufs: float, part: slice) -> Levelled:
    """Bring `audio[:, part]` to a loudness, true peak at most -1 dBTP; (channels, samples).

    Peaks are limited only where gain alone cannot reach the target. Raises SilenceError.
    """
    gain_db, loudness = gain_to(audio, target_lufs, PEAK_DBTP, part)
    if loudness.short_lu == 0:
        return Levelled(
            audio=_amplified(audio, gain_db), gain_db=gain_db, limited_db=0.0, loudness=loudness
        )
    gain_db += loudness.short_lu
    for _ in range(_ROUNDS):
        limited, reduction_db = limit(_amplified(audio, gain_db))
        short_lu = target_lufs - measure(limited[:, part]).integrated_lufs
        if abs(short_lu) < _EXACT_ENOUGH_LU:
            break
        gain_db += short_lu
    excess_db = max(0.0, measure(limited).true_peak_dbtp - PEAK_DBTP)
    limited = _amplified(limited, -excess_db)
    found = measure(limited[:, part])
    return Levelled(
        audio=limited,
        gain_db=gain_db,
        limited_db=reduction_db + excess_db,
        loudness=dataclasses.replace(found, short_lu=max(0.0, target_lufs - found.integrated_lufs)),
    )


def limit(audio: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Audio (channels, samples) with its true peaks at -1 dBTP, and the largest reduction in dB."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    ceiling = 10 ** ((PEAK_DBTP - _MARGIN_DB) / 20)
    allowed = np.minimum(1.0, ceiling / np.maximum(_envelope(audio), ceiling))
    reach = 2 * _LOOK_AHEAD + 1
    gain = uniform_filter1d(minimum_filter1d(allowed, reach), reach)
    return (audio * gain).astype(np.float32), float(-20 * np.log10(gain.min()))


def _envelope(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """True peak around each sample, of the loudest channel; in blocks, to stay small. (samples,)"""
    from scipy.signal import resample_poly

    samples = audio.shape[1]
    padded = np.pad(audio, ((0, 0), (_EDGE, _EDGE)))
    envelope = np.empty(samples)
    for start in range(0, samples, _BLOCK):
        end = min(start + _BLOCK, samples)
        fine = resample_poly(padded[:, start : end + 2 * _EDGE], _OVERSAMPLING, 1, axis=1)
        peaks = np.abs(fine).reshape(len(audio), -1, _OVERSAMPLING).max(axis=(0, 2))
        # A peak between two samples counts for both.
        around = np.maximum(peaks[:-1], peaks[1:])[_EDGE - 1 : _EDGE - 1 + end - start]
        envelope[start:end] = around
    return envelope


def _amplified(audio: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    return (audio * 10 ** (gain_db / 20)).astype(np.float32)
