"""Which key pitch classes are in: Krumhansl and Kessler's probe-tone profiles (1982)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_PROFILES = np.array([[np.roll(p, tonic) for tonic in range(12)] for p in (_MAJOR, _MINOR)])
_KEYS = _PROFILES - _PROFILES.mean(axis=2, keepdims=True)
"""Of each mode and tonic, about their means. shape (2, 12, 12)"""
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11))
"""Of major, and of minor with either seventh degree; semitones above the tonic."""
_SILENCE = 1e-9


def key_fits(classes: NDArray[np.number]) -> NDArray[np.float64]:
    """Pearson correlation with each key: major and minor, on each tonic. (12,) -> (2, 12)

    Krumhansl's algorithm (1990, chapter 4). nan for silence and for classes that are all alike.
    """
    used = np.asarray(classes, np.float64)
    if used.sum() < _SILENCE or used.std() < _SILENCE:
        return np.full((2, 12), np.nan)
    used = used - used.mean()
    return np.asarray(_KEYS @ used / (np.linalg.norm(_KEYS, axis=2) * np.linalg.norm(used)))


def key_scale(classes: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Pitch classes of the key that fits best; all of them where none does. (12,) -> (12,)"""
    fits = key_fits(classes)
    used = np.ones(12, np.bool_)
    if np.isfinite(fits).all():
        mode, tonic = np.unravel_index(fits.argmax(), fits.shape)
        used[:] = False
        used[(np.array(_SCALES[mode]) + tonic) % 12] = True
    return used
