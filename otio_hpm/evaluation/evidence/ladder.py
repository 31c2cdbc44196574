"""Point 6: does each figure of quality put in order what is known to be worse and worse?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.degradations import detuned, with_buzz, with_noise
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import Section, finite_mean, mean_figure
from otio_hpm.evaluation.frame_rate import line_prominence_db
from otio_hpm.evaluation.intervals import interval
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.spectral import log_spectral_distance
from otio_hpm.evaluation.tonality import chroma, key_clarity
from otio_hpm.evaluation.variety import distances, features, scale_of
from otio_hpm.music.controls import controls_of

NOISES_DB = (-40, -30, -20, -10, 0)
_TRUTH, _DETUNED, _BUZZ = "composed truth", "50 cents off", "frame-rate buzz"
_MADE = ("round trip", "ours", "half trained")
_LEVEL_SHARE = 0.01
_NOISY = tuple(f"noise at {db} dB" for db in NOISES_DB)

Measured = dict[str, NDArray[np.float64]]
"""Values of each rung's items."""


def ladder(bench: Bench) -> Section:
    """Every figure on every rung, and the order that it gives."""
    rungs = _rungs(bench)
    figures, rows = [], ["| figure | order | verdict |", "|---|---|---|"]
    for name, (measure, better, blind) in _measures(bench).items():
        found = {
            rung: np.array([measure(sound, i) for i, sound in enumerate(sounds)])
            for rung, sounds in rungs.items()
            if rung not in blind
        }
        spread = np.ptp([finite_mean(values) for values in found.values()])
        figures += [mean_figure(f"{name}: {rung}", values) for rung, values in found.items()]
        rows += [
            f"| {name} | {order} | {verdict} |"
            for order, verdict in (
                _order(found, chain, better, spread * _LEVEL_SHARE) for chain in _chains(found)
            )
        ]
    return Section(
        name="ladder", title="Ladder", figures=tuple(figures),
        remarks=("\n".join(rows),
                 "A step is level (~) where the interval of its paired difference holds 0, or the "
                 "difference is below a hundredth of the figure's spread over all rungs; it is "
                 "wrong (<) where it lies on the other side. A figure need not see every fault, "
                 "but where it is level it proves nothing about that fault.",),
    )  # fmt: skip


def verdict_of(
    better: NDArray[np.floating], worse: NDArray[np.floating], sign: int, least: float = 0.0
) -> str:
    """How a figure orders two rungs of paired items: "right", "level" or "wrong".

    `sign` is 1 where more is better; differences below `least` are level.
    """
    difference = sign * (better - worse)
    if abs(finite_mean(difference)) < least:
        return "level"
    low, high = interval(lambda chosen: finite_mean(difference[chosen]), len(difference))
    if low > 0:
        return "right"
    return "wrong" if high < 0 else "level"


def _order(
    found: Measured, chain: Sequence[str], sign: int, least: float
) -> tuple[str, str]:
    """A chain in words, best first as it ought to be, and whether each step is."""
    text, verdicts = chain[0], []
    for better, worse in pairwise(chain):
        verdicts.append(verdict_of(found[better], found[worse], sign, least))
        text += {"right": " > ", "level": " ~ ", "wrong": " < "}[verdicts[-1]] + worse
    return text, next((v for v in ("wrong", "level") if v in verdicts), "right")


def _chains(found: Measured) -> list[list[str]]:
    """What ought to come in this order, of the rungs that are there."""
    wanted = ((_TRUTH, *_MADE), (_TRUTH, *_NOISY), (_TRUTH, _DETUNED), (_TRUTH, _BUZZ))
    chains = [[rung for rung in chain if rung in found] for chain in wanted]
    return [chain for chain in chains if len(chain) > 1]


def _measures(bench: Bench) -> dict[str, tuple[Callable[[Sound, int], float], int, set[str]]]:
    """Measure, 1 where more is better, and the rungs that it says nothing about."""
    config, rate = bench.config, bench.rate
    corpus = np.stack([features(sound, rate) for sound in bench.truth])
    scale = scale_of(corpus)
    others = set(_MADE[1:])

    def from_corpus(sound: Sound, index: int) -> float:
        apart = distances(features(sound, rate)[None], corpus, scale)[0]
        return float(np.delete(apart, index).min())

    def line(sound: Sound, index: int) -> float:
        return float(line_prominence_db(sound, rate, rate / config.hop).max())

    return {
        "in tune": (lambda s, i: in_tune_share(s, rate), 1, set()),
        "key clarity": (lambda s, i: key_clarity(chroma(s, rate).sum(axis=1)), 1, set()),
        "frame-rate line, dB": (line, -1, set()),
        "distance from the corpus": (from_corpus, -1, set()),
        "chroma agreement": (
            lambda s, i: melody_accuracy(controls_of(s, config), bench.controls[i]), 1, others
        ),
        "log-spectral distance": (
            lambda s, i: log_spectral_distance(s, bench.truth[i], config), -1, others
        ),
    }  # fmt: skip


def _rungs(bench: Bench) -> dict[str, list[Sound]]:
    """Sounds of each rung, item by item made from or in place of the same cue."""
    count = bench.sizes.rungs
    truth = bench.truth[:count]
    rungs = {
        _TRUTH: truth,
        "round trip": [bench.takes.round_trip(sound, i) for i, sound in enumerate(truth)],
        "ours": list(bench.sounds("rungs")),
        _DETUNED: [detuned(sound, 50) for sound in truth],
        _BUZZ: [with_buzz(s, bench.rate, bench.rate / bench.config.hop) for s in truth],
    }
    for name, db in zip(_NOISY, NOISES_DB, strict=True):
        rungs[name] = [with_noise(sound, db, i) for i, sound in enumerate(truth)]
    if bench.half is not None:
        rungs["half trained"] = [bench.half.take(r) for r in bench.requests("rungs")]
    return rungs
