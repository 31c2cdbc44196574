"""A trainer's state on disk: weights, running average, optimiser, and the losses of its steps."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from otio_hpm.errors import SettingsError
from otio_hpm.training.cache import save_whole

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

    Raises SettingsError where that trained something else.
    """
    path = trainer.folder / STATE
    if not path.exists():
        return
    facts = _facts(path)
    trainer.step = int(facts["step"])
    trainer.recent = json.loads(facts.get("recent", "[]"))
    trainer.best_loss = float(facts.get("best_loss", math.inf))
    scaler = json.loads(facts.get("scaler", "null"))
    if scaler and trainer.processes.scaler:
        trainer.processes.scaler.load_state_dict(scaler)
    tensors = load_file(path)
    _require_same_parameters(trainer, tensors)
    _load_tensors(trainer, tensors)


def save_best(trainer: Trainer) -> None:
    """Keep the running average, which has done best so far."""
    save_whole(trainer.average, trainer.folder / BEST, {"step": str(trainer.step)})


def load_best(trainer: Trainer) -> dict[str, Tensor]:
    """The running average that has done best."""
    best: dict[str, Tensor] = load_file(trainer.folder / BEST)
    return best


def read_progress(folder: Path) -> Progress | None:
    """How far a part's training has come, or None where it has no state."""
    if not (folder / STATE).exists():
        return None
    facts = _facts(folder / STATE)
    best_loss = float(facts.get("best_loss", math.inf))
    best_step = int(_facts(folder / BEST)["step"]) if best_loss < math.inf else None
    return Progress(step=int(facts["step"]), best_step=best_step, best_loss=best_loss)


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
