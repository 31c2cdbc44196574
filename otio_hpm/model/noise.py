"""The diffusion's noise: levels, what is predicted of it, and the two samplers.

Our own models have cosine levels and v-prediction (Salimans & Ho 2022): it stays well posed where
there is almost only noise, which is where the level of the music, a latent's lowest frequency, is
decided. AudioLDM has scaled linear levels and predicts the noise itself.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.settings import Sampler


def scheduler(config: ModelConfig, sampler: Sampler, steps: int) -> Any:
    """A diffusers scheduler set to `steps` steps.

    DDIM of a model that predicts noise takes the very steps of AudioLDM's own pipeline.
    """
    shape = _shape(config)
    if sampler == "ddim" and config.prediction == "epsilon":
        made = DDIMScheduler(
            config.train_steps, **shape, clip_sample=False, set_alpha_to_one=False,
            steps_offset=1, timestep_spacing="leading",
        )  # fmt: skip
    elif sampler == "ddim":
        made = DDIMScheduler(
            config.train_steps, **shape, clip_sample=False, set_alpha_to_one=True,
            timestep_spacing="trailing",
        )  # fmt: skip
    else:
        made = DPMSolverMultistepScheduler(
            config.train_steps, **shape, algorithm_type="dpmsolver++",
            timestep_spacing="trailing", final_sigmas_type="zero",
        )  # fmt: skip
    made.set_timesteps(steps)
    return made


class NoiseSchedule:
    """Signal and noise shares of each training step."""

    def __init__(self, config: ModelConfig) -> None:
        self.train_steps = config.train_steps
        self.prediction = config.prediction
        self.signal_power = DDIMScheduler(config.train_steps, **_shape(config)).alphas_cumprod

    def noisy(self, latent: Tensor, noise: Tensor, step: Tensor) -> Tensor:
        """Latent with noise of this step's share. (B, ...), (B,) -> (B, ...)"""
        signal, spread = self._shares(step, latent)
        return signal * latent + spread * noise

    def target(self, latent: Tensor, noise: Tensor, step: Tensor) -> Tensor:
        """What the model has to predict."""
        if self.prediction == "epsilon":
            return noise
        signal, spread = self._shares(step, latent)
        return signal * noise - spread * latent

    def clean(self, noisy: Tensor, predicted: Tensor, step: Tensor) -> Tensor:
        """The latent that a prediction means. (B, ...) x 2, (B,) -> (B, ...)"""
        signal, spread = self._shares(step, noisy)
        if self.prediction == "epsilon":
            return (noisy - spread * predicted) / signal
        return signal * noisy - spread * predicted

    def predicted(self, noisy: Tensor, latent: Tensor, step: Tensor) -> Tensor:
        """The prediction that means a latent. (B, ...) x 2, (B,) -> (B, ...)"""
        signal, spread = self._shares(step, noisy)
        return self.target(latent, (noisy - signal * latent) / spread, step)

    def moved(self, gradient: Tensor, step: Tensor) -> Tensor:
        """How far a gradient of the log likelihood moves the clean latent (Tweedie's formula).

        (B, ...), (B,) -> (B, ...)
        """
        signal, spread = self._shares(step, gradient)
        return spread.square() / signal * gradient

    def _shares(self, step: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        power = self.signal_power[step].reshape(-1, *[1] * (like.dim() - 1)).to(like.device)
        return power.sqrt(), (1 - power).sqrt()


def _shape(config: ModelConfig) -> dict[str, Any]:
    """A scheduler's arguments that the model was trained with."""
    prediction = {"v": "v_prediction", "epsilon": "epsilon"}[config.prediction]
    if config.noise == "cosine":
        return {"beta_schedule": "squaredcos_cap_v2", "prediction_type": prediction}
    start, end = config.betas
    return {
        "beta_schedule": config.noise, "beta_start": start, "beta_end": end,
        "prediction_type": prediction,
    }  # fmt: skip


def seeded_noise(shape: tuple[int, ...], seed: int) -> Tensor:
    """Gaussian noise drawn on the CPU, so that every device starts alike."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
