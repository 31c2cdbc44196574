"""Point 5: whether the joins of windows can be heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.change import HARMONY_SPAN_S, LEVEL_SPAN_S, changes
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import Aim, Figure, Section, finite_mean, ratio_figure
from otio_hpm.evaluation.evidence.series import long_plan
from otio_hpm.evaluation.evidence.sizes import LONG_WINDOWS
from otio_hpm.music.stitching import crossfade

_INSIDE_S = (-0.5, 0.0, 0.5)
"""Moments inside a window, from the middle between two joins; what is compared is inside it too."""
_JOINT = Aim(at_most=1.2)
_ALIKE = Aim(at_least=0.8, at_most=1.2)


@dataclass(frozen=True, kw_only=True)
class _Moments:
    """Change of each cue, averaged over its moments: chroma, level in dB. shape (cues, 2)"""

    across: NDArray[np.float64]
    inside: NDArray[np.float64]


def joins(bench: Bench) -> Section:
    """Windows denoised jointly, beside windows apart: crossfaded, and only put side by side."""
    joint = _moments(bench, bench.sounds("long"))
    sketched = _moments(bench, bench.sounds("long auto"))
    figures = [
        *_ratios("joint", joint, _JOINT),
        *_ratios("joint, auto", sketched, _JOINT),
        *_ratios("apart, crossfaded", _moments(bench, _put(bench, "apart", _crossfaded)), None),
        *_ratios("apart, side by side", _moments(bench, _put(bench, "apart", _side_by_side)), None),
        *_ratios(
            "apart, a sketch each, crossfaded",
            _moments(bench, _put(bench, "apart auto", _crossfaded)), None,
        ),
        *_liveliness(bench, joint),
    ]  # fmt: skip
    remark = (
        f"Joins: {len(joint.across) * (LONG_WINDOWS - 1)} of each kind. Change of level from "
        f"{LEVEL_SPAN_S:g} s before to as much after, of pitch classes from {HARMONY_SPAN_S:g} s, "
        "with the overlap between them left out, over the same inside windows. Windows apart know "
        "of no other, and each is in a key of its own, as clips are that are scored one by one."
    )
    return Section(name="joins", title="Joins", figures=tuple(figures), remarks=(remark,))


def _put(
    bench: Bench, series: str, together: Callable[[Bench, list[Sound]], Sound]
) -> Iterable[Sound]:
    """Long cues of a series of windows apart."""
    windows = list(bench.sounds(series))
    for first in range(0, len(windows), LONG_WINDOWS):
        yield together(bench, windows[first : first + LONG_WINDOWS])


def _ratios(name: str, found: _Moments, aim: Aim | None) -> list[Figure]:
    return [
        ratio_figure(
            f"{name}: {what} change across joins, of that inside",
            found.across[:, column],
            found.inside[:, column],
            aim=aim,
        )
        for column, what in enumerate(("chroma", "level"))
    ]


def _liveliness(bench: Bench, ours: _Moments) -> list[Figure]:
    """Change inside windows against the corpus's: drones have perfect joins."""
    middle = bench.config.window_samples / bench.rate / 2
    truth = [_mean_change(t, bench, [middle + s for s in _INSIDE_S]) for t in bench.truth]
    corpus = [finite_mean(np.array(column)) for column in zip(*truth, strict=True)]
    return [
        ratio_figure(
            f"joint: {what} change inside windows, of the corpus's",
            ours.inside[:, column],
            np.full(len(ours.inside), corpus[column]),
            aim=_ALIKE,
        )
        for column, what in enumerate(("chroma", "level"))
    ]


def _moments(bench: Bench, sounds: Iterable[Sound]) -> _Moments:
    at = _join_times_s(bench)
    between = [(a + b) / 2 for a, b in pairwise(at)]
    inside = [middle + shift for middle in between for shift in _INSIDE_S]
    rows = [(_mean_change(s, bench, at), _mean_change(s, bench, inside)) for s in sounds]
    across, within = zip(*rows, strict=True)
    return _Moments(across=np.array(across), inside=np.array(within))


def _mean_change(sound: Sound, bench: Bench, at_s: Sequence[float]) -> tuple[float, float]:
    found = changes(sound, bench.rate, at_s, _overlap_s(bench))
    return finite_mean(found.chroma), finite_mean(found.level_db)


def _crossfaded(bench: Bench, windows: list[Sound]) -> Sound:
    return crossfade(windows, [s * bench.config.latent_hop for s in long_plan(bench.config).starts])


def _side_by_side(bench: Bench, windows: list[Sound]) -> Sound:
    """Windows cut in the middle of their overlaps."""
    plan, hop = long_plan(bench.config), bench.config.latent_hop
    cuts = [0, *(round(t * bench.rate) for t in _join_times_s(bench)), plan.length * hop]
    return np.concatenate(
        [
            window[begin - start * hop : end - start * hop]
            for window, start, begin, end in zip(windows, plan.starts, cuts, cuts[1:], strict=False)
        ]
    )


def _join_times_s(bench: Bench) -> list[float]:
    """The middle of each overlap of a long cue."""
    plan = long_plan(bench.config)
    return [
        float((start + overlap / 2) * bench.config.latent_s)
        for start, overlap in zip(plan.starts[1:], plan.overlaps(), strict=True)
    ]


def _overlap_s(bench: Bench) -> float:
    return float(max(long_plan(bench.config).overlaps()) * bench.config.latent_s)
