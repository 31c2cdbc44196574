"""Frechet distance of two sets of embeddings: FAD on VGGish's, and FAD-inf.

FAD is Kilgour et al. 2019; its extrapolation to infinitely many samples Chong and Forsyth 2020 and,
for audio, Gui et al. 2024. Always say which network the embeddings are of: a figure on other
embeddings than VGGish's is no FAD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.floating]
"""shape (n, size)"""
SUBSETS = 15
"""Set sizes through which the line to infinity is drawn."""


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """Mean and covariance of a set of embeddings."""

    mean: NDArray[np.float64]
    """shape (size,)"""
    covariance: NDArray[np.float64]
    """Unbiased. shape (size, size)"""


@dataclass(frozen=True, kw_only=True)
class Extrapolated:
    """A distance at infinitely many made samples."""

    distance: float
    """Where the line through the distances meets 1 / n = 0."""
    slope: float
    """Distance per 1 / n: the bias of a set of n."""
    r_squared: float
    """How well a line fits, 0 to 1: a low value says that the distance does not depend on n."""


def gaussian(embeddings: Embeddings) -> Gaussian:
    """The normal distribution of a set. Raises ValueError for less than two embeddings."""
    if len(embeddings) < 2:
        raise ValueError(f"a covariance takes two embeddings or more, not {len(embeddings)}")
    values = np.asarray(embeddings, np.float64)
    return Gaussian(
        mean=values.mean(axis=0), covariance=np.atleast_2d(np.cov(values, rowvar=False))
    )


def frechet_distance(some: Gaussian, others: Gaussian) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), at least 0 (Dowson and Landau 1982).

    The trace of the root is the sum of the roots of the eigenvalues of C1^(1/2) C2 C1^(1/2), which
    is symmetric: the root of C1 C2 itself, as in most implementations, is complex or undefined
    where a set has fewer embeddings than dimensions.
    """
    half = _root(some.covariance)
    eigenvalues = np.linalg.eigvalsh(half @ others.covariance @ half)
    apart = np.square(some.mean - others.mean).sum()
    spread = np.trace(some.covariance) + np.trace(others.covariance)
    return float(max(apart + spread - 2 * np.sqrt(eigenvalues.clip(0)).sum(), 0.0))


def frechet_infinite(
    made: Embeddings, reference: Gaussian, smallest: int, seed: int = 0
) -> Extrapolated:
    """The distance of `made` at infinitely many samples. made (n, size)

    Distances of random subsets, from `smallest` embeddings to all of them, lie on a line over 1 / n
    (least squares). `smallest` should exceed the embeddings' size, below which they do not (500 in
    Microsoft's fadtk). The reference's own bias stays: compare systems by one reference only.
    Raises ValueError unless 2 <= smallest < n.
    """
    if not 2 <= smallest < len(made):
        raise ValueError(f"subsets of {smallest} or more cannot be drawn from {len(made)}")
    rng = np.random.default_rng(seed)
    counts = np.unique(np.linspace(smallest, len(made), SUBSETS).astype(int))
    drawn = (made[rng.choice(len(made), count, replace=False)] for count in counts)
    distances = np.array([frechet_distance(gaussian(part), reference) for part in drawn])
    slope, at_infinity = np.polyfit(1 / counts, distances, 1)
    missed = np.square(distances - (at_infinity + slope / counts)).sum()
    total = np.square(distances - distances.mean()).sum()
    return Extrapolated(
        distance=float(at_infinity),
        slope=float(slope),
        r_squared=float(1 - missed / total) if total else 0.0,
    )


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Symmetric root of a covariance."""
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(eigenvalues.clip(0))) @ vectors.T)
