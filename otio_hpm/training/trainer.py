"""The training loop that every part shares: resumable to the step, with EMA and validation.

Batches and noise derive from the step number, so a resumed run continues as if never stopped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from otio_hpm.errors import ModelError
from otio_hpm.files import make_folder
from otio_hpm.training.journal import Journal
from otio_hpm.training.processes import Processes
from otio_hpm.training.trainer_state import load_best, load_state, save_best, save_state

_NEW_PARTS_FASTER = 5.0
_APART = 0x9E3779B9
"""Between the seeds of processes that train together: the golden section of the 32 bits that
PyTorch's generator on the CPU takes of a seed, by which few or many lie far apart."""
_BETAS = (0.9, 0.999)
"""AdamW's (paper section 4.1)."""

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
    """Steps between checkpoints, reports, samples and validations; one more is at the end."""
    seed: int = 0
    """Of batches and noise."""

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        cosine = 0.5 * (1 + torch.cos(torch.tensor(done * torch.pi)).item())
        return self.learning_rate * (0.05 + 0.95 * cosine)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What is looked at between the steps; the module then holds the running average."""

    sample: Callable[[], None] = lambda: None
    """Draws what the part makes."""
    validate: Callable[[], float] | None = None
    """Loss on windows that are not trained on; the average with the least is what is shipped."""


def _optimizer(
    old: dict[str, nn.Parameter], new: dict[str, nn.Parameter], schedule: Schedule
) -> torch.optim.Optimizer:
    groups = ((old, 1.0), (new, _NEW_PARTS_FASTER))
    return torch.optim.AdamW(
        [{"params": list(g.values()), "faster": f} for g, f in groups if g],
        lr=schedule.learning_rate,
        betas=_BETAS,
        weight_decay=schedule.weight_decay,
    )


class Trainer:
    """Trains `module`'s trainable parameters and keeps their running average."""

    def __init__(
        self, module: nn.Module, schedule: Schedule, folder: Path, processes: Processes,
        new_parts: tuple[str, ...] = (), *, tensorboard: bool = False,
    ) -> None:  # fmt: skip
        """`new_parts` are name prefixes of what starts from nothing and learns faster."""
        self.processes = processes
        self.device = processes.device
        self.module = module.to(self.device)
        self.schedule = schedule
        self.folder = folder
        self.step = 0
        self.recent: list[float] = []
        """Losses since the last report."""
        self.best_loss = math.inf
        trained = {n: p for n, p in module.named_parameters() if p.requires_grad}
        new = {n: p for n, p in trained.items() if n.startswith(new_parts)}
        old = {n: p for n, p in trained.items() if n not in new}
        self.trained = old | new
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        self.optimizer = processes.prepared(_optimizer(old, new, schedule))
        make_folder(folder)
        load_state(self)
        if processes.is_first:
            self._journal = Journal(folder, tensorboard=tensorboard, step=self.step)

    def run(self, loss: Loss, watch: Watch, minutes: float | None = None) -> bool:
        """Train to the end or for `minutes`; whether the schedule is finished.

        Raises ModelError for a loss that is no number; what was saved last stays.
        """
        started, first = time.monotonic(), self.step
        while self.step < self.schedule.steps:
            self.recent.append(self._update(loss))
            if self.step % self.schedule.checkpoint_every == 0 or self.step == self.schedule.steps:
                self._look(watch, (time.monotonic() - started) / (self.step - first))
            late = minutes is not None and time.monotonic() - started > minutes * 60
            if minutes is not None and self.processes.agreed(late):
                break
        self.save()
        return self.step >= self.schedule.steps

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Context in which the module holds the running average."""
        held = {name: parameter.detach().clone() for name, parameter in self.trained.items()}
        self._hold(self.average)
        try:
            yield
        finally:
            self._hold(held)

    @contextmanager
    def shipped(self) -> Iterator[None]:
        """Context in which the module holds what is best: by validation, else the average."""
        with self.averaged():
            if self.best_loss < math.inf:
                self._hold(load_best(self))
            yield

    def save(self) -> None:
        """Write the state; a killed run continues from the last one."""
        if self.processes.is_first:
            save_state(self)
        self.processes.wait()

    def _update(self, loss: Loss) -> float:
        seed = self.schedule.seed * 1_000_003 + self.step + self.processes.index * _APART
        generator = torch.Generator().manual_seed(seed)
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate_at(self.step) * group["faster"]
        with self.processes.precision():
            value = loss(self.step, generator)
        told = self._finite(self.processes.mean(value))
        self.processes.backward(value, self.trained.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        # A young average must not remember the random start.
        decay = min(self.schedule.ema_decay, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.trained.items():
                self.average[name].lerp_(parameter, 1 - decay)
        return told

    def _finite(self, loss: float) -> float:
        if not math.isfinite(loss):
            raise ModelError(
                f"the loss of step {self.step + 1} is {loss}, so nothing can be learnt from it",
                hint="Train with --precision float32, or at a lower --rate, in another run, or in"
                " this one from what it saved last.",
            )
        return loss

    def _look(self, watch: Watch, seconds_per_step: float) -> None:
        """Validate, tell, save and draw; the first process for all.

        What is told of a step whose state a kill has lost is forgotten when the run goes on.
        """
        told = {"loss": round(sum(self.recent) / len(self.recent), 5)}
        self.recent = []
        if self.processes.is_first:
            if watch.validate is not None:
                told["validation_loss"] = self._validated(watch.validate)
            self._journal.tell(self.step, told | self._clock(seconds_per_step))
        self.save()
        if self.processes.is_first:
            with self.averaged(), self.processes.precision():
                watch.sample()

    def _validated(self, validate: Callable[[], float]) -> float:
        """Loss of the running average, which is kept where none before did as well."""
        with self.averaged(), self.processes.precision():
            loss = validate()
        if loss < self.best_loss:
            self.best_loss = loss
            save_best(self)
        return loss

    def _clock(self, seconds_per_step: float) -> dict[str, float]:
        return {
            "rate": self.schedule.rate_at(self.step),
            "seconds_per_step": round(seconds_per_step, 3),
            "seconds_left": round(seconds_per_step * (self.schedule.steps - self.step)),
        }

    @torch.no_grad()
    def _hold(self, values: dict[str, Tensor]) -> None:
        """Copy values into the module's trained parameters."""
        for name, parameter in self.trained.items():
            parameter.copy_(values[name])
