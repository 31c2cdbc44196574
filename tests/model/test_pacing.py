"""Free music goes at the pace and level of its film, read off both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.pacing import Pacing, build_pacing
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.music.controls import controls_of
from otio_hpm.music.spectrogram import analyse
from otio_hpm.settings import Guided, Join, ModelSettings, MusicSettings

CONFIG = ModelConfig.load(model_folder("debug") / "config.json")


@pytest.fixture(scope="module")
def embedded() -> HpmPipeline:
    return HpmPipeline.load("embedded", "cpu", "float32")


@pytest.fixture
def pacing() -> Pacing:
    torch.manual_seed(0)
    return Pacing(CONFIG).eval()


def latent_of(pipeline: HpmPipeline, a_second: float, gain: float) -> Tensor:
    """A chord that is struck so often. -> (1, C, T, F)"""
    t = torch.arange(pipeline.config.window_samples) / pipeline.config.sample_rate
    tones = torch.stack([torch.sin(2 * torch.pi * hz * t) for hz in (220.0, 277.18, 329.63)])
    struck = gain * tones.sum(0) * (-3 * (t * a_second).frac()).exp()
    with torch.no_grad():
        return pipeline.vae.encode(analyse(struck, pipeline.config)[None])


def moving(seconds: int) -> np.ndarray:
    """Bright and dark pictures in quick turn. (frames, 36, 64, 3)"""
    frames = np.zeros((seconds * 10, 36, 64, 3), np.uint8)
    frames[::3] = (230, 60, 40)
    frames[1::3, :, 32:] = (240, 200, 30)
    return frames


def test_it_hears_through_noise_how_often_and_how_loudly_is_struck(embedded: HpmPipeline) -> None:
    assert embedded.pacing is not None
    schedule, step = NoiseSchedule(embedded.config), torch.tensor([500])
    sounds = [latent_of(embedded, *asked) for asked in ((0.4, 0.02), (4.0, 0.02), (4.0, 0.2))]
    slow, fast, loud = (
        embedded.pacing.heard(schedule.noisy(z, seeded_noise(tuple(z.shape), 1), step), step)
        .mean.detach().mean((0, 1))
        for z in sounds
    )  # fmt: skip
    assert fast[0] > slow[0] + 0.3
    assert loud[1] > fast[1] + 0.7  # tens of dB


def test_it_asks_for_more_where_more_is_seen(embedded: HpmPipeline) -> None:
    assert embedded.pacing is not None
    config = embedded.config
    calm, lively = (
        embedded.pacing.seen(embedded.encode_film(asked, plan_of(asked, config)).seen)
        .mean.detach().mean((0, 1))
        for asked in (request(np.full((100, 36, 64, 3), 60, np.uint8)), request(moving(10)))
    )  # fmt: skip
    assert lively[0] > calm[0] + 0.5
    assert lively[1] > calm[1] + 0.5


def plan_of(asked: CueRequest, config: ModelConfig):  # type: ignore[no-untyped-def]
    from otio_hpm.model.windows import plan_windows

    return plan_windows(asked.samples, config, asked.music.window_s, asked.music.overlap_s)


def request(frames: np.ndarray, **settings: object) -> CueRequest:
    return CueRequest(
        samples=len(frames) * 4800, frames=frames, model=ModelSettings(**settings)  # type: ignore[arg-type]
    )


def test_the_pull_is_the_gradient_of_the_likelihood(pacing: Pacing) -> None:
    noisy = seeded_noise((2, CONFIG.latent_channels, 160, CONFIG.latent_bands), 0)
    seen = torch.rand(2, CONFIG.film_seconds, CONFIG.descriptor_size)
    step = torch.tensor([300, 300])

    def likelihood(latent: Tensor) -> Tensor:
        heard, asked = pacing.heard(latent, step), pacing.seen(seen)
        spread = fixed.log_variance.exp() + asked.log_variance.exp()
        return -((heard.mean - asked.mean).square() / spread).sum() / 2

    with torch.no_grad():
        fixed = pacing.heard(noisy, step)
        way = pacing.pull(noisy, step, seen)
        size = 0.1 / float(way.norm())
        rise = likelihood(noisy + size * way) - likelihood(noisy - size * way)
    assert float(rise) == pytest.approx(2 * size * float(way.square().sum()), rel=0.02)
    assert rise > 0


@pytest.mark.parametrize("prediction", ["v", "epsilon"])
def test_a_gradient_moves_the_clean_latent_as_it_moves_the_noise(prediction: str) -> None:
    """A score that is raised by a gradient is noise that is lowered by it, times its deviation."""
    noise = "cosine" if prediction == "v" else "scaled_linear"
    config = replace(CONFIG, prediction=prediction, noise=noise)  # type: ignore[arg-type]
    schedule, step = NoiseSchedule(config), torch.tensor([200, 850])
    clean, drawn, gradient = (seeded_noise((2, 3, 8, 4), seed) for seed in range(3))
    noisy = schedule.noisy(clean, drawn, step)
    spread = (1 - schedule.signal_power[step]).sqrt().reshape(2, 1, 1, 1)
    signal = schedule.signal_power[step].sqrt().reshape(2, 1, 1, 1)
    moved = (noisy - spread * (drawn - spread * gradient)) / signal
    torch.testing.assert_close(clean + schedule.moved(gradient, step), moved, atol=1e-3, rtol=1e-3)


def test_music_comes_nearer_to_what_its_film_asks_for(embedded: HpmPipeline) -> None:
    """The same noise over a lively film, paced and not: it has more of what is asked."""
    asked = request(moving(10), steps=10)
    plan = plan_of(asked, embedded.config)
    film = embedded.encode_film(asked, plan)
    assert embedded.pacing is not None
    pacing, apart = embedded.pacing, []
    for used in (None, pacing):
        embedded.pacing = used
        latent = embedded.denoise(plan, film, None, asked)
        with torch.no_grad():
            heard, wanted = pacing.heard(latent, torch.tensor([20])), pacing.seen(film.seen)
        apart.append(float((heard.mean - wanted.mean).square().mean().sqrt()))
    assert apart[1] < 0.95 * apart[0]


def test_a_short_window_hears_only_the_seconds_that_it_lasts(pacing: Pacing) -> None:
    noisy = seeded_noise((1, CONFIG.latent_channels, 80, CONFIG.latent_bands), 0)
    seen, step = torch.rand(1, CONFIG.film_seconds, CONFIG.descriptor_size), torch.tensor([300])
    assert pacing.heard(noisy, step).mean.shape == (1, 5, 2)
    later = seen.clone()
    later[:, 7:] = -1  # two seconds from the end, which a convolution sees too
    assert torch.equal(pacing.pull(noisy, step, seen), pacing.pull(noisy, step, later))
    later[:, 4:] = -1
    assert not torch.equal(pacing.pull(noisy, step, seen), pacing.pull(noisy, step, later))


def test_what_is_sure_pulls_more(pacing: Pacing) -> None:
    noisy = seeded_noise((1, CONFIG.latent_channels, 160, CONFIG.latent_bands), 0)
    seen, step = torch.rand(1, CONFIG.film_seconds, CONFIG.descriptor_size), torch.tensor([300])
    sizes = []
    for doubt in (-4.0, 0.0, 2.0):
        for last in (pacing.heard.head, pacing.seen.layers[-1]):
            with torch.no_grad():
                last.bias[2:] = doubt  # type: ignore[index,union-attr]
        sizes.append(float(pacing.pull(noisy, step, seen).norm()))
    assert sizes[0] > 2 * sizes[1] > 4 * sizes[2]


@pytest.mark.parametrize(
    ("guided", "join", "seconds", "times"),
    [
        ("all", "joint", 2, 7), ("all", "joint", 50, 14), ("all", "crossfade", 18, 14),
        ("film", "joint", 2, 0),
    ],
)
def test_free_music_is_paced_but_not_in_the_papers_way(
    monkeypatch: pytest.MonkeyPatch, guided: Guided, join: Join, seconds: int, times: int
) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    asked = replace(
        request(moving(seconds), steps=10, guided=guided), music=MusicSettings(join=join)
    )
    pulled: list[int] = []
    pull = Pacing.pull

    def seen(own: Pacing, noisy: Tensor, step: Tensor, told: Tensor) -> Tensor:
        assert told.shape == (len(noisy), CONFIG.film_seconds, CONFIG.descriptor_size)
        pulled.append(int(step[0]))
        return pull(own, noisy, step, told)

    monkeypatch.setattr(Pacing, "pull", seen)
    made = pipeline.generate(asked)
    assert len(pulled) == times and all(200 <= step < 900 for step in pulled)
    monkeypatch.setattr(Pacing, "pull", lambda own, noisy, step, told: 0 * noisy)
    assert np.array_equal(made, pipeline.generate(asked)) is (times == 0)


def test_what_follows_something_is_not_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    sound = (0.3 * np.sin(np.arange(96_000) * 0.06)).astype(np.float32)
    asked = replace(request(moving(2)), controls=controls_of(sound, CONFIG))
    made = pipeline.generate(asked)
    monkeypatch.setattr(pipeline, "pacing", None)
    assert np.array_equal(made, pipeline.generate(asked))


def test_music_that_is_not_guided_is_not_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    asked = request(moving(2), steps=6, guidance=1.0)
    made = pipeline.generate(asked)
    monkeypatch.setattr(pipeline, "pacing", None)
    assert np.array_equal(made, pipeline.generate(asked))


def test_a_model_without_it_makes_free_music_too() -> None:
    assert build_pacing(replace(CONFIG, has_pacing=False)) is None
    pipeline = HpmPipeline(replace(CONFIG, has_pacing=False), "cpu", "")
    assert "pacing" not in pipeline.parts()
    assert np.isfinite(pipeline.generate(request(moving(2), steps=6))).all()
