"""Accents: moments at which so much is struck at once that the whole spectrum rises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks
from torch import Tensor

_RISE_FRAMES = 3
_WANTED_RISE = 0.2
"""In units of the normalised spectrogram, 0.4 nepers: two of a hundred frames of the corpus pass
it, and three of four of its hits."""
_APART_FRAMES = 6


def accents_of(spectrogram: Tensor) -> NDArray[np.bool_]:
    """Frames on which an accent begins. (frames, bands), normalised log magnitude -> (frames,)

    Peaks of the spectral flux (Dixon 2006, Onset detection revisited) over three frames, which a
    tenth of a second or more sets apart.
    """
    bands = spectrogram.float().numpy()
    rise = np.maximum(bands[_RISE_FRAMES:] - bands[:-_RISE_FRAMES], 0).mean(axis=1)
    peaks, _ = find_peaks(rise, height=_WANTED_RISE, distance=_APART_FRAMES)
    accents = np.zeros(len(bands), np.bool_)
    accents[peaks + _RISE_FRAMES - 1] = True
    return accents
