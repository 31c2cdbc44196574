"""Levels that are told are kept while noise becomes a latent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Style
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.pipeline import CueRequest, HpmPipeline
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.model.steering import at_level, gains_db, tells_level
from otio_hpm.model.windows import plan_windows
from otio_hpm.music.controls import controls_of
from otio_hpm.music.decoded_controls import smoothed_level_db
from otio_hpm.music.spectrogram import amplified, analyse
from otio_hpm.settings import Guided, ModelSettings

CONFIG = ModelConfig.load(model_folder("debug") / "config.json")


@pytest.fixture(scope="module")
def embedded() -> HpmPipeline:
    return HpmPipeline.load("embedded", "cpu", "float32")


def chord(config: ModelConfig) -> torch.Tensor:
    """A window of five tones that swell and fade. (1, frames, bands)"""
    t = torch.arange(config.window_samples) / config.sample_rate
    tones = sum(torch.sin(2 * torch.pi * hz * t) for hz in (110.0, 220.0, 277.18, 329.63, 440.0))
    assert isinstance(tones, torch.Tensor)
    return analyse(0.05 * tones * (0.6 + 0.4 * torch.sin(t * 2)), config)[None]


def told(level_db: torch.Tensor, present: torch.Tensor, strength: float = 1.0) -> Style:
    """A style of dynamics alone. (1, frames) each"""
    nowhere = torch.zeros_like(present)
    return Style(
        melody=melody_input(torch.full(present.shape, -1), nowhere),
        dynamics=dynamics_input(level_db, nowhere, present),
        strength=torch.full((len(present),), strength),
    )


def rising(config: ModelConfig) -> torch.Tensor:
    """Level in dB. (1, frames)"""
    return torch.linspace(-34, -22, config.window_frames)[None]


@torch.no_grad()
def test_music_comes_to_the_level_that_is_told_and_stays_the_same_music(
    embedded: HpmPipeline,
) -> None:
    vae, config = embedded.vae, embedded.config
    before, wanted = chord(config), rising(config)
    latent = vae.encode(before)
    moved = at_level(vae, latent, told(wanted, torch.ones_like(wanted, dtype=torch.bool)))
    was, now = (smoothed_level_db(vae.decode(x), config)[0] for x in (latent, moved))
    assert (was - wanted[0]).square().mean().sqrt() > 4
    assert (now - wanted[0]).square().mean().sqrt() < 1.5
    profile = [vae.decode(x)[0, :, :80].mean(0).numpy() for x in (latent, moved)]
    assert np.corrcoef(*profile)[0, 1] > 0.98


@torch.no_grad()
def test_nothing_changes_where_no_level_is_told(embedded: HpmPipeline) -> None:
    vae, wanted = embedded.vae, rising(embedded.config)
    latent = vae.encode(chord(embedded.config))
    nowhere = told(wanted, torch.zeros_like(wanted, dtype=torch.bool))
    assert torch.equal(at_level(vae, latent, nowhere), latent)
    assert not tells_level(nowhere)
    assert not tells_level(None)
    half = torch.ones_like(wanted, dtype=torch.bool)
    half[:, : half.shape[1] // 2] = False
    assert tells_level(told(wanted, half))
    now = smoothed_level_db(vae.decode(at_level(vae, latent, told(wanted, half))), vae.config)
    was = smoothed_level_db(vae.decode(latent), vae.config)
    quarter = half.shape[1] // 4
    assert (now - was)[:, :quarter].abs().max() < 0.5
    assert (now - wanted)[:, -quarter:].abs().mean() < (was - wanted)[:, -quarter:].abs().mean() / 2


def test_gains_are_bounded_and_as_strong_as_the_style_is_followed() -> None:
    level = torch.tensor([[-40.0, -30.0, -30.0, -90.0]])
    wanted = torch.tensor([[-30.0, -30.0, -36.0, -20.0]])
    everywhere = torch.ones_like(level, dtype=torch.bool)
    full, part = (gains_db(level, told(wanted, everywhere, s)) for s in (1.0, 0.5))
    assert torch.allclose(full, torch.tensor([[10.0, 0.0, -6.0, 12.0]]), atol=1e-4)
    assert torch.allclose(part, full / 2)


@pytest.mark.parametrize(
    ("guided", "melody", "dynamics", "kept"),
    [("all", True, True, True), ("all", True, False, False), ("film", True, True, False)],
)
def test_levels_are_kept_where_they_are_told_and_guidance_is_not_the_papers(
    monkeypatch: pytest.MonkeyPatch, guided: Guided, melody: bool, dynamics: bool, kept: bool
) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    t = np.arange(96_000) / 48_000
    sound = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    asked = CueRequest(
        samples=len(sound), frames=np.zeros((20, 36, 64, 3), np.uint8),
        controls=controls_of(sound, CONFIG).followed(melody=melody, dynamics=dynamics),
        model=ModelSettings(steps=6, guided=guided),
    )  # fmt: skip
    plan = plan_windows(asked.samples, CONFIG, asked.music.window_s, asked.music.overlap_s)
    film, style = pipeline.encode_film(asked, plan), pipeline.style_of(asked, plan)
    made = pipeline.denoise(plan, film, style, asked)
    monkeypatch.setattr("otio_hpm.model.steering.STEERED_BELOW", 0.0)
    assert torch.equal(made, pipeline.denoise(plan, film, style, asked)) is not kept


@pytest.mark.parametrize("prediction", ["v", "epsilon"])
def test_a_prediction_and_the_latent_that_it_means_are_one(prediction: str) -> None:
    noise = "cosine" if prediction == "v" else "scaled_linear"
    schedule = NoiseSchedule(replace(CONFIG, prediction=prediction, noise=noise))  # type: ignore[arg-type]
    latent, drawn = seeded_noise((2, 3, 8, 4), 1), seeded_noise((2, 3, 8, 4), 2)
    step = torch.tensor([50, 700])
    noisy = schedule.noisy(latent, drawn, step)
    right = schedule.target(latent, drawn, step)
    assert torch.allclose(schedule.clean(noisy, right, step), latent, atol=1e-4)
    assert torch.allclose(schedule.predicted(noisy, latent, step), right, atol=1e-4)


def test_louder_sound_has_the_amplified_spectrogram() -> None:
    sound = 0.05 * torch.sin(torch.arange(80 * CONFIG.hop) * 0.06)
    gain_db = torch.full((1, 80), 6.0206)
    louder = amplified(analyse(sound, CONFIG)[None], gain_db, CONFIG)
    assert torch.allclose(louder[0], analyse(2 * sound, CONFIG), atol=0.02)
