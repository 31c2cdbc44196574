"""Point 4: whether music follows the picture, and meets its hit points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.material import hit_points_s
from otio_hpm.evaluation.evidence.report import (
    Aim,
    Figure,
    Section,
    finite_mean,
    mean_figure,
    pooled_figure,
)
from otio_hpm.evaluation.hits import hit_share
from otio_hpm.evaluation.onsets import level_db, onset_density, onset_times_s
from otio_hpm.evaluation.ranks import rank_correlation
from otio_hpm.evaluation.tonality import chroma, majorness
from otio_hpm.sketch.course import course_of

_ORDERS = 200
_COMPOSED, _REAL = Aim(at_least=0.8), Aim(at_least=0.5)
Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class _Felt:
    """Affect of each film."""

    arousal: Values
    valence: Values


@dataclass(frozen=True, kw_only=True)
class _Played:
    """What is measured of each music."""

    density: Values
    level: Values
    mode: Values


def picture(bench: Bench) -> Section:
    """Composed films and real footage, free and sketched."""
    composed = _Felt(
        arousal=np.array([float(p.arousal.mean()) for p in bench.pairs]),
        valence=np.array([float(p.valence.mean()) for p in bench.pairs]),
    )
    truth = _played(bench.truth, bench.rate)
    figures = _correlations("composed truth", composed, truth, None)
    for style in ("none", "auto"):
        played = _played(bench.sounds(style), bench.rate)
        figures += _correlations(f"composed films, {style}", composed, played, _COMPOSED)
        figures += _shuffled(f"composed films, {style}", composed, played)
    if bench.footage:
        figures += _real(bench)
    return Section(
        name="picture", title="Picture", figures=tuple(figures) + tuple(_hits(bench)),
        remarks=("Rank correlations over cues. The affect of composed films is what they were "
                 "made from; that of real footage is measured on the picture, and sketches are "
                 "written from the same measure: there, auto shows that the sketch is followed, "
                 "and only none that the model itself sees. Windows of one movie overlap, so that "
                 "intervals on footage are too narrow.",),
    )  # fmt: skip


def _real(bench: Bench) -> list[Figure]:
    courses = [course_of(footage.frames) for footage in bench.footage]
    felt = _Felt(
        arousal=np.array([float(c.arousal.mean()) for c in courses]),
        valence=np.array([float(c.valence.mean()) for c in courses]),
    )
    figures: list[Figure] = []
    for series, style in (("footage", "none"), ("footage auto", "auto")):
        played = _played(bench.sounds(series), bench.rate)
        name = f"{len(courses)} windows of real footage, {style}"
        figures += _correlations(name, felt, played, _REAL) + _shuffled(name, felt, played)
    return figures


def _correlations(name: str, felt: _Felt, played: _Played, aim: Aim | None) -> list[Figure]:
    return [
        _correlation(f"{name}: arousal and onset density", felt.arousal, played.density, aim),
        _correlation(f"{name}: arousal and level", felt.arousal, played.level, aim),
        _correlation(f"{name}: valence and mode", felt.valence, played.mode, None),
    ]


def _correlation(name: str, felt: Values, played: Values, aim: Aim | None) -> Figure:
    return pooled_figure(
        name, lambda chosen: rank_correlation(felt[chosen], played[chosen]), played, aim=aim,
        note="items: the music's",
    )  # fmt: skip


def _shuffled(name: str, felt: _Felt, played: _Played) -> list[Figure]:
    """How far films in another order come: what chance would take for following."""
    orders = [np.random.default_rng([5, i]).permutation(len(felt.arousal)) for i in range(_ORDERS)]
    return [
        _chance(f"{name}: arousal and {what}, films shuffled, 95 % within", felt, values, orders)
        for what, values in (("onset density", played.density), ("level", played.level))
    ]


def _chance(name: str, felt: _Felt, values: Values, orders: list[NDArray[np.intp]]) -> Figure:
    found = np.abs([rank_correlation(felt.arousal[order], values) for order in orders])
    return pooled_figure(name, lambda chosen: float(np.percentile(found[chosen], 95)), found)


def _hits(bench: Bench) -> list[Figure]:
    """Hit points that an editor asked for, beside those of other cues."""
    seconds = bench.config.window_samples / bench.rate
    onsets = [onset_times_s(sound, bench.rate) for sound in bench.sounds("auto")]
    asked = [hit_points_s(i, seconds) for i in range(len(onsets))]
    own = [hit_share(o, h) for o, h in zip(onsets, asked, strict=True)]
    chance = [
        finite_mean(np.array([hit_share(o, h) for k, h in enumerate(asked) if k != i]))
        for i, o in enumerate(onsets)
    ]
    return [
        mean_figure("auto: hit points met within 80 ms", own, aim=Aim(at_least=0.8)),
        mean_figure("auto: the same for other cues' hit points", chance),
    ]


def _played(sounds: Iterable[Sound], rate: int) -> _Played:
    rows = [
        (onset_density(s, rate), level_db(s), majorness(chroma(s, rate).sum(axis=1)))
        for s in sounds
    ]
    density, level, mode = np.array(rows).T
    return _Played(density=density, level=level, mode=mode)
