"""A trainer's state on disk: weights, running average, optimiser, and the losses of its steps."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from otio_hpm.errors import ModelError, SettingsError
from otio_hpm.model.checkpoint import save_whole

if TYPE_CHECKING:
    from otio_hpm.training.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the training of a part has come."""

    step: int
    """Optimiser steps that its state has behind it."""
    best_step: int | None
    """After which the running average did best in validation; None where none validated."""
    best_loss: float
    """Of that average."""


STATE = "state.safetensors"
BEST = "best.safetensors"
"""The running average that did best in validation."""
_OPTIMIZER = ("step", "exp_avg", "exp_avg_sq")


def save_state(trainer: Trainer) -> None:
    """Write everything that the next step depends on."""
    tensors = {f"average.{n}": t for n, t in trainer.average.items()}
    tensors |= {f"model.{n}": p.detach() for n, p in trainer.trained.items()}
    optimizer = trainer.optimizer.state_dict()["state"]
    for index, name in enumerate(trainer.trained):
        for key, value in optimizer.get(index, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value
    scaler = trainer.processes.scaler
    facts = {
        "step": str(trainer.step),
        "recent": json.dumps(trainer.recent),
        "best_loss": repr(trainer.best_loss),
        "scaler": json.dumps(scaler.state_dict() if scaler else None),
    }
    save_whole(tensors, trainer.folder / STATE, facts)


def load_state(trainer: Trainer) -> None:
    """Bring a trainer to where its last state was written, if one was.

    Raises SettingsError where that trained something else, and ModelError for a damaged state.
    """
    path = trainer.folder / STATE
    if not path.exists():
        return
    with _damage_told(path):
        facts, tensors = _facts(path), load_file(path)
        trainer.step = int(facts["step"])
        trainer.recent = json.loads(facts.get("recent", "[]"))
        trainer.best_loss = float(facts.get("best_loss", math.inf))
        scaler = json.loads(facts.get("scaler", "null"))
        if scaler and trainer.processes.scaler:
            trainer.processes.scaler.load_state_dict(scaler)
        _require_same_parameters(trainer, tensors)
        _load_tensors(trainer, tensors)


def save_best(trainer: Trainer) -> None:
    """Keep the running average, which has done best so far."""
    save_whole(trainer.average, trainer.folder / BEST, {"step": str(trainer.step)})


def load_best(trainer: Trainer) -> dict[str, Tensor]:
    """The running average that has done best. Raises ModelError where it is lost or damaged."""
    path = trainer.folder / BEST
    with _damage_told(path):
        best: dict[str, Tensor] = load_file(path)
        if best.keys() != trainer.trained.keys():
            raise ValueError("it holds other weights")
    return best


def read_progress(folder: Path) -> Progress | None:
    """How far a part's training has come, or None where it has no state.

    Raises ModelError for a damaged one.
    """
    if not (folder / STATE).exists():
        return None
    with _damage_told(folder / STATE):
        facts = _facts(folder / STATE)
        step, best_loss = int(facts["step"]), float(facts.get("best_loss", math.inf))
    with _damage_told(folder / BEST):
        best_step = int(_facts(folder / BEST)["step"]) if best_loss < math.inf else None
    return Progress(step=step, best_step=best_step, best_loss=best_loss)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Raise ModelError where a file of a stage cannot be read."""
    try:
        yield
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} cannot be read: {error}",
            hint=f"Put a copy of it back, or move {path.parent} away to train that stage from its "
            "beginning.",
        ) from error


def _facts(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def _require_same_parameters(trainer: Trainer, tensors: dict[str, Tensor]) -> None:
    kept = {name: t.shape for name, t in tensors.items() if name.startswith("model.")}
    if kept != {f"model.{name}": p.shape for name, p in trainer.trained.items()}:
        raise SettingsError(
            f"what was trained in {trainer.folder} has other parameters than what is asked for",
            hint="Give every leg of a run the same options, such as --lora and --joint, or begin "
            "another run with --run.",
        )


def _load_tensors(trainer: Trainer, tensors: dict[str, Tensor]) -> None:
    state = {}
    with torch.no_grad():
        for index, (name, parameter) in enumerate(trainer.trained.items()):
            parameter.copy_(tensors[f"model.{name}"])
            trainer.average[name].copy_(tensors[f"average.{name}"])
            if f"optimizer.step.{name}" in tensors:
                state[index] = {k: tensors[f"optimizer.{k}.{name}"] for k in _OPTIMIZER}
    groups = trainer.optimizer.state_dict()["param_groups"]
    trainer.optimizer.load_state_dict({"state": state, "param_groups": groups})
