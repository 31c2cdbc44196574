"""The model's parts: what the paper's sections say of them holds."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from diffusers import DDIMScheduler

from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import (
    QUANTILES,
    AttentionFusion,
    FilmCondition,
    FilmEncoder,
    time_code,
)
from otio_hpm.model.hpm import Hpm, Sampling, Style, denoise, guided
from otio_hpm.model.noise import NoiseSchedule, scheduler, seeded_noise
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.model.windows import WindowPlan
from otio_hpm.settings import Sampler

CONFIG = ModelConfig.load(model_folder("debug") / "config.json")
NOISE = replace(CONFIG, noise="scaled_linear", prediction="epsilon")


@pytest.fixture(scope="module")
def model() -> Hpm:
    torch.manual_seed(1)
    return Hpm(CONFIG).eval()


def film(model: Hpm, batch: int, seed: int = 0):  # type: ignore[no-untyped-def]
    shape = (batch, CONFIG.film_seconds, CONFIG.descriptor_size)
    return model.film_encoder(torch.rand(shape, generator=torch.Generator().manual_seed(seed)))


def latent(batch: int) -> torch.Tensor:
    shape = (batch, CONFIG.latent_channels, CONFIG.window_latents, CONFIG.latent_bands)
    return seeded_noise(shape, 3)


def style(batch: int, strength: float = 1.0) -> Style:
    frames = CONFIG.window_frames
    everywhere = torch.ones(batch, frames, dtype=torch.bool)
    return Style(
        melody=melody_input(torch.full((batch, frames), 4), everywhere),
        dynamics=dynamics_input(torch.full((batch, frames), -20.0), ~everywhere, everywhere),
        strength=torch.full((batch,), strength),
    )


@torch.no_grad()
def predicted(
    model: Hpm, level: int, seen: FilmCondition, told: Style | None, sampling: Sampling
) -> torch.Tensor:
    """What is predicted of one window of noise at a noise level."""
    plan = WindowPlan(starts=(0,), window=160, length=160)
    step = torch.tensor(level)
    return guided(model, latent(1), plan, step, seen, told, sampling, slice(0, 1))


class TestFilmEncoder:
    def test_fusion_is_a_convex_combination_of_unit_length(self) -> None:
        fusion = AttentionFusion(32, 4)
        feature = torch.randn(2, 1, 32)
        same = fusion(feature.expand(-1, 3, -1))
        heads = torch.nn.functional.normalize(feature[:, 0].unflatten(-1, (4, -1)), dim=-1)
        wanted = torch.nn.functional.normalize(heads.flatten(1), dim=-1)
        assert torch.allclose(same, wanted, atol=1e-6)
        assert torch.allclose(same.norm(dim=1), torch.ones(2), atol=1e-5)

    def test_tokens_are_four_and_one_a_second(self, model: Hpm) -> None:
        condition = film(model, 2)
        assert condition.tokens.shape == (2, 4 + CONFIG.film_seconds, CONFIG.film_size)
        assert condition.fused.shape == (2, CONFIG.film_size)

    def test_normalisation_is_the_rank_in_the_table(self) -> None:
        encoder = FilmEncoder(CONFIG)
        encoder.quantiles.copy_(torch.linspace(0, 10, QUANTILES).square())
        values = torch.tensor([-5.0, 0.0, 25.0, 100.0, 1e6])
        rows = values[:, None].expand(-1, CONFIG.descriptor_size)
        rank = encoder.normalise(rows)[:, 0]
        assert torch.allclose(rank, torch.tensor([-1.0, -1.0, 0.0, 1.0, 1.0]), atol=0.01)

    def test_seconds_have_their_own_codes(self) -> None:
        codes = time_code(torch.arange(10) + 0.5, CONFIG)
        distance = torch.cdist(codes, codes) + torch.eye(10) * 9
        assert distance.min() > 0.5


class TestBranch:
    def test_a_new_branch_changes_nothing_bit_for_bit(self, model: Hpm) -> None:
        noisy, step, seen = latent(2), torch.tensor([10, 700]), film(model, 2)
        with torch.no_grad():
            plain = model.predict(noisy, step, seen)
            styled = model.predict(noisy, step, seen, style(2))
        assert torch.equal(plain, styled)

    @pytest.mark.parametrize("sides", [(None, None), (1.0, None), (1.0, 0.5)])
    def test_with_and_without_the_film_are_predicted_in_one_pass(
        self, model: Hpm, sides: tuple[float | None, float | None]
    ) -> None:
        branch = copy.deepcopy(model)
        for zero in branch.s_control.zeros:
            torch.nn.init.normal_(zero.weight, std=0.1)
        noisy, step, seen = latent(2), torch.tensor([10, 700]), film(model, 2)
        followed, kept = (None if s is None else style(2, s) for s in sides)
        unseen = branch.film_encoder.unconditional(2)
        with torch.no_grad():
            both = branch.predict_both(noisy, step, seen, followed, kept)
            apart = (
                branch.predict(noisy, step, seen, followed),
                branch.predict(noisy, step, unseen, kept),
            )
        for one, other in zip(both, apart, strict=True):
            assert torch.allclose(one, other, atol=1e-4)
        assert not torch.allclose(*both, atol=1e-2)

    def test_melody_and_mask_are_one_hot(self) -> None:
        melody = torch.tensor([[0, 11, -1, 5]])
        present = torch.tensor([[True, True, True, False]])
        channels = melody_input(melody, present)
        assert channels.shape == (1, 13, 4)
        assert channels[0, :, 0].nonzero().flatten().tolist() == [0, 12]
        assert channels[0, :, 1].nonzero().flatten().tolist() == [11, 12]
        assert channels[0, :, 2:].abs().sum() == 0


class TestSampling:
    @pytest.mark.parametrize("sampler", ["dpm++", "ddim"])
    def test_a_perfect_model_is_sampled_to_its_latent(self, sampler: str) -> None:
        """With the true v at every step, both samplers end at the clean latent."""
        wanted = latent(1)
        noises = NoiseSchedule(CONFIG)
        solver = scheduler(CONFIG, sampler, 10)  # type: ignore[arg-type]
        now = seeded_noise(tuple(wanted.shape), 9)
        for step in solver.timesteps:
            power = noises.signal_power[int(step)]
            noise = (now - power.sqrt() * wanted) / (1 - power).sqrt()
            now = solver.step(noises.target(wanted, noise, step[None]), step, now).prev_sample
        assert (now - wanted).abs().max() < 0.02

    @pytest.mark.parametrize("sampler", ["dpm++", "ddim"])
    def test_a_perfect_model_of_noise_is_sampled_to_its_latent(self, sampler: Sampler) -> None:
        """The same of a model that predicts noise, on AudioLDM's levels; its DDIM ends at the last
        of them, where 4 % of noise are left."""
        wanted = latent(1)
        noises = NoiseSchedule(NOISE)
        solver = scheduler(NOISE, sampler, 10)
        now = seeded_noise(tuple(wanted.shape), 9)
        for step in solver.timesteps:
            power = noises.signal_power[int(step)]
            noise = (now - power.sqrt() * wanted) / (1 - power).sqrt()
            assert torch.equal(noises.target(wanted, noise, step[None]), noise)
            now = solver.step(noise, step, now).prev_sample
        assert (now - wanted).abs().max() < (0.2 if sampler == "ddim" else 0.02)

    def test_ddim_of_noise_takes_the_steps_of_audioldm(self) -> None:
        published = DDIMScheduler(
            beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False,
            set_alpha_to_one=False, steps_offset=1,
        )  # fmt: skip
        published.set_timesteps(7)
        ours, now = scheduler(NOISE, "ddim", 7), latent(1)
        assert torch.equal(ours.timesteps, published.timesteps)
        for step in ours.timesteps:
            noise = seeded_noise(tuple(now.shape), int(step))
            theirs = published.step(noise, step, now).prev_sample
            now = ours.step(noise, step, now).prev_sample
            assert torch.equal(now, theirs)

    def test_windows_are_denoised_as_one(self, model: Hpm) -> None:
        plan = WindowPlan(starts=(0, 120), window=160, length=280)
        shape = (1, CONFIG.latent_channels, plan.length, CONFIG.latent_bands)
        both = denoise(model, seeded_noise(shape, 0), plan, film(model, 2), None, Sampling(steps=2))
        assert both.shape == shape
        assert torch.isfinite(both).all()

    def test_guidance_one_is_no_guidance(self, model: Hpm) -> None:
        plan = WindowPlan(starts=(0,), window=160, length=160)
        noise, seen = latent(1), film(model, 1)
        one = denoise(model, noise, plan, seen, None, Sampling(steps=2, guidance=1))
        close = denoise(model, noise, plan, seen, None, Sampling(steps=2, guidance=1.0001))
        far = denoise(model, noise, plan, seen, None, Sampling(steps=2, guidance=5))
        assert torch.allclose(one, close, atol=1e-2)
        assert (one - far).abs().max() > (one - close).abs().max()

    @pytest.mark.parametrize(
        ("level", "alone", "following"),
        [
            (950, False, False), (900, False, False), (899, True, False), (800, True, False),
            (799, True, True), (200, True, True), (199, False, False), (0, False, False),
        ],
    )  # fmt: skip
    def test_guidance_acts_where_there_is_neither_almost_only_noise_nor_hardly_any(
        self, model: Hpm, level: int, alone: bool, following: bool
    ) -> None:
        seen, followed = film(model, 1), style(1)
        for told, acts in ((None, alone), (followed, following)):
            one, far = (predicted(model, level, seen, told, Sampling(guidance=g)) for g in (1, 5))
            assert torch.equal(one, far) is not acts
        # But there, too, where guidance is the paper's.
        paper = Sampling(guidance=5, guided="film")
        assert not torch.equal(one, predicted(model, level, seen, followed, paper))

    def test_guidance_acts_on_the_style_too(self, model: Hpm) -> None:
        """The guided prediction leads away from the one that knows neither film nor style."""
        branch = copy.deepcopy(model)
        for zero in branch.s_control.zeros:
            torch.nn.init.normal_(zero.weight, std=0.1)
        # A film that says nothing leaves the style alone to be guided.
        silent = branch.film_encoder.unconditional(1)
        one, far = (
            predicted(branch, 500, silent, style(1), Sampling(guidance=g)) for g in (1, 4)
        )
        free = predicted(branch, 500, silent, None, Sampling(guidance=1))
        assert torch.allclose(far - free, 4 * (one - free), atol=0.05)
        assert (one - free).abs().max() > 0.1
