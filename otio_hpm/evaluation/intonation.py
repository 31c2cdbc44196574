"""Whether music is in tune with A = 440 Hz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.peaks import Register, spectral_peaks

TOLERANCE_CENTS = 25.0
A4_HZ = 440.0

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
    semitones = 12 * np.log2(peaks.hz / A4_HZ)
    off_cents = 100 * np.abs(semitones - np.round(semitones))
    return float(peaks.power[off_cents <= TOLERANCE_CENTS].sum() / peaks.power.sum())
