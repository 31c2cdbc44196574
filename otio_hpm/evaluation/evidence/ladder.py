"""Point 6: does each figure of quality put in order what is known to be worse and worse?

Of a sketch the music is told so much that a model with half the training follows it as well. So
what the models make of the film alone is on the ladder too, where all must come from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.degradations import detuned, with_buzz, with_noise
from otio_hpm.evaluation.embedding_network import SHIPPED, embeddings, load_embedding_network
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import Figure, Section, finite_mean, pooled_figure
from otio_hpm.evaluation.frame_rate import line_prominence_db
from otio_hpm.evaluation.frechet import frechet_distance, gaussian
from otio_hpm.evaluation.intervals import Statistic, interval
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.spectral import log_spectral_distance
from otio_hpm.evaluation.tonality import chroma, key_clarity
from otio_hpm.evaluation.variety import distances, features, scale_of
from otio_hpm.music.controls import controls_of

NOISES_DB = (-40, -30, -20, -10, 0)
_TRUTH, _TRIP, _DETUNED, _BUZZ = "composed truth", "round trip", "50 cents off", "frame-rate buzz"
_MADE = ("free music of ours", "free, half trained", "ours after a sketch", "that, half trained")
_LEVEL_SHARE = 0.01
_NOISY = tuple(f"noise at {db} dB" for db in NOISES_DB)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What a measure finds on one rung."""

    items: NDArray[np.float64]
    statistic: Statistic
    """The figure of some of the items."""


@dataclass(frozen=True, kw_only=True)
class _Measure:
    """A figure of quality."""

    read: Callable[[list[Sound]], _Read]
    more_is_better: bool = True
    blind: tuple[str, ...] = ()
    """Rungs that it says nothing about."""


def ladder(bench: Bench) -> Section:
    """Every figure on every rung, and the order that it gives."""
    rungs = _rungs(bench)
    figures, rows = [], ["| figure | order | verdict |", "|---|---|---|"]
    for name, measure in _measures(bench).items():
        found = {r: measure.read(s) for r, s in rungs.items() if r not in measure.blind}
        of_rungs = _figures(name, found)
        figures += of_rungs
        least = _LEVEL_SHARE * float(np.ptp([figure.value for figure in of_rungs]))
        for chain in _chains(found):
            order, verdict = _order(found, chain, measure, least)
            rows.append(f"| {name} | {order} | {verdict} |")
    return Section(
        name="ladder", title="Ladder", figures=tuple(figures),
        remarks=("\n".join(rows),
                 "A step is level (~) where the interval of its paired difference holds 0, or the "
                 "difference is below a hundredth of the figure's spread over all rungs; it is "
                 "wrong (<) where it lies on the other side. A figure need not see every fault, "
                 "but where it is level it proves nothing about that fault.",),
    )  # fmt: skip


def verdict_of(difference: Statistic, items: int, least: float = 0.0) -> str:
    """How a figure orders two rungs of paired items: "right", "level" or "wrong".

    `difference` is how much better the rung is that ought to be; below `least` it is level.
    """
    if abs(difference(np.arange(items))) < least:
        return "level"
    low, high = interval(difference, items)
    if low > 0:
        return "right"
    return "wrong" if high < 0 else "level"


def _figures(name: str, found: dict[str, _Read]) -> list[Figure]:
    return [pooled_figure(f"{name}: {r}", read.statistic, read.items) for r, read in found.items()]


def _order(
    found: dict[str, _Read], chain: Sequence[str], measure: _Measure, least: float
) -> tuple[str, str]:
    """A chain in words, best first as it ought to be, and whether each step is."""
    text, verdicts = chain[0], []
    for better, worse in pairwise(chain):
        verdicts.append(_verdict(found[better], found[worse], measure, least))
        text += {"right": " > ", "level": " ~ ", "wrong": " < "}[verdicts[-1]] + worse
    return text, next((v for v in ("wrong", "level") if v in verdicts), "right")


def _verdict(better: _Read, worse: _Read, measure: _Measure, least: float) -> str:
    sign = 1 if measure.more_is_better else -1
    return verdict_of(
        lambda chosen: sign * (better.statistic(chosen) - worse.statistic(chosen)),
        len(better.items), least,
    )  # fmt: skip


