"""Decoupled film attention: film tokens beside a block's own attention, never in its place.

As IP-Adapter (Ye et al. 2023) adds an image prompt, with two differences: the way out begins as
zero, so that a pretrained UNet stays exactly what it was until it is trained with film; and the
query knows its time, so that a position may look at its own second of picture.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import time_code


class FilmAttention(nn.Module):
    """Processor of a block's second self-attention that adds attention to the film."""

    def __init__(self, config: ModelConfig, level: int) -> None:
        super().__init__()
        self.config, self.level = config, level
        channels = config.unet_channels[level]
        self.film_key = nn.Linear(config.film_size, channels, bias=False)
        self.film_value = nn.Linear(config.film_size, channels, bias=False)
        self.film_time = nn.Linear(config.code_channels, channels, bias=False)
        self.film_out = nn.Linear(channels, channels, bias=False)
        nn.init.zeros_(self.film_out.weight)

    def forward(
        self, attn: Attention, hidden_states: Tensor, encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """The attention's own result and the film's share of it.

        (B, T * F, channels), film tokens (B, tokens, film_size) -> (B, T * F, channels)
        """
        query = attn.to_q(hidden_states)
        own = _attended(attn, query, attn.to_k(hidden_states), attn.to_v(hidden_states))
        time = self.film_time(self._times(hidden_states).to(hidden_states.dtype))
        key, value = self.film_key(encoder_hidden_states), self.film_value(encoder_hidden_states)
        seen = _attended(attn, query + time, key, value)
        project, dropout = attn.to_out
        result: Tensor = dropout(project(own)) + self.film_out(seen)
        return result

    def _times(self, hidden: Tensor) -> Tensor:
        """Time code of every position; bands run fastest. (T * F, code_channels)"""
        bands = self.config.latent_bands >> self.level
        step_s = float(self.config.latent_s) * 2**self.level
        frames = torch.arange(hidden.shape[1], device=hidden.device) // bands
        return time_code(frames * step_s, self.config)


def _attended(attn: Attention, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Scaled dot-product attention in the heads of `attn`; queries (B, n, channels) -> the same."""
    parts = (p.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for p in (query, key, value))
    return nn.functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)


def add_film_attention(unet: UNet2DConditionModel, config: ModelConfig) -> None:
    """Give every second attention of a UNet the film beside it."""
    deepest = len(config.unet_channels) - 1
    for name in list(unet.attn_processors):
        owner = name.removesuffix(".processor")
        if owner.endswith("attn2"):
            unet.get_submodule(owner).set_processor(FilmAttention(config, _level(name, deepest)))


def _level(name: str, deepest: int) -> int:
    """Level of the UNet that a module of diffusers' name is on."""
    block, number, *_ = name.split(".")
    if block == "mid_block":
        return deepest
    return int(number) if block == "down_blocks" else deepest - int(number)
