"""Whether music is in tune with A = 440 Hz, and its notes those of other music."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.peaks import Register, spectral_peaks

TOLERANCE_CENTS = 25.0
_KEYS = 128
_SOUNDS = 0.03
"""Share of a moment's power from which a semitone sounds, not only what leaks beside another."""
_SOFTEST = 1e-3
"""Power of moments that count, of the loudest's: 30 dB below it."""

MIDDLE = Register(low_hz=200.0, high_hz=2000.0, window_s=0.34)
"""Fundamentals and low partials of melody and harmony; higher partials 7 and 11 are out of tune."""
BASS = Register(low_hz=60.0, high_hz=200.0, window_s=1.02)
"""Fundamentals of basses, where notes must last to be told."""


def in_tune_share(
    sound: NDArray[np.float32], sample_rate: int, register: Register = MIDDLE
) -> float:
    """Share of the power of spectral peaks within 25 cents of the nearest semitone, 0 to 1.

    Equal temperament at A4 = 440 Hz (ISO 16). Noise has as many peaks between the semitones as
    on them and gives 0.5; silence gives nan. (samples,)
    """
    peaks = spectral_peaks(sound, sample_rate, register)
    if peaks.power.sum() < 1e-6:
        return float("nan")
    keys = librosa.hz_to_midi(peaks.hz)
    off_cents = 100 * np.abs(keys - np.round(keys))
    return float(peaks.power[off_cents <= TOLERANCE_CENTS].sum() / peaks.power.sum())


def right_notes_share(
    sound: NDArray[np.float32], wanted: NDArray[np.float32], sample_rate: int, register: Register
) -> float:
    """Share of the power of peaks nearest to semitones that sound in `wanted` then, 0 to 1.

    What is in tune may be a wrong note. nan where nothing is wanted or nothing sounds. (samples,)
    each, cut to the shorter.
    """
    length = min(len(sound), len(wanted))
    made, asked = (_power_of_keys(s[:length], sample_rate, register) for s in (sound, wanted))
    whole = asked.sum(axis=1, keepdims=True)
    counts = whole[:, 0] > _SOFTEST * whole.max()
    if not made[counts].sum():
        return float("nan")
    return float((made * (asked > _SOUNDS * whole))[counts].sum() / made[counts].sum())


def _power_of_keys(
    sound: NDArray[np.float32], sample_rate: int, register: Register
) -> NDArray[np.float64]:
    """Power of the peaks nearest to each MIDI key, in every spectrum. (spectra, 128)"""
    peaks = spectral_peaks(sound, sample_rate, register)
    keys = np.round(librosa.hz_to_midi(peaks.hz)).astype(int)
    power = np.zeros((peaks.frames, _KEYS))
    np.add.at(power, (peaks.frame, keys), peaks.power)
    return power
