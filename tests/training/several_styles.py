"""One of several processes that train a house style together; started by its test.

    python several_styles.py RUN [KILLED]

Its environment is what `torchrun` gives. The process of number KILLED is killed in the third step.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch

from otio_hpm.training import recipe, train_diffusion
from otio_hpm.training.beginning import begin_from
from otio_hpm.training.processes import first_process_first
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

WINDOWS = 4


def main(folder: Path, killed: str | None = None) -> None:
    run = Run(folder=folder, windows=WINDOWS, precision="float32", recompute=killed is not None)
    if os.environ["RANK"] == killed:
        _kill_after(2)
    train_diffusion.save_samples = lambda *_: None
    with first_process_first("cpu"):
        begin_from(run, "debug")
    schedule = Schedule(steps=4, learning_rate=1e-2, warmup_steps=1, checkpoint_every=1)
    assert recipe.run_style(run, schedule, batch=1, joint=False, lora_rank=2)


def _kill_after(steps: int) -> None:
    """Kill this process when it has drawn what so many steps are told."""
    drawn, left = train_diffusion.dropped, iter(range(steps))

    def dropped(*args, **named):  # type: ignore[no-untyped-def]
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return drawn(*args, **named)

    train_diffusion.dropped = dropped


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), *sys.argv[2:])
