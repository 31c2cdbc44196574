"""The diffusion's loss at noise and noise levels that stay the same, so that losses compare."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from otio_hpm.model.hpm import Hpm
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.training.cache import Windows
from otio_hpm.training.conditions import whole

_BATCH = 8


@dataclass(frozen=True, kw_only=True)
class Latents:
    """Training windows with their spectrograms encoded."""

    latent: Tensor
    """shape (N, C, T, F) float16"""
    windows: Windows


@dataclass(frozen=True, kw_only=True)
class FixedDraws:
    """Windows with noise of fixed levels, drawn once."""

    data: Latents
    chosen: Tensor
    """Number of the window of each draw. shape (draws,)"""
    step: Tensor
    """Its noise level. shape (draws,)"""
    noise: Tensor
    """shape (draws, C, T, F)"""

    @classmethod
    def spread(cls, data: Latents, steps: range, count: int, seed: int = 0) -> FixedDraws:
        """`count` draws spread over all windows, at levels spread evenly over `steps`."""
        generator = torch.Generator().manual_seed(seed)
        level = torch.linspace(steps[0], steps[-1], count).round().long()
        return cls(
            data=data,
            chosen=_spread(count, len(data.latent)),
            step=level[torch.randperm(count, generator=generator)],
            noise=torch.randn((count, *data.latent.shape[1:]), generator=generator),
        )

    @torch.no_grad()
    def loss(self, model: Hpm, *, style: bool, films: Tensor | None = None) -> float:
        """Mean squared error of the model's prediction, told all of film and, if `style`, controls.

        `films` (draws,) are the numbers of windows whose pictures are seen in place of their own.
        """
        device = str(next(model.parameters()).device)
        schedule = NoiseSchedule(model.config)
        total = 0.0
        for draws in torch.arange(len(self.chosen)).split(_BATCH):
            chosen, step = self.chosen[draws], self.step[draws]
            latent, noise = self.data.latent[chosen].float(), self.noise[draws]
            seen = None if films is None else films[draws]
            film, followed = whole(
                model, self.data.windows, chosen, device, style=style, films=seen
            )
            noisy = schedule.noisy(latent, noise, step).to(device)
            predicted = model.predict(noisy, step.to(device), film, followed).float().cpu()
            error = (predicted - schedule.target(latent, noise, step)).square()
            total += float(error.mean()) * len(draws)
        return total / len(self.chosen)


def _spread(count: int, windows: int) -> Tensor:
    """Numbers of windows: all in turn, or where there are more, some from first to last."""
    draws = torch.arange(count)
    return draws % windows if windows <= count else draws * windows // count
