"""A house style for tests: an adapter of random weights."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

import torch

from otio_hpm.model.adapter import Adapter
from otio_hpm.model.lora import save_adapter, with_lora
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.s_control import SControl

BASE = "5" * 64


@cache
def _branch() -> SControl:
    return HpmPipeline.load("debug", "cpu", "float32").hpm.s_control


def make_adapter(folder: Path, *, rank: int = 2, base: str = BASE, seed: int = 0) -> Adapter:
    """An adapter of the debug model's shape that is heard, made for the model `base`."""
    torch.manual_seed(seed)
    styled = with_lora(copy.deepcopy(_branch()), rank)
    with torch.no_grad():
        for parameter in styled.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.3)
    save_adapter(styled, folder, rank, base)
    return Adapter.read(folder)
