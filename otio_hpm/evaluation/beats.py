"""Whether music keeps the beats of its reference."""

from __future__ import annotations

import numpy as np
import soxr
from librosa.beat import beat_track
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

RATE = 22_050
TOLERANCE_S = 0.07
"""What beat trackers are judged by (MIREX; Davies et al. 2009), and Music ControlNet's rhythm."""


def beat_times_s(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """Times of beats by librosa's dynamic programming (Ellis 2007), seconds. (samples,) -> (beats,)

    It looks for one tempo and finds some beat in most music, whether a listener would tap or not.
    """
    heard = soxr.resample(sound, sample_rate, RATE)
    _, found = beat_track(y=heard, sr=RATE, units="time")
    return np.asarray(found, np.float64)


def beat_f1(made_s: NDArray[np.float64], reference_s: NDArray[np.float64]) -> float:
    """F1 of beats within 70 ms, 0 to 1; nan where neither has any. (beats,), (beats,)

    A beat answers for one beat only, in the pairing that pairs most (mir_eval's): else a trill
    would hit every beat without a miss, and count its hits over and over.
    """
    total = len(made_s) + len(reference_s)
    if not total:
        return float("nan")
    near = np.abs(made_s[:, None] - reference_s[None]) <= TOLERANCE_S + 1e-9
    paired = maximum_bipartite_matching(csr_array(near)) if near.any() else np.array([-1])
    return float(2 * (paired >= 0).sum() / total)
