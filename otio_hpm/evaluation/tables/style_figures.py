"""Whether music is original, of a style, and not a copy of what was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.report import Figure, finite_mean, mean_figure, pooled_figure
from otio_hpm.evaluation.originality import originality
from otio_hpm.evaluation.prototypes import ProtoNet, train_protonet
from otio_hpm.evaluation.recognizability import Labelled, recognizability
from otio_hpm.evaluation.variety import HARMONY, distances, nearest, scale_of

Values = NDArray[np.float64]
STYLE_COLUMNS = ("originality", "recognizability")
COPY_COLUMNS = ("nearest known", "copies")
_WAY = 4


@dataclass(frozen=True)
class Known:
    """One feature of music that systems may have been trained on, with styles."""

    clips: Sequence[Values]
    classes: Sequence[str]
    """Style of each."""

    @cached_property
    def harmonies(self) -> Values:
        """The course of each clip's harmony, of `variety.features`. (clips, numbers)"""
        return np.stack(self.clips)[:, HARMONY]

    @cached_property
    def scale(self) -> Values:
        """A unit of each number of the harmony."""
        return scale_of(np.stack(self.clips))[HARMONY]

    @cached_property
    def spacing(self) -> Values:
        """How far each clip's harmony is from its nearest neighbour's. (clips,)"""
        between = distances(self.harmonies, self.harmonies, self.scale)
        np.fill_diagonal(between, np.inf)
        return np.asarray(between.min(axis=1))

    @cached_property
    def support(self) -> Labelled:
        """Every second clip: real cues by which styles are recognised."""
        return Labelled(embeddings=_one_each(self.clips[1::2]), classes=self.classes[1::2])

    @cached_property
    def network(self) -> ProtoNet | None:
        """Taught on the other half; None where there are no two styles of two clips."""
        taught = Labelled(embeddings=_one_each(self.clips[::2]), classes=self.classes[::2])
        names = [n for n in set(taught.classes) if len(taught.rows(n)) > 1]
        return train_protonet(taught, min(_WAY, len(names))) if len(names) > 1 else None


@dataclass(frozen=True, kw_only=True)
class StyledFigure(Figure):
    """A figure that is the mean over styles."""

    per_style: Mapping[str, float]
    """What it is of each."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a clip is held against."""

    known: Known
    style: str
    """Its own style."""


def copy_figures(made: Sequence[Values], beside: Sequence[Beside]) -> list[Figure]:
    """How far the harmony's course is from the nearest known clip's, and the share of copies.

    A copy is less than half as far as known clips are from one another (the median). The truth's
    row tells what new music has: a distance alone says nothing. Neither transposed nor shifted
    copies are found.
    """
    known = beside[0].known
    if len(known.clips) < 2:
        return []
    apart = nearest(np.stack(made)[:, HARMONY], known.harmonies, known.scale)
    copies = (apart < np.median(known.spacing) / 2).astype(float)
    return [mean_figure(n, v) for n, v in zip(COPY_COLUMNS, (apart, copies), strict=True)]


def style_figures(made: Sequence[Values], beside: Sequence[Beside]) -> list[Figure]:
    """Deviation within styles, and how often a one-shot classifier names a clip's own style.

    Over the styles of two clips or more that are known. Embeddings of one clip are averaged;
    nothing is measured where a clip has none.
    """
    known, styles = beside[0].known, np.array([b.style for b in beside])
    if not all(map(len, (*made, *known.clips))) or known.network is None:
        return []
    clips = _one_each(made)
    several = [s for s in set(known.support.classes) if (styles == s).sum() > 1]
    rows = np.flatnonzero(np.isin(styles, several))
    if len(several) < 2:
        return []
    return [_originality(clips, styles, rows), _recognizability(clips, styles, rows, known)]


def _originality(clips: Values, styles: NDArray[np.str_], rows: NDArray[np.intp]) -> Figure:
    """Resampled clips lean towards less, since some are drawn twice."""

    def deviation(chosen: NDArray[np.intp]) -> float:
        names, counts = np.unique(styles[chosen], return_counts=True)
        kept = chosen[np.isin(styles[chosen], names[counts > 1]) & np.isin(chosen, rows)]
        return originality(clips[kept], styles[kept].tolist()).mean if len(kept) else float("nan")

    apart = np.full(len(clips), np.nan)
    for name in np.unique(styles[rows]):
        own = styles == name
        apart[own] = np.abs(clips[own] - clips[own].mean(axis=0)).mean(axis=1)
    found = originality(clips[rows], styles[rows].tolist())
    return StyledFigure(
        **vars(pooled_figure(STYLE_COLUMNS[0], deviation, apart)), per_style=found.per_class
    )


def _recognizability(
    clips: Values, styles: NDArray[np.str_], rows: NDArray[np.intp], known: Known
) -> Figure:
    """Mean over styles, however many clips each has."""
    network = known.network
    assert network is not None
    asked = Labelled(embeddings=clips[rows], classes=styles[rows].tolist())
    way = len(set(asked.classes))
    found = recognizability(network.embedded(asked), network.embedded(known.support), way)
    shares = np.full(len(clips), np.nan)
    shares[rows] = found.per_clip

    def mean(chosen: NDArray[np.intp]) -> float:
        drawn, names = shares[chosen], styles[chosen]
        return finite_mean(np.array([finite_mean(drawn[names == n]) for n in np.unique(names)]))

    return StyledFigure(
        **vars(pooled_figure(STYLE_COLUMNS[1], mean, shares)), per_style=found.per_class
    )


def _one_each(clips: Sequence[Values]) -> Values:
    """The mean of each clip's embeddings. each (n, size) -> (clips, size)"""
    return np.stack([clip.mean(axis=0, dtype=np.float64) for clip in clips])
