"""The vocoder learns which partials wide bands hold, and resumes to the step."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tone_pairs import CONFIG as COARSE
from tone_pairs import TonePairs, tone_pair

from otio_hpm.errors import ModelError
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.music.spectrogram import stft, to_bands
from otio_hpm.training import recipe, train_vocoder
from otio_hpm.training.corpus import Pair
from otio_hpm.training.processes import Precision
from otio_hpm.training.run import Run, keep
from otio_hpm.training.train_vocoder import detail_error
from otio_hpm.training.trainer import Schedule

CONFIG = dataclasses.replace(COARSE, vocoder_channels=64, vocoder_layers=2)


class Tones(TonePairs):
    """Steady ones: the fundamental is in a bin of its own, what is above is not."""

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


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_in_legs_it_is_the_same_as_in_one_go(run: Run, precision: Precision) -> None:
    run = dataclasses.replace(run, precision=precision)
    assert recipe.run_vocoder(run, schedule(6))
    whole = load_file(run.part("vocoder"))
    (run.folder / "vocoder" / "state.safetensors").unlink()
    short = dataclasses.replace(run, minutes=1e-9)  # every leg is one step
    legs = 1
    while not recipe.run_vocoder(short, schedule(6)):
        legs += 1
    assert legs == 6
    assert all(torch.equal(v, whole[n]) for n, v in load_file(run.part("vocoder")).items())


def test_most_of_what_it_hears_is_decoded_and_some_of_it_noisy() -> None:
    """Of the same music, so that only the number of an item differs."""

    class Same(Tones):
        def pair(self, seed: int, index: int) -> Pair:
            return super().pair(seed, 0)

    torch.manual_seed(0)
    vae = MusicAutoencoder(CONFIG).eval()
    pool = train_vocoder._Pool(Same(), vae, 0)  # type: ignore[arg-type]
    (true, wanted), (decoded, _), (noisy, _), (other, _) = (pool.items[n] for n in (4, 5, 6, 7))
    magnitude = stft(torch.from_numpy(Same().pair(0, 0).audio), CONFIG).abs()
    assert torch.equal(true, to_bands(magnitude, CONFIG).half())
    assert torch.allclose(wanted.float(), magnitude.T, rtol=0.01)
    with torch.no_grad():
        latent = vae.encode(true.float()[None])
        assert torch.allclose(decoded.float(), vae.decode(latent)[0], atol=0.02)
    assert len({tuple(item[0].tolist()) for item in (true, decoded, noisy, other)}) == 4


def test_time_before_the_first_step_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "minutes_left", lambda self, started: self.minutes - 1)
    one = dataclasses.replace(run, minutes=1.0)
    assert not recipe.run_vocoder(one, schedule(3))


def test_another_vocoder_is_left_alone(run: Run) -> None:
    dataclasses.replace(CONFIG, hifigan_rates=(8, 8), hifigan_kernels=(16, 16)).save(
        run.folder / "config.json"
    )
    run.part("vocoder").write_bytes(b"another")
    with pytest.raises(ModelError, match="HiFi-GAN"):
        recipe.run_vocoder(run, schedule(1))
    assert run.part("vocoder").read_bytes() == b"another"


def test_a_vocoder_needs_an_autoencoder_first(run: Run) -> None:
    run.part("vae").unlink()
    with pytest.raises(ModelError, match="'vae' of this run is not trained"):
        recipe.run_vocoder(run, schedule(1))
