"""The processes that train one part together, and how precisely they compute (Accelerate).

Started as one process, this is that process alone. Started by `accelerate launch`, each process
sees batches of its own, gradients are averaged over all of them, and the first one writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from torch import Tensor, nn

from otio_hpm.errors import ModelError

Precision = Literal["float32", "bf16", "fp16"]
_PATIENCE = timedelta(days=30)
"""How long processes wait for each other: while the first looks at all films, far longer than
PyTorch's ten minutes."""
_ACCELERATE: dict[Precision, str] = {"float32": "no", "bf16": "bf16", "fp16": "fp16"}


class Processes:
    """All processes of this run, seen from this one."""

    def __init__(self, device: str, precision: Precision = "bf16") -> None:
        """Raises ModelError where the device cannot compute in this precision."""
        if precision == "fp16" and device == "cpu":
            raise ModelError(
                "a CPU cannot train in fp16", hint="Choose --precision bf16 or float32."
            )
        _all_processes(device)
        # One process may train parts in several precisions; Accelerate holds the first for good.
        AcceleratorState._reset_state()
        try:
            self._accelerator = Accelerator(
                cpu=device == "cpu", mixed_precision=_ACCELERATE[precision]
            )
        except ValueError as error:
            raise ModelError(
                f"device {device!r} cannot train in {precision}: {error}",
                hint="Choose --precision float32.",
            ) from error
        self.device = str(self._accelerator.device)
        """This process's own device."""
        self.index = int(self._accelerator.process_index)
        self.count = int(self._accelerator.num_processes)
        self.is_first = bool(self._accelerator.is_main_process)

    def prepared(self, optimizer: torch.optim.Optimizer) -> Any:
        """The optimiser, scaling gradients where the precision needs it."""
        return self._accelerator.prepare(optimizer)

    def precision(self) -> AbstractContextManager[None]:
        """Context of forward passes."""
        context: AbstractContextManager[None] = self._accelerator.autocast()
        return context

    def backward(self, loss: Tensor, trained: Iterable[nn.Parameter], norm: float) -> None:
        """Gradients of the loss, averaged over all processes and clipped to a norm."""
        self._accelerator.backward(loss)
        parameters = [p for p in trained if p.grad is not None]
        if self.count > 1:
            self._average([p.grad for p in parameters if p.grad is not None])
        self._accelerator.clip_grad_norm_(parameters, norm)

    def mean(self, value: Tensor) -> float:
        """Mean of a scalar over all processes."""
        return float(self._accelerator.reduce(value.detach(), "mean"))

    def agreed(self, wish: bool) -> bool:
        """What the first process wishes, for all."""
        flag = torch.tensor(float(wish and self.is_first), device=self.device)
        return bool(self._accelerator.reduce(flag, "sum") > 0)

    def wait(self) -> None:
        """Wait for all others to come here."""
        self._accelerator.wait_for_everyone()

    @property
    def scaler(self) -> Any:
        """fp16's gradient scaler, or None."""
        return self._accelerator.scaler

    def _average(self, gradients: list[Tensor]) -> None:
        """Average in one message: hundreds of small ones would cost more than what they carry."""
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        averaged: Tensor = self._accelerator.reduce(flat, "mean")
        for gradient, part in zip(
            gradients, averaged.split([g.numel() for g in gradients]), strict=True
        ):
            gradient.copy_(part.view_as(gradient))


@contextmanager
def first_process_first(device: str) -> Iterator[bool]:
    """Whether this is the first process; the others wait until it has left the context.

    What the first one writes on disk, the others then find there.
    """
    state = _all_processes(device)
    with state.main_process_first():
        yield bool(state.is_main_process)


def _all_processes(device: str) -> PartialState:
    """What this process knows of the others; the first call meets them."""
    return PartialState(cpu=device == "cpu", timeout=_PATIENCE)
