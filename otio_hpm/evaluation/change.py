"""How much music changes across a moment: at a join of windows, or anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.onsets import level_db
from otio_hpm.evaluation.tonality import chroma, chroma_hop

HARMONY_SPAN_S = 2.5
"""Length of the stretches whose pitch classes are compared. A second holds a chord or two, and
differs within a piece nearly as much as between two: between composed clips 1.2 times as much as
inside them, over 2.5 s 1.4 times."""
LEVEL_SPAN_S = 1.0
"""Length of the stretches whose levels are compared."""
SILENCE_DB = -70.0


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changes across moments of one sound."""

    chroma: NDArray[np.float64]
    """Cosine distance of pitch classes before and after, 0 to 1; nan where either is silent in the
    stretch whose level is compared."""
    level_db: NDArray[np.float64]
    """Difference of level, dB; silence counts as -70."""


def changes(
    sound: NDArray[np.float32], sample_rate: int, at_s: Sequence[float], gap_s: float = 0.0
) -> Changes:
    """Change from the stretch before each moment to the stretch after it. (samples,)

    With a gap, half of it is left out on either side: across a crossfade, what changes is what
    lies outside it. Moments need `HARMONY_SPAN_S + gap_s / 2` of sound on either side.
    """
    classes, hop = chroma(sound, sample_rate), chroma_hop(sample_rate)
    harmony, level = [], []
    for at in at_s:
        heard = [level_db(sound[_cut(r, sample_rate)]) for r in _beside(at, gap_s, LEVEL_SPAN_S)]
        ranges = _beside(at, gap_s, HARMONY_SPAN_S)
        used = [classes[:, _cut(r, sample_rate / hop)].sum(axis=1) for r in ranges]
        level.append(abs(max(heard[0], SILENCE_DB) - max(heard[1], SILENCE_DB)))
        harmony.append(_cosine_distance(*used) if min(heard) > SILENCE_DB else float("nan"))
    return Changes(chroma=np.array(harmony), level_db=np.array(level))


def _beside(at_s: float, gap_s: float, span_s: float) -> tuple[tuple[float, float], ...]:
    """The stretches before and after a moment, in seconds."""
    before, after = at_s - gap_s / 2, at_s + gap_s / 2
    return (before - span_s, before), (after, after + span_s)


def _cut(range_s: tuple[float, float], rate: float) -> slice:
    return slice(round(range_s[0] * rate), round(range_s[1] * rate))


def _cosine_distance(before: NDArray[np.floating], after: NDArray[np.floating]) -> float:
    return float(1 - before @ after / (np.linalg.norm(before) * np.linalg.norm(after) + 1e-12))