def _chains(found: dict[str, _Read]) -> list[list[str]]:
    """What ought to come in this order, of the rungs that are there."""
    wanted = (
        (_TRUTH, _TRIP, *_MADE[:2]), _MADE[2:], (_TRUTH, *_NOISY), (_TRUTH, _DETUNED),
        (_TRUTH, _BUZZ),
    )  # fmt: skip
    chains = [[rung for rung in chain if rung in found] for chain in wanted]
    return [chain for chain in chains if len(chain) > 1]


def _measures(bench: Bench) -> dict[str, _Measure]:
    """The figures by name; FAD-embedded where there are others to be held against."""
    config, rate = bench.config, bench.rate
    corpus = np.stack([features(sound, rate) for sound in bench.truth])
    scale = scale_of(corpus)

    def from_corpus(sound: Sound, index: int) -> float:
        apart = distances(features(sound, rate)[None], corpus, scale)[0]
        return float(np.delete(apart, index).min())

    def line(sound: Sound, index: int) -> float:
        return float(line_prominence_db(sound, rate, rate / config.hop).max())

    def agreement(sound: Sound, index: int) -> float:
        return melody_accuracy(controls_of(sound, config), bench.controls[index])

    found = {
        "in tune": _mean(lambda s, i: in_tune_share(s, rate)),
        "key clarity": _mean(lambda s, i: key_clarity(chroma(s, rate).sum(axis=1))),
        "frame-rate line, dB": _mean(line, more_is_better=False),
        "distance from the corpus": _mean(from_corpus, more_is_better=False),
        "chroma agreement": _mean(agreement, blind=_MADE),
        "log-spectral distance": _mean(
            lambda s, i: log_spectral_distance(s, bench.truth[i], config), more_is_better=False,
            blind=_MADE,
        ),
    }  # fmt: skip
    others = bench.truth[bench.sizes.rungs :]
    return found | ({"FAD-embedded": _frechet(others, rate)} if len(others) > 1 else {})


def _mean(
    measure: Callable[[Sound, int], float], *, more_is_better: bool = True,
    blind: tuple[str, ...] = (),
) -> _Measure:  # fmt: skip
    """The mean of what is measured of each sound, which is told its number."""

    def read(sounds: list[Sound]) -> _Read:
        items = np.array([measure(sound, i) for i, sound in enumerate(sounds)])
        return _Read(items=items, statistic=lambda chosen: finite_mean(items[chosen]))

    return _Measure(read=read, more_is_better=more_is_better, blind=blind)


def _frechet(others: list[Sound], rate: int) -> _Measure:
    """Distance of a rung from other cues' truth; its items are those of each from their mean."""
    network = load_embedding_network(SHIPPED)

    def embedded(sounds: list[Sound]) -> NDArray[np.float32]:
        return np.stack([embeddings(network, sound, rate)[0] for sound in sounds])

    reference = gaussian(embedded(others))

    def read(sounds: list[Sound]) -> _Read:
        found = embedded(sounds)
        return _Read(
            items=np.linalg.norm(found - reference.mean, axis=1),
            statistic=lambda chosen: frechet_distance(gaussian(found[chosen]), reference),
        )

    return _Measure(read=read, more_is_better=False)


def _rungs(bench: Bench) -> dict[str, list[Sound]]:
    """Sounds of each rung, item by item made from or in place of the same cue."""
    count = bench.sizes.rungs
    truth = bench.truth[:count]
    rungs = {
        _TRUTH: truth,
        _TRIP: [bench.takes.round_trip(sound, i) for i, sound in enumerate(truth)],
        _DETUNED: [detuned(sound, 50) for sound in truth],
        _BUZZ: [with_buzz(s, bench.rate, bench.rate / bench.config.hop) for s in truth],
    }
    for series, ours, half in (("free rungs", *_MADE[:2]), ("rungs", *_MADE[2:])):
        rungs[ours] = list(bench.sounds(series))
        if bench.half is not None:
            rungs[half] = [bench.half.take(request) for request in bench.requests(series)]
    for name, db in zip(_NOISY, NOISES_DB, strict=True):
        rungs[name] = [with_noise(sound, db, i) for i, sound in enumerate(truth)]
    return rungs
