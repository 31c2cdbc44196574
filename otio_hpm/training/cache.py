"""Composed windows as training reads them: spectrogram, controls and film descriptors, in shards.

A window is composed from its index alone, so a shard that is missing or short is simply composed
again.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from otio_hpm.errors import ModelError
from otio_hpm.film.descriptors import DESCRIPTOR_SIZE, describe
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.music.controls import controls_of
from otio_hpm.music.spectrogram import analyse
from otio_hpm.timing import SAMPLE_RATE
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
    accents: Tensor
    """Where accents begin. shape (N, frames) bool"""
    descriptors: Tensor
    """Raw film descriptors. shape (N, seconds, descriptor_size) float32"""

    def __len__(self) -> int:
        return len(self.melody)


def window_of(pair: Pair, config: ModelConfig) -> dict[str, Tensor]:
    """What training needs of one composed pair."""
    return window_from(sound_of_pair(pair, config), measured(pair.frames, config), config)


def sound_of_pair(pair: Pair, config: ModelConfig) -> NDArray[np.float32]:
    """A composed pair's sound at the model's rate. -> (samples,)"""
    if config.sample_rate == SAMPLE_RATE:
        return pair.audio
    audio = soxr.resample(pair.audio, SAMPLE_RATE, config.sample_rate)
    return np.asarray(audio[: config.window_samples], dtype=np.float32)


def measured(frames: NDArray[np.uint8], config: ModelConfig) -> NDArray[np.float32]:
    """Film descriptors of a window's picture, (N, 36, 64, 3) at 10 fps. -> (seconds, size)"""
    return describe(frames[: config.film_seconds * FILM_FPS]).stacked()


def require_measured(config: ModelConfig, *, hint: str) -> None:
    """Raise ModelError for a model that sees by published encoders, not what is measured."""
    if config.descriptor_size != DESCRIPTOR_SIZE:
        raise ModelError(
            "this model sees by encoders for which composed pictures are too small", hint=hint
        )


def window_from(
    audio: NDArray[np.float32], descriptors: NDArray[np.float32], config: ModelConfig
) -> dict[str, Tensor]:
    """What training needs of one window's mono sound at the model's rate, and of its picture.

    audio: (window_samples,); descriptors: (film_seconds, descriptor_size)
    """
    controls = controls_of(audio, config)
    return {
        "spectrogram": analyse(torch.from_numpy(audio), config).half(),
        "melody": torch.from_numpy(controls.melody),
        "dynamics_db": torch.from_numpy(controls.dynamics_db).half(),
        "accents": torch.from_numpy(controls.accents),
        "descriptors": torch.from_numpy(descriptors),
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


def missing_shards(folder: Path, count: int) -> list[tuple[int, int]]:
    """First window, and one past the last, of each shard of `count` windows that is not whole."""
    starts = range(0, count, SHARD_WINDOWS)
    shards = [(start, min(start + SHARD_WINDOWS, count)) for start in starts]
    return [(start, end) for start, end in shards if _rows(_shard(folder, start)) < end - start]


def compose_shards(corpus: Corpus, count: int, seconds: float = math.inf) -> Iterator[Path]:
    """Compose every missing shard of `count` training windows on all cores; yields each.

    After `seconds` no more shards are begun; those that were are finished. Raises ModelError where
    the soundfont or the scores cannot be read, and if a process is ended from outside.
    """
    corpus.folder.mkdir(parents=True, exist_ok=True)
    until = time.time() + seconds  # a clock that processes share
    tasks = [(corpus, *shard, until) for shard in missing_shards(corpus.folder, count)]
    if not tasks:
        return
    if corpus.scores:
        # Parsed here once, not by every process.
        ScoreLibrary.load(corpus.scores)
    try:
        with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
            yield from (path for path in pool.map(_compose_shard, tasks) if path)
    except BrokenProcessPool as error:
        raise ModelError(
            "A process that composed the corpus was ended from outside, or ran out of memory.",
            hint="Run again: shards that are finished are kept.",
        ) from error


def _compose_shard(task: tuple[Corpus, int, int, float]) -> Path | None:
    """Compose windows [start, end) into one file, or none after the time given."""
    corpus, start, end, until = task
    if time.time() > until:
        return None
    torch.set_num_threads(1)
    synth, library = _instruments(corpus.soundfont, corpus.scores)
    pairs = (
        compose_pair(pair_seed(corpus.seed, number), synth, library) for number in range(start, end)
    )
    rows = (window_of(pair, corpus.config) for pair in pairs)
    return save_shard(corpus.folder, start, rows, end - start)


def save_shard(folder: Path, start: int, rows: Iterable[dict[str, Tensor]], count: int) -> Path:
    """Write `count` windows, of which the first is number `start`, as one file."""
    stacked: dict[str, Tensor] = {}
    for row, window in enumerate(rows):
        for key, value in window.items():
            # Rows are copied into one tensor: kept apart, they fragment the heap.
            if key not in stacked:
                stacked[key] = value.new_empty(count, *value.shape)
            stacked[key][row] = value
    path = _shard(folder, start)
    save_whole(stacked, path)
    return path


@cache
def _instruments(soundfont: Path, scores: Path | None) -> tuple[Synth, ScoreLibrary | None]:
    return Synth(soundfont), ScoreLibrary.load(scores) if scores else None


def load_shards(folder: Path, limit: int | None = None) -> Windows:
    """All windows of a folder's shards, or the first `limit`; in memory they are there once."""
    paths = sorted(folder.glob("windows_*.safetensors"))
    there = sum(map(_rows, paths))
    count = there if limit is None else min(there, limit)
    stacked: dict[str, Tensor] = {}
    first = 0
    for path in paths:
        shard = load_file(path) if first < count else {}
        for key, rows in shard.items():
            if key not in stacked:
                stacked[key] = rows.new_empty(count, *rows.shape[1:])
            stacked[key][first : first + len(rows)] = rows[: count - first]
        first += _rows(path)
    return Windows(**stacked)


def _shard(folder: Path, start: int) -> Path:
    """File of the shard whose first window is number `start`."""
    return folder / f"windows_{start:09d}.safetensors"


def _rows(path: Path) -> int:
    """Windows in a shard; 0 where there is none that can be read, or one without accents."""
    try:
        with safe_open(path, "pt") as file:
            return int(file.get_slice("accents").get_shape()[0])
    except (FileNotFoundError, SafetensorError):
        return 0


def quantile_table(descriptors: Tensor, quantiles: int) -> Tensor:
    """Knots that spread each descriptor evenly. (rows, D) -> (D, quantiles)"""
    table = np.quantile(descriptors.numpy(), np.linspace(0, 1, quantiles), axis=0).T
    # Knots must rise for the search; a constant stretch is spread by a hair.
    steps = np.arange(quantiles) * 1e-6
    return torch.from_numpy(np.maximum.accumulate(table, axis=1) + steps).float()
