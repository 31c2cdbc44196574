"""Mean opinion scores and preferences, with intervals over listeners and over clips.

Scores are ranks rather than amounts, so no normal distribution is assumed, and beside the mean
stands how often one system is rated above another, for which only the order counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.intervals import RESAMPLES
from otio_hpm.evaluation.listening.answers import Rating

Table = NDArray[np.float64]
"""(listeners, clips), nan where nothing was answered"""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What listeners think of one system, on one scale."""

    mean: float
    """Mean of listeners' scores, 1 to 5."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    ratings: int
    """How many scores there are."""


@dataclass(frozen=True, kw_only=True)
class Preference:
    """How often a system is rated above another, by the same listener on the same clip."""

    system: str
    """The one that is asked about."""
    other: str
    """The one that it is compared with."""
    share: float
    """Share of pairs in which it is rated higher, a tie counting half; 0.5 is no difference."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    pairs: int
    """How many pairs there are."""


def opinions(ratings: Sequence[Rating], scale: str, seed: int = 0) -> dict[str, Opinion]:
    """Mean opinion scores (ITU-T P.800.1) by system, for those that were rated."""
    found = {}
    for name, table in _tables(ratings, scale).items():
        low, high = _crossed_interval(table, seed)
        count = int(np.isfinite(table).sum())
        found[name] = Opinion(mean=float(np.nanmean(table)), low=low, high=high, ratings=count)
    return found


def preferences(ratings: Sequence[Rating], scale: str, seed: int = 0) -> list[Preference]:
    """Every two systems that somebody rated on the same clip, each pair once."""
    found = []
    for (name, table), (other, against) in combinations(_tables(ratings, scale).items(), 2):
        higher = (np.sign(table - against) + 1) / 2
        if pairs := int(np.isfinite(higher).sum()):
            low, high = _crossed_interval(higher, seed)
            share = float(np.nanmean(higher))
            found.append(
                Preference(
                    system=name, other=other, share=share, low=low, high=high, pairs=pairs
                )
            )  # fmt: skip
    return found


def _tables(ratings: Sequence[Rating], scale: str) -> Mapping[str, Table]:
    """Scores by system."""
    asked = [rating for rating in ratings if rating.scale == scale]
    listeners = {name: n for n, name in enumerate(sorted({r.listener for r in asked}))}
    clips = {name: n for n, name in enumerate(sorted({r.clip for r in asked}))}
    tables = {
        name: np.full((len(listeners), len(clips)), np.nan)
        for name in sorted({rating.system for rating in asked})
    }
    for r in asked:
        tables[r.system][listeners[r.listener], clips[r.clip]] = r.score
    return tables


def _crossed_interval(table: Table, seed: int) -> tuple[float, float]:
    """95 % percentile interval of a table's mean by 1000 bootstraps.

    Listeners and clips are both drawn anew, each with replacement (crossed: Owen 2007, the
    pigeonhole bootstrap): a listener's answers hang together, and so do a clip's, so that drawing
    single answers would make the interval too narrow.
    """
    rng = np.random.default_rng(seed)
    there, scores = np.isfinite(table), np.nan_to_num(table)
    rows, columns = (rng.multinomial(n, np.full(n, 1 / n), RESAMPLES) for n in table.shape)
    totals, counts = (
        np.einsum("ri,ij,rj->r", rows, part, columns, optimize=True)
        for part in (scores, there.astype(float))
    )
    means = totals[counts > 0] / counts[counts > 0]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
