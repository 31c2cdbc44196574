"""DITTO on the tiny random model: it follows, repeatably, in bounded memory, or refuses."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import torch

from otio_hpm.errors import SettingsError
from otio_hpm.model.ditto import dynamics_loss, following_loss, melody_loss
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Style
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import WindowPlan, plan_windows
from otio_hpm.music.controls import Controls
from otio_hpm.settings import ModelSettings, MusicSettings

SHORT = MusicSettings(window_s=Fraction(5, 2), overlap_s=Fraction(1, 2))
DITTO = ModelSettings(steps=2, style_engine="ditto", ditto_steps=12)


@pytest.fixture(scope="module")
def pipeline() -> HpmPipeline:
    return HpmPipeline.load("debug", "cpu")


def controls(frames: int, *, melody: bool = True, dynamics: bool = True) -> Controls:
    """Half C, half G, and a level that falls."""
    return Controls(
        melody=np.where(np.arange(frames) < frames // 2, 0, 7).astype(np.int8),
        dynamics_db=np.linspace(-20, -40, frames, dtype=np.float32),
        accents=np.zeros(frames, dtype=np.bool_),
        melody_present=np.ones(frames, dtype=np.bool_),
        dynamics_present=np.ones(frames, dtype=np.bool_),
    ).followed(melody=melody, dynamics=dynamics)


def request(seconds: float = 2.5, **changes: object) -> CueRequest:
    frames = np.random.default_rng(0).integers(0, 255, (round(seconds * 10), 36, 64, 3), np.uint8)
    samples = round(seconds * 48_000)
    made = CueRequest(
        samples=samples, frames=frames, seed=5, model=DITTO, music=SHORT,
        controls=controls(samples // 768),
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def staged(
    pipeline: HpmPipeline, asked: CueRequest
) -> tuple[WindowPlan, FilmCondition, Style | None]:
    plan = plan_windows(asked.samples, pipeline.config, SHORT.window_s, SHORT.overlap_s)
    return plan, pipeline.encode_film(asked, plan), pipeline.style_of(asked, plan)


def lost(pipeline: HpmPipeline, asked: CueRequest) -> tuple[float, float]:
    """Loss of the untouched noise's music, and of DITTO's."""
    plan, film, style = staged(pipeline, asked)
    assert style is not None
    with torch.no_grad():
        first, last = (
            following_loss(pipeline.vae, latent, plan, style).item()
            for latent in (
                pipeline.denoise(plan, film, None, asked),
                pipeline.denoise(plan, film, style, asked),
            )
        )
    return first, last


@pytest.mark.parametrize("part", ["melody", "dynamics"])
def test_what_is_followed_is_followed_better_than_by_the_noise_itself(
    pipeline: HpmPipeline, part: str
) -> None:
    followed = controls(156, melody=part == "melody", dynamics=part == "dynamics")
    first, last = lost(pipeline, request(controls=followed))
    assert last < 0.99 * first


def test_windows_are_optimised_together_and_apart(pipeline: HpmPipeline) -> None:
    few = dataclasses.replace(DITTO, ditto_steps=4)
    together = request(4.0, model=few)
    assert len(staged(pipeline, together)[0].starts) == 2
    first, last = lost(pipeline, together)
    assert last < first
    apart = dataclasses.replace(together, music=dataclasses.replace(SHORT, join="crossfade"))
    told: list[tuple[str, float]] = []
    sound = pipeline.generate(apart, lambda stage, share: told.append((stage, share)))
    assert sound.shape == (4 * 48_000,) and np.isfinite(sound).all()
    shares = [share for stage, share in told if stage == "optimise"]
    assert shares == sorted(shares) and shares[-1] == 1


def test_the_same_seed_gives_the_same_bytes_and_less_strength_other_music(
    pipeline: HpmPipeline,
) -> None:
    few = request(model=dataclasses.replace(DITTO, ditto_steps=3))
    first, second = (pipeline.generate(few) for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, pipeline.generate(dataclasses.replace(few, strength=0.5)))
    assert not np.array_equal(first, pipeline.generate(dataclasses.replace(few, seed=6)))


def test_the_base_model_alone_generates_and_learns_nothing(pipeline: HpmPipeline) -> None:
    def unheard(*_: object) -> None:
        raise AssertionError("the branch was asked")

    before = {name: value.clone() for name, value in pipeline.hpm.state_dict().items()}
    hook = pipeline.hpm.s_control.register_forward_pre_hook(unheard)
    pipeline.generate(request(model=dataclasses.replace(DITTO, ditto_steps=2)))
    hook.remove()
    assert all(torch.equal(before[k], value) for k, value in pipeline.hpm.state_dict().items())
    assert all(parameter.grad is None for parameter in pipeline.hpm.parameters())


def test_predictions_are_computed_again_instead_of_kept(pipeline: HpmPipeline) -> None:
    calls: list[bool] = []
    asked = request(model=dataclasses.replace(DITTO, ditto_steps=1))
    plan, film, style = staged(pipeline, asked)
    unet = pipeline.hpm.vm_unet
    hook = unet.register_forward_pre_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    pipeline.denoise(plan, film, None, asked)
    sampling = len(calls)
    pipeline.denoise(plan, film, style, asked)
    hook.remove()
    assert len(calls) - sampling == 2 * sampling


def test_losses_are_least_where_the_control_is_met(pipeline: HpmPipeline) -> None:
    """Of a tone's own spectrogram, against its own controls, others' and another level."""
    from otio_hpm.music.controls import controls_of
    from otio_hpm.music.spectrogram import analyse

    seconds = np.arange(120_960 + 1920) / 48_000
    swell = np.interp(seconds, [0, 1.2, 2.56], [0.02, 0.3, 0.05])
    sound = (swell * np.sin(2 * np.pi * 523.25 * seconds)).astype(np.float32)
    spectrogram = analyse(torch.from_numpy(sound), pipeline.config)[None]

    def losses(followed: Controls) -> tuple[float, float]:
        style = pipeline.style_of(request(2.56, controls=followed), ALONE)
        assert style is not None
        return (
            melody_loss(spectrogram, style, pipeline.vae).item(),
            dynamics_loss(spectrogram, style, pipeline.vae).item(),
        )

    own = controls_of(sound, pipeline.config)
    other = dataclasses.replace(own, melody=((own.melody + 6) % 12).astype(np.int8))
    louder = dataclasses.replace(own, dynamics_db=own.dynamics_db + 6)
    melody, dynamics = losses(own)
    assert melody < 1 < losses(other)[0]
    assert dynamics < 0.02
    assert losses(louder)[1] == pytest.approx(1, abs=0.25)


ALONE = WindowPlan(starts=(0,), window=40, length=40)


def test_where_nothing_is_followed_it_is_refused(pipeline: HpmPipeline) -> None:
    nothing = controls(156, melody=False, dynamics=False)
    hits = nothing.with_hits([48_000], pipeline.config)
    for followed in (None, nothing, hits):
        with pytest.raises(SettingsError, match="nothing to follow"):
            pipeline.generate(request(controls=followed))
