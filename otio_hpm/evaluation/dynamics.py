"""Whether music follows the dynamics that it is given (Music ControlNet, Wu et al. 2023).

Micro is the correlation within one clip, averaged over clips: are its swells followed? Macro is
one correlation over the frames of all clips together: are loud clips loud? HPM prints micro below
macro, Music ControlNet the reverse; by these definitions the first is what clips of different
levels give.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_STILL_DB = 1e-3


def micro_correlation(heard: NDArray[np.floating], wanted: NDArray[np.floating]) -> float:
    """Pearson correlation of two courses of level in dB; 0 where one does not move. (frames,)"""
    if heard.std() < _STILL_DB or wanted.std() < _STILL_DB:
        return 0.0
    return float(np.corrcoef(heard, wanted)[0, 1])


def macro_correlation(
    heard: Sequence[NDArray[np.floating]], wanted: Sequence[NDArray[np.floating]]
) -> float:
    """Pearson correlation over the frames of all clips, pooled. Each (frames,)"""
    return micro_correlation(np.concatenate(list(heard)), np.concatenate(list(wanted)))
