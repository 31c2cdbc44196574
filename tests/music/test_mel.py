"""The mel spectrogram of AudioLDM-sized models, beside librosa's own."""

from __future__ import annotations

import librosa
import numpy as np
import torch

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.accents import accents_of
from otio_hpm.music.controls import controls_of
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.resampling import delivered
from otio_hpm.music.spectrogram import analyse, silence_value

CONFIG = ModelConfig(
    sample_rate=16_000, n_fft=1024, hop=160, bands=64, spectrogram="mel", top_hz=8000.0,
    magnitude_floor=1e-5, log_mean=0.0, log_scale=1.0,
)  # fmt: skip


def chord(seconds: float, rate: int = 16_000) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * hz * time) for hz in (262, 330, 392))
    return (0.1 * np.asarray(tones)).astype(np.float32)


def test_it_is_that_of_the_published_recipe() -> None:
    """Reflected by 432, n_fft 1024, hop 160, magnitudes, Slaney's 64 bands, ln from 1e-5 on."""
    sound = chord(2) + np.random.default_rng(0).normal(0, 0.01, 32_000).astype(np.float32)
    padded = np.pad(sound, 432, mode="reflect")
    mel = librosa.feature.melspectrogram(
        y=padded, sr=16_000, n_fft=1024, hop_length=160, center=False, power=1.0, n_mels=64,
        fmin=0, fmax=8000,
    )  # fmt: skip
    ours = analyse(torch.from_numpy(sound), CONFIG)
    assert ours.shape == (200, 64)
    assert np.allclose(ours.numpy(), np.log(np.maximum(mel, 1e-5)).T, atol=1e-3)


def test_silence_lies_at_the_floor() -> None:
    silent = analyse(torch.zeros(1600), CONFIG)
    assert torch.allclose(silent, torch.full_like(silent, silence_value(CONFIG)))


def test_griffin_lim_finds_sound_of_it() -> None:
    sound = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, 16_000)).float()
    wanted = analyse(sound, CONFIG)
    made = analyse(griffin_lim(wanted, CONFIG, seed=0, steps=32), CONFIG)
    assert (made - wanted)[10:-10].mean().abs() < 0.2
    assert (made - wanted)[10:-10].abs().mean() < 0.6


def test_controls_are_the_same_on_either_clock() -> None:
    """Melody, level and accents at 16 kHz and hop 160 as at 48 kHz and hop 768, in time."""
    pitches = np.repeat([262, 330, 392, 494], 24_000)
    level = np.repeat([0.05, 0.3, 0.1, 0.4], 24_000)
    high = (level * np.sin(2 * np.pi * np.cumsum(pitches) / 48_000)).astype(np.float32)
    low = np.asarray(librosa.resample(high, orig_sr=48_000, target_sr=16_000), np.float32)
    ours, theirs = controls_of(low, CONFIG), controls_of(high, ModelConfig())
    assert len(ours.melody) == 200
    at_s = np.arange(25, 200, 25) / 100 + 0.125  # well inside the notes
    mine, other = ((at_s * 100).astype(int), (at_s * 62.5).astype(int))
    assert (ours.melody[mine] == theirs.melody[other]).all()
    assert np.allclose(ours.dynamics_db[mine], theirs.dynamics_db[other], atol=0.5)


def test_accents_are_counted_in_seconds() -> None:
    sound = np.random.default_rng(0).normal(0, 1e-3, 32_000)
    for at_s in (0.5, 1.0, 1.5):
        first = round(at_s * 16_000)
        sound[first : first + 1600] += np.random.default_rng(1).normal(0, 0.3, 1600)
    found = np.flatnonzero(accents_of(analyse(torch.from_numpy(sound).float(), CONFIG), CONFIG))
    assert len(found) == 3
    assert np.abs(found / 100 - [0.5, 1.0, 1.5]).max() <= 0.04


def test_sound_is_delivered_in_time_to_the_sample() -> None:
    own = np.zeros(16_000, np.float32)
    own[4000] = 0.5
    made = delivered(own, 16_000, 47_999)
    assert made.shape == (47_999,)
    assert int(np.abs(made).argmax()) == 12_000
    assert delivered(own, 48_000, 16_000) is own
