"""Key and mode of music, from the pitch classes that it uses."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from otio_hpm.music.keys import key_fits

_FFT_S = 0.17


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

    A flat spectrum has no key, but its accidental unevenness correlates too: what noise gives must
    be measured and printed beside. nan for silence.
    """
    found = key_fits(classes)
    return float(found.max()) if np.isfinite(found).all() else float("nan")


def majorness(classes: NDArray[np.floating]) -> float:
    """Best correlation with a major key less best correlation with a minor key. (12,)

    Above 0 is major. nan for silence.
    """
    major, minor = key_fits(classes)
    return float(major.max() - minor.max())
