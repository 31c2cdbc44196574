"""How different pieces of music are from one another, and from what was trained on."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.tonality import chroma

SEGMENTS = 10
"""Stretches of a window whose harmony is compared one by one."""
BANDS = 24
HARMONY = slice(0, SEGMENTS * 12)
"""The features that tell which piece this is, however it is played."""
_FLOOR_DB = -70.0
_LEAST = np.repeat([0.02, 0.5], [SEGMENTS * 12, 3 * BANDS])
"""Least unit of a direction and of a level in dB: what hardly varies must not decide."""


def features(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """Fixed feature of one window: (samples,) -> (SEGMENTS * 12 + 3 * BANDS,)

    Course of the harmony (direction of the chroma vector in each stretch), and mean, spread and
    flux in time of the level in mel bands (after the statistics of Tzanetakis and Cook 2002).
    Nothing is learnt, so no model was tuned on it.
    """
    stretches = np.array_split(chroma(sound, sample_rate), SEGMENTS, axis=1)
    used = np.stack([stretch.sum(axis=1) for stretch in stretches])
    harmony = used / (np.linalg.norm(used, axis=1, keepdims=True) + 1e-6)
    mel = librosa.feature.melspectrogram(
        y=sound, sr=sample_rate, n_mels=BANDS, fmax=min(16_000, sample_rate / 2)
    )
    level = np.maximum(10 * np.log10(mel / BANDS**2 + 1e-12), _FLOOR_DB)
    flux = np.abs(np.diff(level, axis=1)).mean(axis=1)
    return np.asarray(
        np.hstack([harmony.ravel(), level.mean(axis=1), level.std(axis=1), flux]), np.float64
    )


def scale_of(reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """What one unit of each feature is: its spread over reference windows. (n, D) -> (D,)"""
    return np.asarray(np.maximum(reference.std(axis=0), _LEAST))


def distances(
    some: NDArray[np.float64], others: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances in units of `scale`, root mean square over features. (n, D), (m, D) -> (n, m)"""
    difference = (some[:, None] - others[None]) / scale
    return np.asarray(np.sqrt(np.square(difference).mean(axis=2)))


def apartness(windows: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean distance of each window from all others: their mean is the diversity. (n, D) -> (n,)"""
    between = distances(windows, windows, scale)
    return np.asarray(between.sum(axis=1) / max(len(windows) - 1, 1))


def nearest(
    windows: NDArray[np.float64], known: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of each window from its nearest neighbour among known ones. -> (n,)"""
    return np.asarray(distances(windows, known, scale).min(axis=1))
