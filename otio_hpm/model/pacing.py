"""Pace and level: what a film asks for, and what a noisy latent is going to have.

Guidance pulls music towards its film, but does not look at what has come of it: which notes are
struck, and how loudly, hangs on the noise as well. So two small networks tell how many notes begin
and how loud it is in each second. One reads it off the film, the other off the noisy latent; where
these differ, the latent is moved. This is guidance by a classifier that was trained on noise
(Dhariwal and Nichol 2021, section 4), beside guidance without one, as in Diff-Foley (Luo et al.
2023, section 3.4). Not in the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig

STRENGTH = 10.0
"""Weight of the guidance. Neighbouring seconds tell much the same, and count each for itself."""
_VALUES = 2
"""Pace and level."""
_LAYERS = 4
_DROPPED = 0.2, 0.3
"""Of what is heard and what is seen, in training."""
_LEAST, _MOST = -6.0, 6.0
"""Natural logarithms between which a variance lies."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """Normal distributions of the pace and level of each second.

    Pace is the root of note beginnings a second, of which the variance hardly changes with their
    number; level is in tens of dB of full scale.
    """

    mean: Tensor
    """shape (B, seconds, 2)"""
    log_variance: Tensor
    """shape (B, seconds, 2)"""

    def first(self, seconds: int) -> Course:
        """Their beginning."""
        return Course(mean=self.mean[:, :seconds], log_variance=self.log_variance[:, :seconds])


class Pacing(nn.Module):
    """What films ask for and what music has, learnt from pairs of them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.seen = SeenCourse(config)
        self.heard = HeardCourse(config)

    def pull(self, noisy: Tensor, step: Tensor, seen: Tensor) -> Tensor:
        """Where a noisy latent is more likely to have what its film asks for: the gradient of the
        log likelihood.

        (B, C, T, F), (B,), normalised descriptors (B, seconds, descriptor_size) -> (B, C, T, F)
        """
        with torch.enable_grad(), torch.autocast(noisy.device.type, enabled=False):
            moved = noisy.detach().float().requires_grad_()
            heard = self.heard(moved, step)
            # The film is told for whole windows, and shorter ones hear its first seconds.
            asked = self.seen(seen.float()).first(heard.mean.shape[1])
            # How sure the readers are is taken as it is: no latent is to be made unreadable.
            spread = (heard.log_variance.exp() + asked.log_variance.exp()).detach()
            likelihood = -((heard.mean - asked.mean.detach()).square() / spread).sum() / 2
            gradient: Tensor = torch.autograd.grad(likelihood, moved)[0]
        return gradient


class SeenCourse(nn.Module):
    """Reads off a film what its music is like."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, dropped = config.pacing_channels, _DROPPED[1]
        self.layers = nn.Sequential(
            nn.Conv1d(config.descriptor_size, width, 1), nn.SiLU(), nn.Dropout(dropped),
            nn.Conv1d(width, width, 5, padding=2), nn.SiLU(), nn.Dropout(dropped),
            nn.Conv1d(width, 2 * _VALUES, 1),
        )  # fmt: skip

    def forward(self, seen: Tensor) -> Course:
        """Normalised descriptors, (B, seconds, descriptor_size)"""
        return _course(self.layers(seen.transpose(1, 2)))


class HeardCourse(nn.Module):
    """Reads off a noisy latent what it is going to be like."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config, width = config, config.pacing_channels
        self.entry = nn.Conv1d(config.latent_channels * config.latent_bands, width, 1)
        self.level = nn.Sequential(
            Timesteps(width, flip_sin_to_cos=True, downscale_freq_shift=0),
            TimestepEmbedding(width, width),
        )
        self.blocks = nn.ModuleList(
            _Block(width, config.norm_groups, 2**place) for place in range(_LAYERS)
        )
        self.head = nn.Conv1d(width, 2 * _VALUES, 1)

    def forward(self, noisy: Tensor, step: Tensor) -> Course:
        """(B, C, T, F), noise level (B,) -> the seconds, the last perhaps in part, of T frames"""
        hidden = self.entry(noisy.transpose(2, 3).flatten(1, 2))
        level = self.level(step)
        for block in self.blocks:
            hidden = block(hidden, level)
        return _course(self.head(self._seconds(hidden)))

    def _seconds(self, hidden: Tensor) -> Tensor:
        """Means over each second of a film as long as a window. -> (B, width, seconds)"""
        frames = torch.arange(hidden.shape[-1], device=hidden.device)
        second = frames * self.config.film_seconds // self.config.window_latents
        inside = nn.functional.one_hot(second).to(hidden)
        return hidden @ (inside / inside.sum(0))


class _Block(nn.Module):
    """A dilated convolution over time that is told the noise level."""

    def __init__(self, width: int, groups: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, width)
        self.told = nn.Linear(width, 2 * width)
        self.wide = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation)
        self.out = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(_DROPPED[0])

    def forward(self, hidden: Tensor, level: Tensor) -> Tensor:
        """(B, width, T), (B, width) -> (B, width, T)"""
        scale, shift = self.told(level)[..., None].chunk(2, dim=1)
        mixed = nn.functional.silu(self.norm(hidden) * (1 + scale) + shift)
        result: Tensor = hidden + self.out(self.dropout(nn.functional.silu(self.wide(mixed))))
        return result


def _course(values: Tensor) -> Course:
    """(B, 4, seconds) -> means and variances."""
    mean, log_variance = values.float().transpose(1, 2).chunk(2, dim=-1)
    return Course(mean=mean, log_variance=log_variance.clamp(_LEAST, _MOST))


def build_pacing(config: ModelConfig) -> Pacing | None:
    """What paces a model's free music, where it has been trained."""
    return Pacing(config) if config.has_pacing else None
