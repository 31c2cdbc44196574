"""The training loop on a line: validation, and what is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import several_processes
import torch
from torch import Tensor, nn

from otio_hpm.errors import ModelError, SettingsError
from otio_hpm.training.fixed_draws import FixedDraws, Latents
from otio_hpm.training.processes import Processes
from otio_hpm.training.trainer import Schedule, Trainer, Watch

ALONE = "cpu", "float32"


def schedule(steps: int) -> Schedule:
    return Schedule(steps=steps, learning_rate=0.1, warmup_steps=0, checkpoint_every=2)


def trainer(folder: Path, steps: int, **named: bool) -> Trainer:
    return Trainer(
        several_processes.new_line(), schedule(steps), folder, Processes(*ALONE), **named
    )


def error(trained: Trainer):  # type: ignore[no-untyped-def]
    assert isinstance(trained.module, nn.Linear)
    line = trained.module
    return lambda _, generator: several_processes.error(line, generator)


def weight(trained: Trainer) -> Tensor:
    assert isinstance(trained.module, nn.Linear)
    return trained.module.weight.detach().clone()


class Scripted:
    """Validation that finds what it is told to, and keeps what it looked at."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses
        self.seen: list[Tensor] = []

    def of(self, trained: Trainer):  # type: ignore[no-untyped-def]
        def validate() -> float:
            self.seen.append(weight(trained))
            return self.losses[len(self.seen) - 1]

        return validate


def test_the_best_average_is_shipped_also_by_a_later_leg(tmp_path: Path) -> None:
    scripted = Scripted([3.0, 1.0, 2.0, 1.5])
    first = trainer(tmp_path, 6)
    first.run(error(first), Watch(validate=scripted.of(first)))
    with first.shipped():
        assert torch.equal(weight(first), scripted.seen[1])
    second = trainer(tmp_path, 8)
    second.run(error(second), Watch(validate=scripted.of(second)))
    last = weight(second)
    with second.shipped():
        assert torch.equal(weight(second), scripted.seen[1])
    assert torch.equal(weight(second), last)
    lines = map(json.loads, (tmp_path / "log.jsonl").read_text("utf-8").splitlines())
    assert [(told["step"], told["validation_loss"]) for told in lines] == [
        (2, 3.0), (4, 1.0), (6, 2.0), (8, 1.5)
    ]  # fmt: skip


def test_the_last_steps_are_validated_too(tmp_path: Path) -> None:
    trained, scripted = trainer(tmp_path, 3), Scripted([2.0, 1.0])
    trained.run(error(trained), Watch(validate=scripted.of(trained)))
    with trained.shipped():
        assert torch.equal(weight(trained), scripted.seen[1])
    lines = map(json.loads, (tmp_path / "log.jsonl").read_text("utf-8").splitlines())
    assert [told["step"] for told in lines] == [2, 3]


def test_a_loss_that_is_no_number_stops_a_run_that_goes_on_from_what_was_saved(
    tmp_path: Path,
) -> None:
    trained = trainer(tmp_path, 6)
    right = error(trained)

    def spoilt(step: int, generator: torch.Generator) -> Tensor:
        return right(step, generator) * (torch.nan if step == 3 else 1)

    with pytest.raises(ModelError, match="loss of step 4 is nan"):
        trained.run(spoilt, Watch())
    again = trainer(tmp_path, 6)
    assert again.step == 2
    assert again.run(error(again), Watch())
    assert weight(again).isfinite().all()


def test_without_validation_the_average_is_shipped(tmp_path: Path) -> None:
    trained = trainer(tmp_path, 4)
    trained.run(error(trained), Watch())
    with trained.averaged():
        average = weight(trained)
    assert not torch.equal(average, weight(trained))
    with trained.shipped():
        assert torch.equal(weight(trained), average)


def test_a_leg_that_ends_between_reports_loses_no_step_of_the_curve(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole", 4)
    whole.run(error(whole), Watch())
    for _ in range(4):
        leg = trainer(tmp_path / "legs", 4)
        leg.run(error(leg), Watch(), minutes=0)
    curves = [
        [json.loads(line)["loss"] for line in (tmp_path / name / "log.jsonl").open("rb")]
        for name in ("whole", "legs")
    ]
    assert curves[0] == curves[1] and len(curves[0]) == 2


def test_lines_of_steps_that_were_lost_are_forgotten(tmp_path: Path) -> None:
    trained = trainer(tmp_path, 4)
    trained.run(error(trained), Watch())
    log = tmp_path / "log.jsonl"
    told = log.read_text("utf-8")
    log.write_text(told + '{"step": 6, "loss": 1}\n{"step": 8, "lo', "utf-8")
    trainer(tmp_path, 4)
    assert log.read_text("utf-8") == told


def test_a_state_of_other_parameters_is_refused(tmp_path: Path) -> None:
    trained = trainer(tmp_path, 2)
    trained.run(error(trained), Watch())
    with pytest.raises(SettingsError, match="has other parameters"):
        Trainer(nn.Linear(5, 1), schedule(2), tmp_path, Processes(*ALONE))


def test_fixed_draws_reach_all_windows() -> None:
    for windows, expected in ((3, [0, 1, 2, 0, 1, 2]), (13, [0, 2, 4, 6, 8, 10])):
        latent = torch.zeros(windows, 1, 1, 1)
        draws = FixedDraws.spread(Latents(latent=latent, windows=None), range(1000), 6)
        assert draws.chosen.tolist() == expected
        assert sorted(draws.step.tolist()) == [0, 200, 400, 599, 799, 999]


def test_tensorboard_is_told_the_same(train_extra: Callable[[str], Any], tmp_path: Path) -> None:
    events = train_extra("tensorboard.backend.event_processing.event_accumulator")
    trained = trainer(tmp_path, 4, tensorboard=True)
    trained.run(error(trained), Watch())
    read = events.EventAccumulator(str(tmp_path / "tensorboard"))
    read.Reload()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").open("rb")]
    told = [(event.step, event.value) for event in read.Scalars("loss")]
    assert told == [(line["step"], pytest.approx(line["loss"])) for line in lines]


def test_tensorboard_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(SettingsError, match="TensorBoard is not installed"):
        trainer(tmp_path, 4, tensorboard=True)


def test_a_precision_that_the_device_has_not_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot train in fp16"):
        Processes("cpu", "fp16")


def test_precisions_differ(tmp_path: Path) -> None:
    lines = []
    for precision in ("float32", "bf16"):
        line = several_processes.new_line()
        trained = Trainer(line, schedule(2), tmp_path / precision, Processes("cpu", precision))
        trained.run(error(trained), Watch())
        lines.append(weight(trained))
    assert not torch.equal(*lines) and torch.allclose(*lines, atol=0.02)
