"""One of several processes that train a line together; started by their test.

    python several_processes.py FOLDER

Its environment is what `torchrun` gives.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from otio_hpm.training.processes import Processes, first_process_first
from otio_hpm.training.trainer import Schedule, Trainer, Watch

SCHEDULE = Schedule(steps=3, learning_rate=0.1, warmup_steps=0, checkpoint_every=2)


def new_line() -> nn.Linear:
    """The same for all."""
    torch.manual_seed(0)
    return nn.Linear(4, 1)


def error(line: nn.Linear, generator: torch.Generator) -> Tensor:
    """Squared error on a random batch."""
    inputs = torch.randn(8, 4, generator=generator)
    return (line(inputs) - inputs.sum(1, keepdim=True)).square().mean()


def main(folder: Path) -> None:
    with first_process_first("cpu") as first:
        if first:
            (folder / "corpus").write_text("composed")
        assert (folder / "corpus").read_text() == "composed"
    assert torch.distributed.group.WORLD._get_backend(torch.device("cpu")).options._timeout.days
    line = new_line()
    trainer = Trainer(line, SCHEDULE, folder / "part", Processes("cpu", "float32"))
    watch = Watch(validate=lambda: 1.0)
    trainer.run(lambda _, generator: error(line, generator), watch, minutes=10)
    again = Trainer(new_line(), SCHEDULE, folder / "part", Processes("cpu", "float32"))
    assert again.step == SCHEDULE.steps
    with again.shipped():  # what did best, after two of the three steps
        assert not torch.equal(again.trained["weight"], again.average["weight"])
    rank = os.environ["RANK"]
    save_file(dict(line.state_dict()), folder / f"{rank}.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
