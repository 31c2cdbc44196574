"""Point 3: whether melody and dynamics are followed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.dynamics import macro_correlation, micro_correlation
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.evidence.report import (
    Aim,
    Figure,
    Section,
    finite_mean,
    mean_figure,
    pooled_figure,
    ratio_figure,
)
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.music.controls import Controls, controls_of

Some = Sequence[Controls]

_PAPER = """The paper's Table 3 (arXiv 2411.07539): other data and other models, printed for \
orientation, not for comparison. Melody accuracy %, dynamics correlation r %.

| data | control | system | melody | micro | macro |
|---|---|---|---|---|---|
| FilmScoreDB | melody only | DITTO | 51.3 | 1.7 | 3.2 |
| FilmScoreDB | melody only | HPM | 57.6 | 2.8 | 3.9 |
| FilmScoreDB | dynamics only | DITTO | 4.5 | 54.3 | 79.3 |
| FilmScoreDB | dynamics only | HPM | 8.4 | 60.3 | 84.7 |
| FilmScoreDB | both | DITTO | 52.3 | 61.7 | 82.4 |
| FilmScoreDB | both | HPM | 57.7 | 64.5 | 87.2 |
| EmoMV | melody only | DITTO | 52.5 | 2.4 | 5.2 |
| EmoMV | melody only | HPM | 58.2 | 3.6 | 5.1 |
| EmoMV | dynamics only | DITTO | 4.8 | 55.3 | 79.9 |
| EmoMV | dynamics only | HPM | 9.6 | 63.4 | 86.8 |
| EmoMV | both | DITTO | 53.4 | 62.5 | 83.4 |
| EmoMV | both | HPM | 58.6 | 66.3 | 89.1 |"""


def control(bench: Bench) -> Section:
    """Both controls, each alone, sketches, and real recordings as maestros."""
    heard, wanted = bench.heard("maestro"), bench.maestros
    alone = wanted[: bench.sizes.alone]
    sketches = [r.controls for r in bench.requests("auto") if r.controls is not None]
    figures = [
        *_both(bench, heard, wanted),
        *_followed("melody alone", bench.heard("melody"), alone),
        *_followed("dynamics alone", bench.heard("dynamics"), alone),
        *_followed("auto, after its own sketch", bench.heard("auto"), sketches),
        *_recorded(bench),
    ]
    return Section(
        name="control", title="Control", figures=tuple(figures),
        remarks=("Micro correlates level within each clip, macro over the frames of all clips.",
                 *_files(bench), _PAPER),
    )  # fmt: skip


def _both(bench: Bench, heard: Some, wanted: Some) -> list[Figure]:
    own = _accuracies(heard, wanted)
    trips = [bench.takes.round_trip(sound, i) for i, sound in enumerate(bench.truth)]
    back = _accuracies([controls_of(trip, bench.config) for trip in trips], bench.controls)
    ceiling = np.roll(back, -1)  # the maestro of a cue is the next one
    others = np.array([_against_others(h, i, wanted) for i, h in enumerate(heard)])
    return [
        mean_figure("both: melody accuracy", own, aim=Aim(at_least=0.5)),
        mean_figure("ceiling: melody accuracy of the maestro's round trip", ceiling),
        ratio_figure("both: melody accuracy, of that ceiling", own, ceiling, aim=Aim(at_least=0.6)),
        mean_figure("both: melody accuracy against other cues' controls", others),
        mean_figure("both: melody accuracy above that", own - others, aim=Aim(at_least=0.35)),
        *_levels("both", heard, wanted, (Aim(at_least=0.8), Aim(at_least=0.85))),
    ]


def _followed(name: str, heard: Some, wanted: Some) -> list[Figure]:
    accuracy = mean_figure(f"{name}: melody accuracy", _accuracies(heard, wanted))
    return [accuracy, *_levels(name, heard, wanted, (None, None))]


def _recorded(bench: Bench) -> list[Figure]:
    if not bench.excerpts:
        return []
    heard, wanted = bench.heard("recordings"), _wanted(bench)
    accuracy = _accuracies(heard, wanted)
    name = f"{len(wanted)} excerpts of real recordings"
    return [
        mean_figure(f"{name}: melody accuracy", accuracy, aim=Aim(at_least=0.35)),
        *_levels(name, heard, wanted, (Aim(at_least=0.7), None)),
    ]


def _levels(
    name: str, heard: Some, wanted: Some, aims: tuple[Aim | None, Aim | None]
) -> list[Figure]:
    """Dynamics correlation, micro and macro."""
    pairs = list(zip(heard, wanted, strict=True))
    micro = np.array([micro_correlation(h.dynamics_db, w.dynamics_db) for h, w in pairs])

    def macro(chosen: NDArray[np.intp]) -> float:
        return macro_correlation(
            [heard[i].dynamics_db for i in chosen], [wanted[i].dynamics_db for i in chosen]
        )

    return [
        mean_figure(f"{name}: dynamics, micro", micro, aim=aims[0]),
        pooled_figure(f"{name}: dynamics, macro", macro, micro, aim=aims[1], note="items: micro"),
    ]


def _files(bench: Bench) -> list[str]:
    """A table of the recordings, one by one."""
    if not bench.excerpts:
        return []
    rows = ["| recording | melody accuracy | dynamics, micro |", "|---|---|---|"]
    for excerpt, h, w in zip(
        bench.excerpts, bench.heard("recordings"), _wanted(bench), strict=True
    ):
        micro = micro_correlation(h.dynamics_db, w.dynamics_db)
        rows.append(f"| {excerpt.name} | {melody_accuracy(h, w):.2f} | {micro:.2f} |")
    return ["\n".join(rows)]


def _wanted(bench: Bench) -> list[Controls]:
    return [r.controls for r in bench.requests("recordings") if r.controls is not None]


def _accuracies(heard: Some, wanted: Some) -> NDArray[np.float64]:
    return np.array([melody_accuracy(h, w) for h, w in zip(heard, wanted, strict=True)])


def _against_others(heard: Controls, index: int, wanted: Some) -> float:
    others = [melody_accuracy(heard, w) for i, w in enumerate(wanted) if i != index]
    return finite_mean(np.array(others))
