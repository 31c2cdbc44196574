"""Frechet distances of a system's clips from all reference clips, on one network's embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.report import Figure, pooled_figure
from otio_hpm.evaluation.frechet import (
    SUBSETS,
    Gaussian,
    frechet_distance,
    frechet_infinite,
    gaussian,
)

Clips = Sequence[NDArray[np.floating]]
"""Embeddings of each clip. each (n, size)"""
_NAN = float("nan")


def fad_columns(name: str) -> tuple[str, str]:
    """What the two figures of a distance are called."""
    return name, f"{name}-inf"


def fad_figures(name: str) -> Callable[[Clips, Clips], list[Figure]]:
    """Figures of the distance that is called so: FAD on VGGish's embeddings alone."""
    return partial(_figures, *fad_columns(name))


def _figures(name: str, infinite: str, made: Clips, reference: Clips) -> list[Figure]:
    """The reference is not resampled with the clips: it is what all systems are held against."""
    if len(np.concatenate(reference)) < 2:
        return []
    whole = gaussian(np.concatenate(reference))

    def distance(chosen: Sequence[int] | NDArray[np.intp]) -> float:
        drawn = np.concatenate([made[i] for i in chosen])
        return frechet_distance(gaussian(drawn), whole) if len(drawn) > 1 else _NAN

    alone = np.array([distance([number]) for number in range(len(made))])
    return [pooled_figure(name, distance, alone), *_at_infinity(infinite, made, whole)]


def _at_infinity(name: str, made: Clips, reference: Gaussian) -> list[Figure]:
    """From half of the embeddings on, where that is more than their size; without an interval.

    Clips that are drawn twice have the bias that is to be taken out. Of two embeddings for each
    dimension about a quarter of the bias is left, with the other sign; of eight a tenth (measured
    on Gaussians of 64 dimensions).
    """
    embeddings = np.concatenate(made)
    smallest = max(embeddings.shape[1] + 1, len(embeddings) // 2)
    if len(embeddings) - smallest < SUBSETS:
        return []
    found = frechet_infinite(embeddings, reference, smallest)
    return [Figure(name=name, value=found.distance, low=_NAN, high=_NAN,
                   items=(_NAN,) * len(made))]  # fmt: skip
