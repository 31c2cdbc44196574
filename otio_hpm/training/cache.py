"""Composed windows as training reads them: spectrogram, controls and film descriptors, in shards.

A window is composed from its index alone, so a shard that is missing is simply composed again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from otio_hpm.film.descriptors import describe
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of
from otio_hpm.music.spectrogram import analyse
from otio_hpm.training.corpus import Pair, compose_pair, pair_seed
from otio_hpm.training.synthesis import Synth

SHARD_WINDOWS = 200


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Training windows side by side."""

    spectrogram: Tensor
    """shape (N, frames, bands) float16"""
    melody: Tensor
    """Pitch class or -1. shape (N, frames) int8"""
    dynamics_db: Tensor
    """shape (N, frames) float16"""
    descriptors: Tensor
    """Raw film descriptors. shape (N, seconds, descriptor_size) float32"""

    def __len__(self) -> int:
        return len(self.melody)


def window_of(pair: Pair, config: ModelConfig) -> dict[str, Tensor]:
    """What training needs of one composed pair."""
    controls = controls_of(pair.audio, config)
    described = describe(pair.frames[: config.film_seconds * 10]).stacked()
    return {
        "spectrogram": analyse(torch.from_numpy(pair.audio), config).half(),
        "melody": torch.from_numpy(controls.melody),
        "dynamics_db": torch.from_numpy(controls.dynamics_db).half(),
        "descriptors": torch.from_numpy(described),
    }


def compose_shards(
    folder: Path, synth: Synth, config: ModelConfig, *, count: int, seed: int = 0
) -> Iterator[Path]:
    """Compose every missing shard of `count` training windows; yields each as it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, count, SHARD_WINDOWS):
        path = folder / f"windows_{start:09d}.safetensors"
        if not path.exists():
            numbers = range(start, min(start + SHARD_WINDOWS, count))
            stacked: dict[str, Tensor] = {}
            for row, number in enumerate(numbers):
                window = window_of(compose_pair(pair_seed(seed, number), synth), config)
                for key, value in window.items():
                    # Rows are copied into one tensor: kept apart, they fragment the heap.
                    if key not in stacked:
                        stacked[key] = value.new_empty(len(numbers), *value.shape)
                    stacked[key][row] = value
            part = path.with_suffix(".part")
            save_file(stacked, part)
            os.replace(part, path)
        yield path


def load_shards(folder: Path, limit: int | None = None) -> Windows:
    """All shards of a folder, or the first that make up `limit` windows."""
    shards: list[dict[str, Tensor]] = []
    for path in sorted(folder.glob("windows_*.safetensors")):
        if limit is not None and sum(len(s["melody"]) for s in shards) >= limit:
            break
        shards.append(load_file(path))
    return Windows(**{key: torch.cat([s[key] for s in shards]) for key in shards[0]})


def quantile_table(descriptors: Tensor, quantiles: int) -> Tensor:
    """Knots that spread each descriptor evenly. (rows, D) -> (D, quantiles)"""
    table = np.quantile(descriptors.numpy(), np.linspace(0, 1, quantiles), axis=0).T
    # Knots must rise for the search; a constant stretch is spread by a hair.
    steps = np.arange(quantiles) * 1e-6
    return torch.from_numpy(np.maximum.accumulate(table, axis=1) + steps).float()
