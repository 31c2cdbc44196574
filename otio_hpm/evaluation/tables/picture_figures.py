"""How music goes with its picture, and how its windows join."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.change import HARMONY_SPAN_S, changes
from otio_hpm.evaluation.evidence.report import Figure, mean_figure, pooled_figure, ratio_figure
from otio_hpm.evaluation.hits import hit_share
from otio_hpm.evaluation.onsets import level_db, onset_density
from otio_hpm.evaluation.ranks import rank_correlation
from otio_hpm.evaluation.tables.pictures import Film
from otio_hpm.evaluation.tonality import chroma, majorness
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.windows import WindowPlan

Values = NDArray[np.float64]
AFFECT_COLUMNS = ("arousal and density", "arousal and level", "valence and mode")
SYNC_COLUMNS = ("cuts met", "hits met")
JOIN_COLUMNS = ("chroma at joins", "level at joins")


def music_affect(sound: NDArray[np.float32], sample_rate: int) -> Values:
    """Onsets a second, level in dB, and how far its mode is major. (samples,) -> (3,)"""
    mode = majorness(chroma(sound, sample_rate).sum(axis=1))
    return np.array([onset_density(sound, sample_rate), level_db(sound), mode])


def affect_figures(made: Sequence[Values], films: Sequence[Film]) -> list[Figure]:
    """How far the affect of pictures explains that of their music: rank correlations over clips.

    The square of one is the share of the ranks' variance that is explained.
    """
    density, level, mode = np.stack(made).T
    arousal, valence = np.array([(film.arousal, film.valence) for film in films]).T
    pairs = ((arousal, density), (arousal, level), (valence, mode))
    return [
        _correlation(name, felt, played)
        for name, (felt, played) in zip(AFFECT_COLUMNS, pairs, strict=True)
    ]


def sync_figures(onsets_s: Sequence[Values], films: Sequence[Film]) -> list[Figure]:
    """Shares of cuts and of hit points that an onset meets within 80 ms."""
    shares = np.array([
        (hit_share(onsets, film.cuts_s), hit_share(onsets, film.hits_s))
        for onsets, film in zip(onsets_s, films, strict=True)
    ])  # fmt: skip
    return [mean_figure(name, shares[:, n]) for n, name in enumerate(SYNC_COLUMNS)]


def join_changes(
    sounds: tuple[NDArray[np.float32], NDArray[np.float32]], plan: WindowPlan, config: ModelConfig
) -> Values | None:
    """Mean change of harmony and level across the joins of a clip's windows, and at the same
    moments of its reference. each (samples,) -> (2, 2): made and reference, chroma and dB

    None where no join has music enough on either side.
    """
    overlap_s = float(max(plan.overlaps(), default=0) * config.latent_s)
    margin = HARMONY_SPAN_S + overlap_s / 2
    shortest_s = min(map(len, sounds)) / config.sample_rate
    joins = [float(start * config.latent_s) + overlap_s / 2 for start in plan.starts[1:]]
    at = [join for join in joins if margin <= join <= shortest_s - margin]
    if not at:
        return None
    found = [changes(sound, config.sample_rate, at, overlap_s) for sound in sounds]
    return np.array([(_mean(f.chroma), _mean(f.level_db)) for f in found])


def join_figures(across: Sequence[Values], _: Sequence[Values]) -> list[Figure]:
    """Change across joins, of the reference's at the same moments, which joins nothing there."""
    both = np.stack(across)
    return [ratio_figure(name, both[:, 0, n], both[:, 1, n]) for n, name in enumerate(JOIN_COLUMNS)]


def _correlation(name: str, felt: Values, played: Values) -> Figure:
    return pooled_figure(
        name, lambda chosen: rank_correlation(felt[chosen], played[chosen]), played
    )


def _mean(values: Values) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
