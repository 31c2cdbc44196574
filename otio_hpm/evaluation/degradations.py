"""Rungs of a ladder that any figure of quality must put in order."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import firwin, kaiserord, oaconvolve

Sound = NDArray[np.float32]


def with_noise(sound: Sound, noise_db: float, seed: int) -> Sound:
    """White noise added at `noise_db` of the sound's own level. (samples,)"""
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    level = np.sqrt(np.square(sound, dtype=np.float64).mean())
    return np.asarray(sound + noise * level * 10 ** (noise_db / 20), np.float32)


def detuned(sound: Sound, cents: float) -> Sound:
    """All pitches higher by `cents`, as a tape that runs faster; held to length. (samples,)

    The end is repeated backwards where the faster sound is too short.
    """
    ratio = 2 ** (cents / 1200)
    faster = soxr.resample(sound, ratio, 1.0)[: len(sound)]
    held = np.pad(faster, (0, len(sound) - len(faster)), mode="reflect")
    return np.asarray(held, np.float32)


def with_buzz(sound: Sound, sample_rate: int, rate_hz: float, depth: float = 0.3) -> Sound:
    """Amplitude modulated at a frame rate by `depth` of itself. (samples,)"""
    time = np.arange(len(sound)) / sample_rate
    return np.asarray(sound * (1 + depth * np.sin(2 * np.pi * rate_hz * time)), np.float32)


def low_passed(sound: Sound, sample_rate: int) -> Sound:
    """The low anchor of listening tests (ITU-R BS.1534-3, 5.1). (samples,) or (channels, samples)

    Within 0.1 dB up to 3.5 kHz, at least 25 dB down at 4 kHz and 50 dB at 4.5 kHz, without delay.
    """
    taps, beta = kaiserord(60, 500 / (sample_rate / 2))
    window = firwin(taps | 1, 3750, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(oaconvolve(sound, window[(None,) * (sound.ndim - 1)], "same", -1), np.float32)
