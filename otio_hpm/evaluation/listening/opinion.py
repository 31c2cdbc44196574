"""Mean opinion scores, with intervals over listeners and over clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.intervals import RESAMPLES
from otio_hpm.evaluation.listening.answers import Rating


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What listeners think of one system, on one scale."""

    mean: float
    """Mean of listeners' scores, 1 to 5."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    preferred: float
    """Share of pairs, same listener and clip, that are rated above the reference, a tie counting
    half; 0.5 is as good as the reference. nan for the reference, or without pairs."""
    ratings: int
    """How many scores there are."""


def opinions(
    ratings: Sequence[Rating], scale: str, reference: str, seed: int = 0
) -> dict[str, Opinion]:
    """By system. Scores are ranks rather than amounts: no normal distribution is assumed.

    The interval is of 1000 bootstraps that draw listeners and clips anew, each with replacement
    (crossed, Owen 2007): a listener's answers hang together, and so do a clip's, so that
    drawing single answers would make the interval too narrow.
    """
    asked = [rating for rating in ratings if rating.scale == scale]
    systems = sorted({rating.system for rating in asked})
    tables = _tables(asked, systems)
    return {name: _opinion(tables[name], tables.get(reference), name == reference, seed)
            for name in systems}  # fmt: skip


def _tables(asked: Sequence[Rating], systems: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Scores by system, nan where none was given. each (listeners, clips)"""
    listeners = {name: n for n, name in enumerate(sorted({r.listener for r in asked}))}
    clips = {name: n for n, name in enumerate(sorted({r.clip for r in asked}))}
    tables = {name: np.full((len(listeners), len(clips)), np.nan) for name in systems}
    for r in asked:
        tables[r.system][listeners[r.listener], clips[r.clip]] = r.score
    return tables


def _opinion(
    table: NDArray[np.float64], reference: NDArray[np.float64] | None, itself: bool, seed: int
) -> Opinion:
    low, high = _crossed_interval(table, seed)
    return Opinion(
        mean=float(np.nanmean(table)),
        low=low,
        high=high,
        preferred=float("nan") if itself or reference is None else _preferred(table, reference),
        ratings=int(np.isfinite(table).sum()),
    )


def _crossed_interval(table: NDArray[np.float64], seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    there, scores = np.isfinite(table), np.nan_to_num(table)
    rows, columns = (rng.multinomial(n, np.full(n, 1 / n), RESAMPLES) for n in table.shape)
    totals, counts = (
        np.einsum("ri,ij,rj->r", rows, part, columns) for part in (scores, there.astype(float))
    )
    means = totals[counts > 0] / counts[counts > 0]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def _preferred(table: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    difference = (table - reference)[np.isfinite(table) & np.isfinite(reference)]
    if not len(difference):
        return float("nan")
    return float((difference > 0).mean() + (difference == 0).mean() / 2)
