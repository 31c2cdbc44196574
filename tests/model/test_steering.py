"""Levels that are told, and the key of free music, are kept while noise becomes a latent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Sampling, Style
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.model.steering import KEY_HZ, at_level, gains_db, in_key, key_gains_db, steers
from otio_hpm.model.windows import plan_windows
from otio_hpm.music.controls import controls_of
from otio_hpm.music.decoded_controls import smoothed_level_db
from otio_hpm.music.spectrogram import amplified, analyse, band_centres_hz
from otio_hpm.settings import Guided, Join, ModelSettings, MusicSettings

CONFIG = ModelConfig.load(model_folder("debug") / "config.json")


@pytest.fixture(scope="module")
def embedded() -> HpmPipeline:
    return HpmPipeline.load("embedded", "cpu", "float32")


def chord(config: ModelConfig) -> torch.Tensor:
    """A window of five tones that fade. (1, frames, bands)"""
    t = torch.arange(config.window_samples) / config.sample_rate
    tones = sum(torch.sin(2 * torch.pi * hz * t) for hz in (110.0, 220.0, 277.18, 329.63, 440.0))
    assert isinstance(tones, torch.Tensor)
    return analyse(0.05 * tones * (0.8 - 0.04 * t), config)[None]


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
    assert (now - wanted[0]).square().mean().sqrt() < 2
    profile = [vae.decode(x)[0, :, :80].mean(0).numpy() for x in (latent, moved)]
    assert np.corrcoef(*profile)[0, 1] > 0.98


@torch.no_grad()
def test_nothing_changes_where_no_level_is_told(embedded: HpmPipeline) -> None:
    vae, wanted = embedded.vae, rising(embedded.config)
    latent = vae.encode(chord(embedded.config))
    nowhere = told(wanted, torch.zeros_like(wanted, dtype=torch.bool))
    assert torch.equal(at_level(vae, latent, nowhere), latent)
    was = smoothed_level_db(vae.decode(latent), vae.config)
    half = torch.ones_like(wanted, dtype=torch.bool)
    half[:, : half.shape[1] // 2] = False
    now = smoothed_level_db(vae.decode(at_level(vae, latent, told(was + 5, half))), vae.config)
    sixth = half.shape[1] // 6
    assert (now - was)[:, :sixth].abs().max() < 0.5
    assert (now - was)[:, -sixth:].mean() == pytest.approx(5, abs=0.7)


@torch.no_grad()
def test_tones_out_of_the_key_grow_softer_than_those_in_it(embedded: HpmPipeline) -> None:
    vae, config = embedded.vae, embedded.config
    hiss = torch.randn(config.window_samples, generator=torch.Generator().manual_seed(0))
    latent = vae.encode(analyse(0.05 * hiss, config)[None])
    key = torch.zeros(1, 12, dtype=torch.bool)
    key[0, [0, 2, 4, 5, 7, 9, 11]] = True
    was, now = (vae.decode(x)[0].mean(0) for x in (latent, in_key(vae, latent, key)))
    louder_db = 20 / np.log(10) * config.log_scale * (now - was)
    asked_db = key_gains_db(key, config)[0]
    assert louder_db[asked_db < -8].mean() < -5
    assert louder_db[asked_db > 2].mean() > louder_db[asked_db < -8].mean() + 3
    assert louder_db[band_centres_hz(config) > 1.5 * KEY_HZ[1]].abs().max() < 1
    everything = torch.ones_like(key)
    assert torch.equal(in_key(vae, latent, everything), latent)


def test_bands_are_louder_or_softer_by_the_semitones_they_reach_into() -> None:
    key = torch.zeros(2, 12, dtype=torch.bool)
    key[1, 9] = True  # A
    none_db, a_db = key_gains_db(key, CONFIG)
    hz = band_centres_hz(CONFIG)
    inside = (hz >= KEY_HZ[0]) & (hz <= KEY_HZ[1])
    assert not torch.stack([none_db, a_db])[:, ~inside].any()
    torch.testing.assert_close(none_db[inside], torch.full_like(none_db[inside], -12))
    for a in (220, 440, 880):
        away = (12 * (hz / a).log2()).abs()
        near = inside & (away < 6)
        assert a_db[near].argmax() == away[near].argmin()
        assert (a_db[near & (away > 2.6)] < -11).all()
    assert a_db[(hz - 880).abs().argmin()] > 0
    assert not key_gains_db(torch.ones_like(key), CONFIG).any()


@pytest.mark.parametrize(
    ("guided", "join", "seconds", "times"),
    [
        ("all", "joint", 2, 4), ("all", "joint", 50, 8), ("all", "crossfade", 18, 8),
        ("film", "joint", 2, 0),
    ],
)
def test_free_music_is_kept_in_key_but_not_in_the_papers_way(
    monkeypatch: pytest.MonkeyPatch, guided: Guided, join: Join, seconds: int, times: int
) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    asked = CueRequest(
        samples=seconds * 48_000, frames=np.zeros((seconds * 10, 36, 64, 3), np.uint8),
        model=ModelSettings(steps=20, guided=guided), music=MusicSettings(join=join),
    )  # fmt: skip
    major = torch.isin(torch.arange(12), torch.tensor([0, 2, 4, 5, 7, 9, 11]))
    monkeypatch.setattr(
        "otio_hpm.model.own_melody.key_scale", lambda _: major.numpy()  # random weights have no key
    )
    kept: list[int] = []

    def seen(vae: MusicAutoencoder, latent: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        assert torch.equal(key, major.expand(len(latent), 12))
        kept.append(len(latent))
        return in_key(vae, latent, key)

    monkeypatch.setattr("otio_hpm.model.steering.in_key", seen)
    made = pipeline.generate(asked)
    assert len(kept) == times
    monkeypatch.setattr("otio_hpm.model.steering.in_key", lambda vae, latent, key: latent)
    assert np.array_equal(made, pipeline.generate(asked)) is (times == 0)


def test_gains_are_bounded_and_as_strong_as_the_style_is_followed() -> None:
    everywhere = torch.ones(1, CONFIG.window_frames, dtype=torch.bool)
    level = torch.full(everywhere.shape, -30.0)
    for wanted_db, gain_db in ((-26, 4.0), (-30, 0.0), (-35, -5.0), (0, 6.0), (-90, -6.0)):
        gains = gains_db(level, told(torch.full_like(level, wanted_db), everywhere), CONFIG)
        assert torch.allclose(gains, torch.full_like(level, gain_db), atol=1e-3)
    half = gains_db(level, told(level + 4, everywhere, 0.5), CONFIG)
    assert torch.allclose(half, torch.full_like(level, 2.0), atol=1e-3)


def test_gains_move_as_a_fader_does() -> None:
    """A step in what is told, and the end of what is told, are no steps of the gain."""
    frames = CONFIG.window_frames
    level, everywhere = torch.full((1, frames), -30.0), torch.ones(1, frames, dtype=torch.bool)
    step = level.clone()
    step[:, frames // 2 :] += 5
    first_half = everywhere.clone()
    first_half[:, frames // 2 :] = False
    a_second = round(CONFIG.sample_rate / CONFIG.hop)
    for style in (told(step, everywhere), told(level + 5, first_half)):
        gains = gains_db(level, style, CONFIG)[0]
        assert gains.max() - gains.min() > 4.9
        assert (gains[a_second:] - gains[:-a_second]).abs().max() < 2


def test_mel_bands_do_not_tell_the_level() -> None:
    everywhere = torch.ones(1, CONFIG.window_frames, dtype=torch.bool)
    style = told(torch.full(everywhere.shape, -30.0), everywhere)
    assert steers(style, Sampling(), CONFIG)
    assert not steers(style, Sampling(), replace(CONFIG, spectrogram="mel"))
    assert not steers(None, Sampling(), CONFIG)


@pytest.mark.parametrize(
    ("guided", "steps", "melody", "dynamics", "kept"),
    [
        ("all", 6, True, True, True), ("all", 2, True, True, True),
        ("all", 6, True, False, False), ("film", 6, True, True, False),
    ],
)
def test_levels_are_kept_where_they_are_told_and_guidance_is_not_the_papers(
    monkeypatch: pytest.MonkeyPatch, guided: Guided, steps: int, melody: bool, dynamics: bool,
    kept: bool,
) -> None:  # fmt: skip
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    t = np.arange(96_000) / 48_000
    sound = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    asked = CueRequest(
        samples=len(sound), frames=np.zeros((20, 36, 64, 3), np.uint8),
        controls=controls_of(sound, CONFIG).followed(melody=melody, dynamics=dynamics),
        model=ModelSettings(steps=steps, guided=guided),
    )  # fmt: skip
    plan = plan_windows(asked.samples, CONFIG, asked.music.window_s, asked.music.overlap_s)
    film, style = pipeline.encode_film(asked, plan), pipeline.style_of(asked, plan)
    made = pipeline.denoise(plan, film, style, asked)
    monkeypatch.setattr("otio_hpm.model.pipeline.steers", lambda *_: False)
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
    gain_db = torch.full((1, 80, 1), 6.0206)
    louder = amplified(analyse(sound, CONFIG)[None], gain_db, CONFIG)
    assert torch.allclose(louder[0], analyse(2 * sound, CONFIG), atol=0.02)
