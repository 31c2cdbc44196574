"""The model's spectrogram, its inverse, and Griffin-Lim."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.griffin_lim import CHUNK_FRAMES, FINER, griffin_lim
from otio_hpm.music.spectrogram import analyse, filterbank, istft, silence_value, stft

CONFIG = ModelConfig()


def chord(frames: int) -> torch.Tensor:
    t = torch.arange(frames * CONFIG.hop) / CONFIG.sample_rate
    return sum(0.1 * torch.sin(2 * torch.pi * hz * t) for hz in (220.0, 277.18, 329.63))  # type: ignore[return-value]


def test_stft_and_back_is_the_same_sound() -> None:
    sound = torch.randn(2, 50 * CONFIG.hop, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(istft(stft(sound, CONFIG), CONFIG), sound, atol=1e-4)


def test_bands_are_single_bins_at_the_bottom_and_reach_the_top() -> None:
    bank = filterbank(CONFIG)
    assert bank.shape == (128, 1025)
    assert torch.equal(bank[:80].argmax(1), torch.arange(1, 81))
    assert torch.allclose(bank.sum(1), torch.ones(128), atol=1e-5)
    assert bank[-1].argmax() * CONFIG.sample_rate / CONFIG.n_fft == pytest.approx(20_000, abs=30)


def test_silence_and_full_scale_have_their_values() -> None:
    silent = analyse(torch.zeros(20 * CONFIG.hop), CONFIG)
    assert torch.allclose(silent, torch.full_like(silent, silence_value(CONFIG)))
    t = torch.arange(40 * CONFIG.hop) / CONFIG.sample_rate
    hz = 40 * CONFIG.sample_rate / CONFIG.n_fft
    loud = analyse(torch.sin(2 * torch.pi * hz * t), CONFIG)[20, 39]
    assert float(loud) * CONFIG.log_scale + CONFIG.log_mean == pytest.approx(np.log(0.5), abs=0.02)


def test_griffin_lim_keeps_the_spectrogram_across_its_chunks() -> None:
    chunk = CHUNK_FRAMES // FINER
    sound = chord(chunk + 320)
    wanted = analyse(sound, CONFIG)
    made = griffin_lim(wanted, CONFIG, seed=1, steps=32)
    assert len(made) == len(sound)
    error = (analyse(made, CONFIG) - wanted).abs().mean(dim=1)
    seam = error[chunk - 20 : chunk + 20].mean()
    inside = error[100 : chunk - 100].unfold(0, 40, 20).mean(dim=1)
    assert seam < 1.25 * inside.max()
    level = made.reshape(-1, 20 * CONFIG.hop).square().mean(dim=1).sqrt()
    assert level[1:-1].max() < 1.1 * level[1:-1].min()


def test_griffin_lim_is_deterministic_in_its_seed() -> None:
    wanted = analyse(chord(60), CONFIG)
    first, again, other = (griffin_lim(wanted, CONFIG, seed, 4) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
