"""The diffusion's noise: cosine levels, v-prediction, and the two samplers.

v-prediction (Salimans & Ho 2022) in place of AudioLDM's epsilon: it stays well posed where there is
almost only noise, which is where the level of the music, a latent's lowest frequency, is decided.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from otio_hpm.settings import Sampler

_SHAPE: dict[str, Any] = {
    "beta_schedule": "squaredcos_cap_v2",
    "prediction_type": "v_prediction",
}


def scheduler(train_steps: int, sampler: Sampler, steps: int) -> Any:
    """A diffusers scheduler set to `steps` steps."""
    if sampler == "ddim":
        made = DDIMScheduler(
            train_steps, **_SHAPE, clip_sample=False, set_alpha_to_one=True,
            timestep_spacing="trailing",
        )  # fmt: skip
    else:
        made = DPMSolverMultistepScheduler(
            train_steps, **_SHAPE, algorithm_type="dpmsolver++", timestep_spacing="trailing",
            final_sigmas_type="zero",
        )  # fmt: skip
    made.set_timesteps(steps)
    return made


class NoiseSchedule:
    """Signal and noise shares of each training step."""

    def __init__(self, train_steps: int) -> None:
        self.train_steps = train_steps
        self.signal_power = DDIMScheduler(train_steps, **_SHAPE).alphas_cumprod

    def noisy(self, latent: Tensor, noise: Tensor, step: Tensor) -> Tensor:
        """Latent with noise of this step's share. (B, ...), (B,) -> (B, ...)"""
        signal, spread = self._shares(step, latent)
        return signal * latent + spread * noise

    def velocity(self, latent: Tensor, noise: Tensor, step: Tensor) -> Tensor:
        """What the model has to predict."""
        signal, spread = self._shares(step, latent)
        return signal * noise - spread * latent

    def _shares(self, step: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        power = self.signal_power[step].reshape(-1, *[1] * (like.dim() - 1)).to(like.device)
        return power.sqrt(), (1 - power).sqrt()


def seeded_noise(shape: tuple[int, ...], seed: int) -> Tensor:
    """Gaussian noise drawn on the CPU, so that every device starts alike."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
