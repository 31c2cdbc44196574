"""Point 7: seconds per window, and what other numbers of steps give."""

from __future__ import annotations

import os
import platform
import time

import torch

from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.evidence.report import Figure, Section, mean_figure
from otio_hpm.evaluation.evidence.series import STEPS
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.melody import melody_accuracy

_TIMED = 3
"""Windows that are timed, after one that is not."""


def speed(bench: Bench) -> Section:
    """Timed on this machine as it is; other work on it slows it."""
    own = bench.sampling.steps_for(followed=True)
    figures = [
        mean_figure(
            f"seconds per window, {own} steps",
            _seconds(bench),
            unit="s",
            note=f"the model's own estimate is {bench.config.estimated_s(own):g} s",
        )
    ]
    for steps in sorted({*STEPS, own}):
        figures += _quality(bench, steps)
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"device {bench.pipeline.device}, torch {torch.__version__}"
    )
    return Section(name="speed", title="Speed", figures=tuple(figures), remarks=(machine,))


def _seconds(bench: Bench) -> list[float]:
    """With a maestro, as most windows are made; never from takes that are kept."""
    requests = bench.requests("own steps")
    bench.pipeline.generate(requests[0])
    seconds = []
    for index in range(_TIMED):
        begin = time.perf_counter()
        bench.pipeline.generate(requests[index % len(requests)])
        seconds.append(time.perf_counter() - begin)
    return seconds


def _quality(bench: Bench, steps: int) -> list[Figure]:
    series = f"{steps} steps" if steps in STEPS else "own steps"
    tune = [in_tune_share(sound, bench.rate) for sound in bench.sounds(series)]
    pairs = zip(bench.heard(series), bench.maestros, strict=False)
    accuracy = [melody_accuracy(heard, wanted) for heard, wanted in pairs]
    return [
        mean_figure(f"{steps} steps: in tune", tune),
        mean_figure(f"{steps} steps: melody accuracy", accuracy),
    ]
