"""The training loop that every part shares: resumable to the step, with EMA, bf16 and progress.

Batches and noise derive from the step number, so a resumed run continues as if never stopped.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

logger = logging.getLogger(__name__)

_NEW_PARTS_FASTER = 5.0

Loss = Callable[[int, torch.Generator], Tensor]
"""Loss of one step, given the step's number and its random generator."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast one part is trained."""

    steps: int
    """Optimiser steps in all."""
    learning_rate: float
    """Peak, after the warm-up; a half cosine leads to a twentieth of it."""
    warmup_steps: int = 200
    """Linear warm-up."""
    weight_decay: float = 0.01
    """AdamW's (paper section 4.1)."""
    ema_decay: float = 0.999
    """Of the running average that is shipped."""
    checkpoint_every: int = 500
    """Steps between checkpoints and reports."""
    seed: int = 0
    """Of batches and noise."""

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        cosine = 0.5 * (1 + torch.cos(torch.tensor(done * torch.pi)).item())
        return self.learning_rate * (0.05 + 0.95 * cosine)


class Trainer:
    """Trains `module`'s trainable parameters and keeps their running average."""

    def __init__(
        self, module: nn.Module, schedule: Schedule, folder: Path, device: str,
        new_parts: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """`new_parts` are name prefixes of what starts from nothing and learns faster."""
        self.module = module.to(device)
        self.schedule = schedule
        self.folder = folder
        self.device = device
        self.step = 0
        trained = {n: p for n, p in module.named_parameters() if p.requires_grad}
        new = {n: p for n, p in trained.items() if n.startswith(new_parts)}
        old = {n: p for n, p in trained.items() if n not in new}
        self.trained = old | new
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        groups = ((old, 1.0), (new, _NEW_PARTS_FASTER))
        self.optimizer = torch.optim.AdamW(
            [{"params": list(g.values()), "faster": f} for g, f in groups if g],
            lr=schedule.learning_rate,
            weight_decay=schedule.weight_decay,
        )
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.safetensors").exists():
            self._resume()

    def run(self, loss: Loss, sample: Callable[[], None], minutes: float | None = None) -> bool:
        """Train to the end or for `minutes`; whether the schedule is finished."""
        started, first, recent = time.monotonic(), self.step, []
        while self.step < self.schedule.steps:
            recent.append(self._update(loss))
            if self.step % self.schedule.checkpoint_every == 0:
                self._report(recent, time.monotonic() - started, self.step - first)
                recent = []
                self.save()
                with self.averaged(), torch.autocast(self.device, torch.bfloat16):
                    sample()
            if minutes is not None and time.monotonic() - started > minutes * 60:
                break
        self.save()
        return self.step >= self.schedule.steps

    def averaged(self) -> _Averaged:
        """Context in which the module holds the running average."""
        return _Averaged(self)

    def save(self) -> None:
        """Write the state; a killed run continues from the last one."""
        tensors = {f"average.{n}": t for n, t in self.average.items()}
        tensors |= {f"model.{n}": p.detach() for n, p in self.trained.items()}
        for index, name in enumerate(self.trained):
            for key, value in self.optimizer.state_dict()["state"].get(index, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
        part = self.folder / "state.part"
        save_file({k: t.contiguous() for k, t in tensors.items()}, part, {"step": str(self.step)})
        os.replace(part, self.folder / "state.safetensors")

    def _update(self, loss: Loss) -> float:
        generator = torch.Generator().manual_seed(self.schedule.seed * 1_000_003 + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate_at(self.step) * group["faster"]
        with torch.autocast(self.device, torch.bfloat16):
            value = loss(self.step, generator)
        value.backward()
        nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        # A young average must not remember the random start.
        decay = min(self.schedule.ema_decay, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.trained.items():
                self.average[name].lerp_(parameter, 1 - decay)
        return float(value.detach())

    def _report(self, recent: list[float], seconds: float, steps: int) -> None:
        left = seconds / steps * (self.schedule.steps - self.step)
        line = {
            "step": self.step,
            "loss": round(sum(recent) / len(recent), 5),
            "seconds": round(seconds, 1),
            "seconds_left": round(left),
        }
        logger.info("%s", json.dumps(line))
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _resume(self) -> None:
        from safetensors import safe_open

        path = self.folder / "state.safetensors"
        with safe_open(path, "pt") as file:
            self.step = int(file.metadata()["step"])
        tensors = load_file(path, device=self.device)
        state = {}
        with torch.no_grad():
            for index, (name, parameter) in enumerate(self.trained.items()):
                parameter.copy_(tensors[f"model.{name}"])
                self.average[name].copy_(tensors[f"average.{name}"])
                keys = ("step", "exp_avg", "exp_avg_sq")
                if f"optimizer.step.{name}" in tensors:
                    state[index] = {k: tensors[f"optimizer.{k}.{name}"] for k in keys}
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


class _Averaged:
    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def __enter__(self) -> None:
        self._swap()

    def __exit__(self, *_: object) -> None:
        self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, parameter in self.trainer.trained.items():
            held = parameter.detach().clone()
            parameter.copy_(self.trainer.average[name])
            self.trainer.average[name].copy_(held)
