"""Point 6: does each figure of quality put in order what is known to be worse and worse?

Of a sketch the music is told so much that a model with half the training follows it as well. So
what the models make of the film alone is on the ladder too, where all must come from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from otio_hpm.evaluation.degradations import detuned, with_buzz, with_noise
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.ladder_figures import Measure, Reading, measures
from otio_hpm.evaluation.evidence.report import Figure, Section, pooled_figure
from otio_hpm.evaluation.intervals import Statistic, interval

NOISES_DB = (-40, -30, -20, -10, 0)
_TRUTH, _TRIP, _DETUNED, _BUZZ = "composed truth", "round trip", "50 cents off", "frame-rate buzz"
_MADE = ("free music of ours", "free, half trained", "ours after a sketch", "that, half trained")
_LEVEL_SHARE = 0.01
_NOISY = tuple(f"noise at {db} dB" for db in NOISES_DB)
_REMARK = (
    "A step is level (~) where the interval of its paired difference holds 0, or the difference is "
    "below a hundredth of the figure's spread over all rungs; it is wrong (<) where it lies on the "
    "other side. A figure need not see every fault, but where it is level it proves nothing about "
    "that fault. FAD-embedded, a distance of sets, is from the truth of other cues; sets that are "
    "drawn with repeats lie further away than they are, so that its intervals lie above its values."
)


def ladder(bench: Bench) -> Section:
    """Every figure on every rung, and the order that it gives."""
    rungs = _rungs(bench)
    figures, rows = [], ["| figure | order | verdict |", "|---|---|---|"]
    for name, measure in measures(bench, _MADE).items():
        found = {r: measure.read(s) for r, s in rungs.items() if r not in measure.blind}
        of_rungs = _figures(name, found)
        figures += of_rungs
        least = _LEVEL_SHARE * float(np.ptp([figure.value for figure in of_rungs]))
        for chain in _chains(found):
            order, verdict = _order(found, chain, measure, least)
            rows.append(f"| {name} | {order} | {verdict} |")
    return Section(
        name="ladder", title="Ladder", figures=tuple(figures),
        remarks=("\n".join(rows), _REMARK),
    )  # fmt: skip


def verdict_of(difference: Statistic, items: int, least: float = 0.0) -> str:
    """How a figure orders two rungs of paired items: "right", "level" or "wrong".

    `difference` is how much better the rung is that ought to be; below `least` it is level. Its
    interval is as wide as the bootstrap's, about the difference itself: drawing with repeats moves
    figures of sets.
    """
    value = difference(np.arange(items))
    if abs(value) < least:
        return "level"
    low, high = interval(difference, items)
    # Silence has no figure: what is nan is neither better nor worse.
    if not abs(value) > (high - low) / 2:
        return "level"
    return "right" if value > 0 else "wrong"


def _figures(name: str, found: dict[str, Reading]) -> list[Figure]:
    return [pooled_figure(f"{name}: {r}", read.statistic, read.items) for r, read in found.items()]


def _order(
    found: dict[str, Reading], chain: Sequence[str], measure: Measure, least: float
) -> tuple[str, str]:
    """A chain in words, best first as it ought to be, and whether each step is."""
    text, verdicts = chain[0], []
    for better, worse in pairwise(chain):
        verdicts.append(_verdict(found[better], found[worse], measure, least))
        text += {"right": " > ", "level": " ~ ", "wrong": " < "}[verdicts[-1]] + worse
    return text, next((v for v in ("wrong", "level") if v in verdicts), "right")


def _verdict(better: Reading, worse: Reading, measure: Measure, least: float) -> str:
    sign = 1 if measure.more_is_better else -1
    return verdict_of(
        lambda chosen: sign * (better.statistic(chosen) - worse.statistic(chosen)),
        len(better.items), least,
    )  # fmt: skip


def _chains(found: dict[str, Reading]) -> list[list[str]]:
    """What ought to come in this order, of the rungs that are there."""
    wanted = (
        (_TRUTH, _TRIP, *_MADE[:2]), _MADE[2:], (_TRUTH, *_NOISY), (_TRUTH, _DETUNED),
        (_TRUTH, _BUZZ),
    )  # fmt: skip
    chains = [[rung for rung in chain if rung in found] for chain in wanted]
    return [chain for chain in chains if len(chain) > 1]


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
