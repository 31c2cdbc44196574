"""Peaks of spectra, to fractions of a bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HOP_SHARE = 4


@dataclass(frozen=True, kw_only=True)
class Register:
    """Part of the spectrum in which it is looked for peaks."""

    low_hz: float
    """Its lower end."""
    high_hz: float
    """Its upper end."""
    window_s: float
    """Length of the spectra: notes a semitone apart at the lower end have peaks of their own."""


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Spectral peaks of a sound, all frames together."""

    frames: int
    """How many spectra there are."""
    frame: NDArray[np.intp]
    """Which of these each peak is in. shape (peaks,)"""
    hz: NDArray[np.float64]
    """Frequency, interpolated. shape (peaks,)"""
    power: NDArray[np.float64]
    """Power. shape (peaks,)"""


def spectral_peaks(sound: NDArray[np.float32], sample_rate: int, register: Register) -> Peaks:
    """Local maxima of Hann spectra in a register, every quarter window. (samples,)

    A parabola through the logarithms of a maximum and its neighbours gives frequency and power
    (Smith and Serra 1987, PARSHL): a bin alone is as wide as 25 cents at 200 Hz.
    """
    length = round(register.window_s * sample_rate) // 2 * 2
    padded = np.pad(sound, (0, max(0, length - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[:: length // _HOP_SHARE]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(length), axis=1))
    bin_hz = sample_rate / length
    first, last = int(register.low_hz / bin_hz) - 1, int(register.high_hz / bin_hz) + 2
    level = np.log(spectrum[:, first:last] + 1e-12)
    left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
    frame, column = np.nonzero((middle > left) & (middle >= right))
    a, b, c = left[frame, column], middle[frame, column], right[frame, column]
    offset = 0.5 * (a - c) / (a - 2 * b + c)
    hz = (first + 1 + column + offset) * bin_hz
    power = np.exp(2 * (b - 0.25 * (a - c) * offset))
    inside = (hz >= register.low_hz) & (hz <= register.high_hz)
    return Peaks(
        frames=len(frames), frame=frame[inside], hz=hz[inside], power=power[inside]
    )
