"""Several processes: each sees batches of its own, and one that is killed loses no step."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import several_processes
import several_styles
import torch
from random_windows import write_windows
from safetensors.torch import load_file

from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.training.processes import Processes
from otio_hpm.training.trainer import Trainer, Watch

PROCESSES = 2
SEEDS = (0, 0x9E3779B9)
"""Of the first step's batches."""


def run_together(script: object, *arguments: object) -> list[int]:
    """Run a script in two processes that know of each other; their exit codes.

    Like `torchrun`, ends the other where one fails: it may wait for an answer.
    """
    started = list(_started(str(script.__file__), *map(str, arguments)))  # type: ignore[attr-defined]
    for process in started:
        if process.wait(timeout=300) != 0:
            for other in started:
                other.kill()
    return [process.wait() for process in started]


def _started(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for rank in range(PROCESSES):
        environment = os.environ | {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(PROCESSES),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        yield subprocess.Popen([sys.executable, script, *arguments], env=environment)


def test_two_processes_take_the_mean_of_their_gradients(tmp_path: Path) -> None:
    assert run_together(several_processes, tmp_path) == [0, 0]
    one, other = (load_file(tmp_path / f"{rank}.safetensors") for rank in range(PROCESSES))
    assert torch.equal(one["weight"], other["weight"])
    assert len((tmp_path / "part" / "log.jsonl").read_text("utf-8").splitlines()) == 2
    drawn = [torch.randn(8, generator=torch.Generator().manual_seed(seed)) for seed in SEEDS]
    assert not torch.equal(*drawn)
    line = several_processes.new_line()
    alone = Trainer(
        line, several_processes.SCHEDULE, tmp_path / "alone", Processes("cpu", "float32")
    )

    def both(step: int, _: torch.Generator) -> torch.Tensor:
        errors = [
            several_processes.error(line, torch.Generator().manual_seed(step + seed))
            for seed in SEEDS
        ]
        return torch.stack(errors).mean()

    alone.run(both, Watch())
    assert torch.allclose(line.weight, one["weight"], atol=1e-6)


def test_a_killed_process_loses_no_step_of_a_house_style(tmp_path: Path) -> None:
    """Nor does gradient checkpointing change any."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        config = ModelConfig.load(model_folder("debug") / "config.json")
        write_windows(folder, config, several_styles.WINDOWS)
    assert run_together(several_styles, killed, 1)[1] == -signal.SIGKILL
    assert [step for step, _ in curve(killed)] == [1, 2]
    for folder in (killed, whole):
        assert run_together(several_styles, folder) == [0, 0]
    assert [step for step, _ in curve(whole)] == [1, 2, 3, 4]
    assert curve(killed) == curve(whole)
    for name in ("style/state", "parts/s_control", "adapter/adapter_model"):
        one, other = (load_file(folder / f"{name}.safetensors") for folder in (whole, killed))
        assert all(value.equal(other[key]) for key, value in one.items()), name


def curve(run: Path) -> list[tuple[int, float]]:
    """Step and loss of every report."""
    lines = (run / "style" / "log.jsonl").read_text("utf-8").splitlines()
    return [(told["step"], told["loss"]) for told in map(json.loads, lines)]
