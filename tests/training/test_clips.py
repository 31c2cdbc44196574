"""Clips of a dataset become the windows that trainers take, and are read only once."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from otio_hpm.dataset.clip import ClipEntry, Facts
from otio_hpm.dataset.index import FORMAT, SUMMARY
from otio_hpm.dataset.picture_codec import encode_picture
from otio_hpm.dataset.sound_codec import encode_sound
from otio_hpm.dataset.writer import Writer
from otio_hpm.errors import DatasetError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.training.clips import Sight, dataset_windows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips for training: A, then C an octave up, under a dark and a bright picture."""
    folder = tmp_path_factory.mktemp("clips")
    writer = Writer(folder, 1 << 24)
    time = np.arange(480_000) / 48_000
    for number, (hertz, light) in enumerate([(440.0, 20), (523.25, 230)]):
        sound = (np.sin(2 * np.pi * hertz * time) / 4).astype(np.float32)
        frames = np.full((300, 36, 64, 3), light, np.uint8)
        entry = ClipEntry(
            number=number, split="train", facts=Facts(film="x"), source="x", start_s=Fraction(0),
            samples=480_000, frames=300, likeness="", shard="", members={},
        )  # fmt: skip
        writer.keep(entry, encode_sound(sound), encode_picture(frames))
    writer.close()
    (folder / SUMMARY).write_text(json.dumps({"format": FORMAT, "index_sha256": "0"}))
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
    with pytest.raises(DatasetError, match=r"validation split of .* holds no clips"):
        dataset_windows(folder, "validation", sight(ModelConfig(), tmp_path), tmp_path)
