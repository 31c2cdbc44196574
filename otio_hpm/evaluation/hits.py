"""Whether music meets the picture's hit points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOLERANCE_S = 0.08
"""Two frames of film at 25 a second: what an editor takes for in sync."""


def hit_share(onsets_s: NDArray[np.float64], hits_s: NDArray[np.float64]) -> float:
    """Share of hit points with an onset within 80 ms, 0 to 1; nan without hit points.

    Many onsets meet any hit point: print it beside the share for other cues' hit points.
    """
    if not len(hits_s):
        return float("nan")
    if not len(onsets_s):
        return 0.0
    nearest = np.abs(onsets_s[None] - hits_s[:, None]).min(axis=1)
    return float((nearest <= TOLERANCE_S + 1e-9).mean())
