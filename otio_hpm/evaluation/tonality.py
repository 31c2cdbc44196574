"""Key and mode of music, from the pitch classes that it uses."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

_FFT_S = 0.17
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_SILENCE = 1e-9


def chroma(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Amplitude in each pitch class, C first, A4 = 440 Hz. (samples,) -> (12, frames)

    Amplitude, not power: one loud chord does not decide for all. Frames are CHROMA_HZ apart.
    """
    length = 2 ** round(np.log2(_FFT_S * sample_rate))
    padded = np.pad(sound, (0, max(0, length - len(sound))))
    spectrum = np.abs(librosa.stft(padded, n_fft=length, hop_length=chroma_hop(sample_rate)))
    found = librosa.feature.chroma_stft(S=spectrum, sr=sample_rate, norm=None, tuning=0.0)
    return np.asarray(found, np.float32)


def chroma_hop(sample_rate: int) -> int:
    """Samples from one frame of `chroma` to the next; frame t is centred on sample t * hop."""
    return int(2 ** round(np.log2(_FFT_S * sample_rate))) // 4


def key_clarity(classes: NDArray[np.floating]) -> float:
    """Best correlation with any of the 24 keys' profiles, 0 to 1. (12,) -> 1

    Krumhansl and Kessler's probe-tone profiles (1982), Krumhansl's algorithm (1990). A flat
    spectrum has no key, but its accidental unevenness correlates too: what noise gives must be
    measured and printed beside. nan for silence.
    """
    found = _correlations(classes)
    return float(found.max()) if np.isfinite(found).all() else float("nan")


def majorness(classes: NDArray[np.floating]) -> float:
    """Best correlation with a major key less best correlation with a minor key. (12,)

    Above 0 is major. nan for silence.
    """
    major, minor = _correlations(classes)
    return float(major.max() - minor.max())


def _correlations(classes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Pearson correlation with each key: major and minor, on each tonic. (12,) -> (2, 12)"""
    used = np.asarray(classes, np.float64)
    if used.sum() < _SILENCE or used.std() < _SILENCE:
        return np.full((2, 12), np.nan)
    keys = np.array([[np.roll(p, tonic) for tonic in range(12)] for p in (_MAJOR, _MINOR)])
    centred = keys - keys.mean(axis=2, keepdims=True)
    used = used - used.mean()
    return np.asarray(centred @ used / (np.linalg.norm(centred, axis=2) * np.linalg.norm(used)))
