"""Film encoder: three descriptors -> three features, fused by attention, and film tokens.

The paper's section 3.1 and appendix C, with measured picture descriptors in place of CLIP, TAVAR
and WECL. One fused vector alone would make cross-attention a constant, so the tokens are the three
features, the fused one, and one per second of picture that carries a time code.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

import torch
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.settings import Feature

QUANTILES = 33


@dataclass(frozen=True, kw_only=True)
class FilmCondition:
    """What the UNet is told of the picture."""

    tokens: Tensor
    """shape (B, 4 + seconds, film_size)"""
    fused: Tensor
    """shape (B, film_size), unit length"""
    course: Tensor
    """Per-second features that go beside the latent, in step with it. (B, seconds, channels)"""
    seen: Tensor
    """Normalised descriptors that all this was made of. (B, seconds, descriptor_size)"""

    def part(self, chosen: slice) -> FilmCondition:
        """Some of the windows."""
        return FilmCondition(
            tokens=self.tokens[chosen],
            fused=self.fused[chosen],
            course=self.course[chosen],
            seen=self.seen[chosen],
        )

    def beside(self, other: FilmCondition) -> FilmCondition:
        """These windows, then those of another."""
        return FilmCondition(
            tokens=torch.cat([self.tokens, other.tokens]),
            fused=torch.cat([self.fused, other.fused]),
            course=torch.cat([self.course, other.course]),
            seen=torch.cat([self.seen, other.seen]),
        )


def time_code(times_s: Tensor, config: ModelConfig) -> Tensor:
    """Sines and cosines of a position in the window. (...,) seconds -> (..., code_channels)."""
    periods = torch.tensor(config.time_periods_s, device=times_s.device)
    angle = times_s[..., None] * (2 * math.pi / periods)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


class AttentionFusion(nn.Module):
    """LAFF (appendix C.4): per head a convex combination of the features, then unit length."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.score = nn.Parameter(torch.zeros(heads, size // heads))
        self.bias = nn.Parameter(torch.zeros(heads))

    def forward(self, features: Tensor) -> Tensor:
        """(B, features, size) -> (B, size)."""
        parts = features.unflatten(-1, (self.heads, -1))
        logits = (parts * self.score).sum(-1) + self.bias
        fused = (logits.softmax(dim=1)[..., None] * parts).sum(1)
        return nn.functional.normalize(nn.functional.normalize(fused, dim=-1).flatten(1), dim=-1)


class FilmEncoder(nn.Module):
    """Descriptors of one window -> `FilmCondition`."""

    quantiles: Tensor
    seconds_code: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        size = config.film_size
        self.sizes = (config.semantic_size, config.aesthetic_size, config.emotion_size)
        self.features = nn.ModuleList(
            nn.Sequential(nn.Linear(n, size), nn.Tanh()) for n in self.sizes
        )
        self.fusion = AttentionFusion(size, config.fusion_heads)
        self.per_second = nn.Linear(config.descriptor_size, size)
        self.code = nn.Linear(config.code_channels, size)
        self.course = (
            nn.Linear(config.descriptor_size, config.film_channels)
            if config.film_channels
            else None
        )
        self.kind = nn.Parameter(torch.randn(5, size) * 0.02)
        self.norm = nn.LayerNorm(size)
        self.null_token = nn.Parameter(torch.zeros(size))
        self.null_fused = nn.Parameter(torch.zeros(size))
        table = torch.linspace(-1, 1, QUANTILES).repeat(config.descriptor_size, 1)
        self.register_buffer("quantiles", table)
        centres = torch.arange(config.film_seconds) + 0.5
        self.register_buffer("seconds_code", time_code(centres, config), persistent=False)

    def normalise(self, descriptors: Tensor) -> Tensor:
        """Each value's rank in the quantile table, -1 to 1. shape (..., descriptor_size)."""
        flat = descriptors.reshape(-1, descriptors.shape[-1]).T.contiguous()
        table = self.quantiles.contiguous()
        upper = torch.searchsorted(table, flat).clamp(1, QUANTILES - 1)
        low, high = table.gather(1, upper - 1), table.gather(1, upper)
        share = ((flat - low) / (high - low).clamp_min(1e-6)).clamp(0, 1)
        rank = (upper - 1 + share) / (QUANTILES - 1) * 2 - 1
        return rank.T.reshape(descriptors.shape)

    def leave_out(self, normalised: Tensor, without: Collection[Feature]) -> Tensor:
        """`normalised` with whole features made neutral, as training drops them (Table 4b)."""
        kept = [
            normalised.new_full((size,), float(name not in without))
            for name, size in zip(get_args(Feature), self.sizes, strict=True)
        ]
        return normalised * torch.cat(kept)

    def forward(self, normalised: Tensor) -> FilmCondition:
        """(B, seconds, descriptor_size) of normalised descriptors -> condition."""
        parts = normalised.mean(1).split(self.sizes, dim=-1)
        three = torch.stack([f(p) for f, p in zip(self.features, parts, strict=True)], dim=1)
        fused = self.fusion(three)
        whole = torch.cat([three, fused[:, None]], dim=1) + self.kind[:4]
        seconds = self.per_second(normalised) + self.code(self.seconds_code) + self.kind[4]
        tokens = self.norm(torch.cat([whole, seconds], dim=1))
        course = normalised[..., :0] if self.course is None else self.course(normalised)
        return FilmCondition(tokens=tokens, fused=fused, course=course, seen=normalised)

    def unconditional(self, batch: int) -> FilmCondition:
        """The condition that stands for no film, for guidance."""
        tokens = self.null_token.expand(batch, 4 + self.config.film_seconds, -1)
        seconds = self.config.film_seconds
        return FilmCondition(
            tokens=tokens,
            fused=self.null_fused.expand(batch, -1),
            course=tokens.new_zeros(batch, seconds, self.config.film_channels),
            seen=tokens.new_zeros(batch, seconds, self.config.descriptor_size),
        )

    def drop(self, condition: FilmCondition, dropped: Tensor) -> FilmCondition:
        """`condition` with the items where `dropped` (B,) is true made unconditional."""
        none = self.unconditional(len(dropped))
        return FilmCondition(
            tokens=torch.where(dropped[:, None, None], none.tokens, condition.tokens),
            fused=torch.where(dropped[:, None], none.fused, condition.fused),
            course=torch.where(dropped[:, None, None], none.course, condition.course),
            seen=torch.where(dropped[:, None, None], none.seen, condition.seen),
        )
