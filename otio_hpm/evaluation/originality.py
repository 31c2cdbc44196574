"""How much a system varies within one style (paper 4.2.3, after Boutin et al. 2022).

Features are of one network for all systems that are compared, such as VGGish or Cnn14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]
"""shape (n, size)"""


@dataclass(frozen=True, kw_only=True)
class Originality:
    """Deviation within each style."""

    per_class: Mapping[str, float]
    """In the features' unit, by style."""

    @property
    def mean(self) -> float:
        """Mean over styles, which is Boutin's figure."""
        return float(np.mean(list(self.per_class.values())))

    @property
    def total(self) -> float:
        """Sum over styles, which is HPM's equation: it grows with the number of styles."""
        return float(np.sum(list(self.per_class.values())))


def originality(features: Features, classes: Sequence[str]) -> Originality:
    """Standard deviation of a sample (n - 1) of each feature within a style, mean over features.

    Boutin's l2 variant. The deviation of all clips together would call a system original that has
    one piece for every style. Raises ValueError for a style of less than two clips.
    """
    return Originality(
        per_class={
            name: float(part.std(axis=0, ddof=1).mean())
            for name, part in _by_class(features, classes).items()
        }
    )


def cosine_originality(features: Features, classes: Sequence[str]) -> Originality:
    """Cosine distance from a style's centre, summed over its n clips, over n - 1.

    Boutin's cosine variant: lengths of features do not count. Raises as `originality` does.
    """
    return Originality(
        per_class={
            name: float(_cosine_distances(part).sum() / (len(part) - 1))
            for name, part in _by_class(features, classes).items()
        }
    )


def _by_class(features: Features, classes: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    names = np.array(classes)
    parts = {
        str(name): np.asarray(features[names == name], np.float64) for name in np.unique(names)
    }
    if alone := [name for name, part in parts.items() if len(part) < 2]:
        raise ValueError(f"a deviation takes two clips or more: {', '.join(alone)} has one")
    return parts


def _cosine_distances(part: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = part.mean(axis=0)
    lengths = np.linalg.norm(part, axis=1) * np.linalg.norm(centre)
    return np.asarray(1 - part @ centre / np.maximum(lengths, 1e-12))
