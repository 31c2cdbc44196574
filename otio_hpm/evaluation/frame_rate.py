"""Lines at a synthesis' frame rate: the buzz of frames that do not join smoothly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

HIGH_PASS_HZ = 1000.0
"""Below, partials of low notes beat at musical differences that are no artefact."""
MULTIPLES = (1, 2, 3, 4)
_ON_LINE_HZ = 0.3
_AROUND_HZ = 8.0
_SILENCE = 1e-12


def line_prominence_db(
    sound: NDArray[np.float32], sample_rate: int, line_hz: float
) -> NDArray[np.float64]:
    """How far the envelope's spectrum stands out at each of MULTIPLES of `line_hz`, in dB.

    The envelope is the power of the sound above HIGH_PASS_HZ. A line's level is the mean power
    within 0.3 Hz of it, over the median within 8 Hz, so that a rough sound, whose envelope
    fluctuates at every rate, has no line. All nan where nothing sounds. -> (multiples,)
    """
    sections = butter(4, HIGH_PASS_HZ, "highpass", fs=sample_rate, output="sos")
    power = np.square(sosfilt(sections, sound.astype(np.float64)))
    if power.mean() < _SILENCE:
        return np.full(len(MULTIPLES), np.nan)
    spectrum = np.square(np.abs(np.fft.rfft((power - power.mean()) * np.hanning(len(power)))))
    hz = np.fft.rfftfreq(len(power), 1 / sample_rate)
    return np.array([_prominence_db(spectrum, hz, line_hz * m) for m in MULTIPLES])


def _prominence_db(
    spectrum: NDArray[np.floating], hz: NDArray[np.floating], line_hz: float
) -> float:
    distance = np.abs(hz - line_hz)
    on_line = spectrum[distance <= _ON_LINE_HZ].mean()
    around = np.median(spectrum[(distance > _ON_LINE_HZ) & (distance <= _AROUND_HZ)])
    return float(10 * np.log10((on_line + _SILENCE) / (around + _SILENCE)))
