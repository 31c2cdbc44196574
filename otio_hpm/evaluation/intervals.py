"""Intervals by bootstrap over items: cues, windows or joins (Efron and Tibshirani 1993)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
"""Enough for the ends of a 95 % percentile interval to two digits."""

Statistic = Callable[[NDArray[np.intp]], float]
"""A figure of the items with these numbers; a number may occur more than once."""


def interval(statistic: Statistic, items: int, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of a figure over `items` items drawn with replacement.

    A single item, or a figure that is never finite, gives an interval of no width or of nan.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, items, (RESAMPLES if items > 1 else 1, items))
    values = np.array([statistic(row) for row in drawn])
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
