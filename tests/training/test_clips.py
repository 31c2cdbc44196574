"""Clips of a dataset become the windows that trainers take, and are read only once."""

from __future__ import annotations

import json
import re
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_encoders import CLIP_SIZE, seeing_model

from otio_hpm.dataset.clip import ClipEntry, Facts
from otio_hpm.dataset.index import INDEX, SUMMARY, checksum_of
from otio_hpm.dataset.picture_codec import encode_picture
from otio_hpm.dataset.reader import Dataset
from otio_hpm.dataset.sound_codec import encode_sound
from otio_hpm.dataset.summary import summarise
from otio_hpm.dataset.writer import Writer
from otio_hpm.errors import DatasetError, ModelError
from otio_hpm.film.published.parts import film_parts
from otio_hpm.film.published.watching import Watcher
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.training import recipe, train_diffusion
from otio_hpm.training.beginning import begin_from
from otio_hpm.training.clips import Sight, dataset_windows
from otio_hpm.training.encoding import encoded_windows
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

SIZES = {"semantic": CLIP_SIZE, "aesthetic": 7, "emotion": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips for training: A, then C an octave up, under a dark and a bright picture.

    A third validates.
    """
    folder = tmp_path_factory.mktemp("clips")
    writer = Writer(folder, 1 << 24)
    time = np.arange(480_000) / 48_000
    for number, (hertz, light) in enumerate([(440.0, 20), (523.25, 230), (440.0, 120)]):
        sound = (np.sin(2 * np.pi * hertz * time) / 4).astype(np.float32)
        frames = np.full((300, 36, 64, 3), light, np.uint8)
        entry = ClipEntry(
            number=number, split="validation" if number == 2 else "train",
            facts=Facts(film="x"), source="x", start_s=Fraction(0), samples=480_000, frames=300,
            likeness="", shard="", members={},
        )  # fmt: skip
        writer.keep(entry, encode_sound(sound), encode_picture(frames))
    summary = summarise(folder, writer.finish())
    (folder / SUMMARY).write_text(json.dumps(summary.to_json()), "utf-8")
    return folder


def sight(config: ModelConfig, encoders: Path) -> Sight:
    return Sight(config=config, encoders=encoders)


def test_windows_hold_what_a_clip_sounds_and_looks_like(folder: Path, tmp_path: Path) -> None:
    config = ModelConfig.load(model_folder("debug") / "config.json")
    windows = dataset_windows(folder, "train", sight(config, tmp_path), tmp_path)
    assert len(windows) == 2
    assert windows.spectrogram.shape == (2, config.window_frames, config.bands)
    assert windows.descriptors.shape == (2, config.film_seconds, config.descriptor_size)
    assert [int(row.mode().values) for row in windows.melody] == [9, 0]
    assert (windows.dynamics_db.float() + 15).abs().max() < 0.5  # a sine of a quarter: -15 dB
    assert (windows.melody[:, -5:] >= 0).all()  # the last quarter second is filled with music


def test_windows_are_kept_per_dataset_and_configuration(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ModelConfig.load(model_folder("debug") / "config.json")
    first = dataset_windows(folder, "train", sight(config, tmp_path), tmp_path)
    monkeypatch.setattr("otio_hpm.training.clips.window_of_clip", None)
    again = dataset_windows(folder, "train", sight(config, tmp_path), tmp_path)
    assert torch.equal(first.spectrogram, again.spectrogram)
    with pytest.raises(TypeError):
        dataset_windows(folder, "train", sight(ModelConfig(sample_rate=16_000), tmp_path), tmp_path)


def test_a_split_without_clips_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"test split of .* holds no clips"):
        dataset_windows(folder, "test", sight(ModelConfig(), tmp_path), tmp_path)


def test_a_dataset_that_cannot_validate_is_refused_before_its_films_are_read(
    folder: Path, tmp_path: Path
) -> None:
    unvalidated = tmp_path / "clips"
    shutil.copytree(folder, unvalidated)
    index = unvalidated / INDEX
    lines = index.read_text("utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if '"validation"' not in line), "utf-8")
    summary = json.loads((unvalidated / SUMMARY).read_text("utf-8"))
    told = summary | {"index_sha256": checksum_of(index)}
    (unvalidated / SUMMARY).write_text(json.dumps(told), "utf-8")
    run = Run(folder=tmp_path / "run", windows=1, dataset=unvalidated)
    begin_from(run, "debug")
    with pytest.raises(DatasetError, match=r"validation split .* holds no clips"):
        encoded_windows(run)
    assert not (run.folder / "dataset").exists()


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that sees films by the published encoders."""
    folder = tmp_path_factory.mktemp("seeing")
    return seeing_model(folder / "model", folder / "sources")


def test_a_model_with_published_encoders_is_trained_on_what_they_see(
    folder: Path, seeing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    run = Run(folder=tmp_path / "run", windows=1, dataset=folder, precision="float32")
    begin_from(run, str(seeing))
    rows = run.corpus().descriptors
    config = run.config()
    assert rows.shape == (2, config.film_seconds, CLIP_SIZE + 7 + 8)
    assert torch.equal(rows[:, :, -8:].sum(dim=2), torch.ones(2, config.film_seconds))
    assert (rows[0, :, :CLIP_SIZE] - rows[1, :, :CLIP_SIZE]).abs().max() > 0.01
    clip = Dataset.open(folder, "train")[1]
    seen = Watcher(seeing, SIZES, "cpu").look_at(clip.frames(None, 300, 30))
    assert np.array_equal(rows[1].numpy(), seen.stacked())
    steps = Schedule(steps=1, learning_rate=1e-3, warmup_steps=1, checkpoint_every=1)
    assert recipe.run_base(run, steps, batch=2)
    export(run, tmp_path / "model", vocoder=True)
    assert film_parts(tmp_path / "model") == film_parts(seeing)
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text("utf-8")
    told = f"`{folder.name}`: 0.01 hours in clips of 10 s; clips of films: train 2 of 1, valid"
    assert told in card
    assert re.search(r"\| base \| .* \| 1 \| [0-9.]+ \| [0-9.]+, step 1 \|", card)
    assert HpmPipeline.load(str(tmp_path / "model"), "cpu").config.semantic_size == CLIP_SIZE


def test_a_model_whose_encoders_are_missing_is_refused(folder: Path, tmp_path: Path) -> None:
    config = ModelConfig(semantic_size=512, aesthetic_size=7, emotion_size=8)
    with pytest.raises(ModelError, match="has no clip encoder for the semantic feature"):
        dataset_windows(folder, "train", sight(config, tmp_path), tmp_path)
