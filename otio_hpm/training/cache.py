"""Composed windows as training reads them: spectrogram, controls and film descriptors, in shards.

A window is composed from its index alone, so a shard that is missing is simply composed again.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
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
from otio_hpm.training.scores import ScoreLibrary
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


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Where composed windows are kept and what they are composed with."""

    folder: Path
    """Holds the shards."""
    scores: Path | None
    """Folder of the parsed public-domain scores; None to compose all music."""
    soundfont: Path
    """General MIDI soundfont."""
    config: ModelConfig
    seed: int = 0
    """Of the pairs' numbers."""

    def shard(self, start: int) -> Path:
        """File of the shard whose first window is number `start`."""
        return self.folder / f"windows_{start:09d}.safetensors"


def compose_shards(corpus: Corpus, count: int) -> Iterator[Path]:
    """Compose every missing shard of `count` training windows on all cores; yields each."""
    corpus.folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, count, SHARD_WINDOWS)
    missing = [(corpus, s, min(s + SHARD_WINDOWS, count)) for s in starts]
    missing = [task for task in missing if not corpus.shard(task[1]).exists()]
    if not missing:
        return
    if corpus.scores:
        # Parsed here once, not by every process.
        ScoreLibrary.load(corpus.scores)
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_compose_shard, missing)


def _compose_shard(task: tuple[Corpus, int, int]) -> Path:
    """Compose windows [start, end) into one file; what a process is given."""
    torch.set_num_threads(1)
    corpus, start, end = task
    synth, library = _instruments(corpus.soundfont, corpus.scores)
    stacked: dict[str, Tensor] = {}
    for row, number in enumerate(range(start, end)):
        pair = compose_pair(pair_seed(corpus.seed, number), synth, library)
        for key, value in window_of(pair, corpus.config).items():
            # Rows are copied into one tensor: kept apart, they fragment the heap.
            if key not in stacked:
                stacked[key] = value.new_empty(end - start, *value.shape)
            stacked[key][row] = value
    path = corpus.shard(start)
    part = path.with_suffix(".part")
    save_file(stacked, part)
    os.replace(part, path)
    return path


@cache
def _instruments(soundfont: Path, scores: Path | None) -> tuple[Synth, ScoreLibrary | None]:
    return Synth(soundfont), ScoreLibrary.load(scores) if scores else None


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
