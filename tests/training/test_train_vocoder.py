"""The vocoder learns which partials wide bands hold, and resumes to the step."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tone_pairs import CONFIG as COARSE
from tone_pairs import tone_pair

from otio_hpm.errors import ModelError
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.music.spectrogram import stft, to_bands
from otio_hpm.training import recipe, train_vocoder
from otio_hpm.training.corpus import Pair
from otio_hpm.training.run import Run, keep
from otio_hpm.training.train_vocoder import detail_error
from otio_hpm.training.trainer import Schedule

CONFIG = dataclasses.replace(COARSE, vocoder_channels=64, vocoder_layers=2)


class Tones:
    """A stream of steady tones: the fundamental is in a bin of its own, what is above is not."""

    def __init__(self, *_: object) -> None: ...

    def pair(self, seed: int, index: int) -> Pair:
        rng = np.random.default_rng([seed, index])
        hz = rng.choice((110.0, 130.0, 160.0, 200.0))
        seconds = np.arange(491_520) / 48_000
        audio = sum(0.1 / k * np.sin(2 * np.pi * k * hz * seconds) for k in range(1, 30))
        return dataclasses.replace(tone_pair(0), audio=np.asarray(audio, np.float32))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose autoencoder is as it came, and whose music needs no soundfont."""
    monkeypatch.setattr(recipe, "CorpusStream", Tones)
    monkeypatch.setattr(recipe, "find_soundfont", lambda _: tmp_path)
    monkeypatch.setattr(train_vocoder, "_POOL", 6)
    CONFIG.save(tmp_path / "config.json")
    made = Run(folder=tmp_path, windows=1, scores=False, precision="float32")
    torch.manual_seed(0)
    keep(MusicAutoencoder(CONFIG), made.part("vae"))
    return made


def schedule(steps: int) -> Schedule:
    return Schedule(steps=steps, learning_rate=3e-3, warmup_steps=5, ema_decay=0.9)


def test_it_learns_where_partials_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # What an untrained autoencoder decodes tells nothing.
    monkeypatch.setattr(train_vocoder._Pool, "_decoded", lambda _, spectrogram, number: spectrogram)
    monkeypatch.setattr(train_vocoder, "BATCH", 4)
    assert recipe.run_vocoder(run, schedule(150))
    vocoder = Vocoder(CONFIG)
    wanted = torch.stack(
        [stft(torch.from_numpy(Tones().pair(99, i).audio), CONFIG).abs() for i in range(4)]
    )
    spectrogram, magnitude = to_bands(wanted, CONFIG), wanted.transpose(-1, -2)
    untrained = detail_error(vocoder, spectrogram, magnitude)
    vocoder.load_state_dict(load_file(run.part("vocoder")))
    assert detail_error(vocoder, spectrogram, magnitude) < 0.6 * untrained


def test_in_legs_it_is_the_same_as_in_one_go(run: Run) -> None:
    assert recipe.run_vocoder(run, schedule(6))
    whole = load_file(run.part("vocoder"))
    (run.folder / "vocoder" / "state.safetensors").unlink()
    short = dataclasses.replace(run, minutes=0.0)  # every leg is one step
    legs = 1
    while not recipe.run_vocoder(short, schedule(6)):
        legs += 1
    assert legs == 6
    assert all(torch.equal(v, whole[n]) for n, v in load_file(run.part("vocoder")).items())


def test_a_vocoder_needs_an_autoencoder_first(run: Run) -> None:
    run.part("vae").unlink()
    with pytest.raises(ModelError, match="'vae' of this run is not trained"):
        recipe.run_vocoder(run, schedule(1))
