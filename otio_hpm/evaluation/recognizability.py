"""Whether a style is recognised in what was made in it (paper 4.2.3, Boutin et al. 2022).

A one-shot classifier of prototypes (Snell et al. 2017) hears one real cue of each style and says
which of them a made clip is nearest to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EPISODES = 500
"""As many as Boutin et al. test with."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Embeddings with their styles."""

    embeddings: NDArray[np.floating]
    """shape (n, size)"""
    classes: Sequence[str]
    """Style of each. length n"""

    def rows(self, name: str) -> NDArray[np.intp]:
        """Numbers of the embeddings of a style."""
        return np.flatnonzero(np.array(self.classes) == name)


@dataclass(frozen=True, kw_only=True)
class Recognizability:
    """Shares of made clips whose style is recognised, 0 to 1."""

    per_clip: NDArray[np.float64]
    """Share of the episodes that asked about a clip; nan where none did. shape (clips,)"""
    per_class: Mapping[str, float]
    """By style."""
    chance: float
    """What guessing gives: 1 / the number of styles in an episode."""

    @property
    def mean(self) -> float:
        """Mean over styles, however many clips each has."""
        return float(np.mean(list(self.per_class.values())))


def recognizability(
    made: Labelled, real: Labelled, way: int, episodes: int = EPISODES, seed: int = 0
) -> Recognizability:
    """Accuracy of the one-shot classifier over episodes of `way` styles.

    An episode draws its styles, one real cue of each, and asks about all their made clips: on
    average what one query of each would give, which Boutin et al. draw. Real cues of the system
    itself, or the clip's own control cue, would make every copy recognised: `real` should hold
    neither. Raises ValueError unless 2 <= way <= the styles of `made`, all of which `real` has.
    """
    names = sorted(set(made.classes))
    if missing := sorted(set(names) - set(real.classes)):
        raise ValueError(f"there is no real music of {', '.join(missing)}")
    if not 2 <= way <= len(names):
        raise ValueError(f"{way} styles cannot be drawn from {len(names)}")
    queries, cues = ({name: group.rows(name) for name in names} for group in (made, real))
    rng = np.random.default_rng(seed)
    asked, right = np.zeros((2, len(made.embeddings)))
    for _ in range(episodes):
        drawn = [str(name) for name in rng.choice(names, way, replace=False)]
        prototypes = real.embeddings[[rng.choice(cues[name]) for name in drawn]]
        for number, name in enumerate(drawn):
            nearest = _nearest(made.embeddings[queries[name]], prototypes)
            asked[queries[name]] += 1
            right[queries[name]] += nearest == number
    shares = np.divide(right, asked, out=np.full(len(asked), np.nan), where=asked > 0)
    per_class = {n: float(shares[q].mean()) for n, q in queries.items() if asked[q[0]]}
    return Recognizability(per_clip=shares, per_class=per_class, chance=1 / way)


def _nearest(queries: NDArray[np.floating], prototypes: NDArray[np.floating]) -> NDArray[np.intp]:
    """Number of the prototype that each query is nearest to. (n, size), (way, size) -> (n,)"""
    apart = np.square(queries[:, None] - prototypes[None]).sum(axis=2)
    return np.asarray(apart.argmin(axis=1))
