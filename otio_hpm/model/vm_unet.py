"""VM-UNet: AudioLDM's UNet conditioned on film (paper section 3.2.1, equations 1 and 2).

The fused film vector enters as class embedding, the film tokens through cross-attention. Latents of
small models get the window's time code and a band code as extra channels, since a 2-D UNet has no
positions, and the film's course second by second, which gives a model of few windows a path already
in step. The bare latent of AudioLDM's own size has none of these.
"""

from __future__ import annotations

import math

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_attention import add_film_attention
from otio_hpm.model.film_encoder import FilmCondition, time_code

_BAND_CODES = 3
Residuals = tuple[tuple[Tensor, ...], Tensor]
"""What the S-Control branch adds: one tensor per skip connection, and one at the middle."""


def build_unet(config: ModelConfig) -> UNet2DConditionModel:
    """diffusers' UNet in this configuration's shape."""
    attention = config.unet_attention
    decoupled = config.film_attention == "decoupled"
    unet = UNet2DConditionModel(
        sample_size=(config.window_latents, config.latent_bands),
        in_channels=config.latent_channels + _beside(config),
        out_channels=config.latent_channels,
        down_block_types=tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention),
        up_block_types=tuple(
            "CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attention)
        ),
        block_out_channels=config.unet_channels,
        layers_per_block=config.unet_layers,
        # Of a block's own width: its second attention looks at the block itself once more.
        cross_attention_dim=config.unet_channels if decoupled else config.film_size,
        # diffusers' name; it means the number of heads.
        attention_head_dim=config.heads,
        norm_num_groups=config.norm_groups,
        class_embed_type="simple_projection",
        projection_class_embeddings_input_dim=config.film_size,
        class_embeddings_concat=config.class_concat,
    )
    if decoupled:
        add_film_attention(unet, config)
    return unet


def _beside(config: ModelConfig) -> int:
    """Channels beside the latent."""
    if not config.film_channels:
        return 0
    return config.code_channels + 2 * _BAND_CODES + config.film_channels


class VmUnet(nn.Module):
    """Predicts v or noise from a noisy latent, the noise level and the film."""

    band_code: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.unet = build_unet(config)
        position = torch.arange(config.latent_bands) / config.latent_bands
        turns = torch.stack([position * math.pi * 2**k for k in range(_BAND_CODES)])
        self.register_buffer("band_code", torch.cat([turns.sin(), turns.cos()]), persistent=False)

    def with_codes(self, latent: Tensor, film: FilmCondition) -> Tensor:
        """Latent with time code, band code and film beside it. (B, C, T, F) -> (B, C', T, F).

        The latent itself where the model takes it bare.
        """
        if not self.config.film_channels:
            return latent
        batch, _, length, bands = latent.shape
        times = torch.arange(length, device=latent.device) * float(self.config.latent_s)
        code = time_code(times, self.config).T[None, :, :, None]
        return torch.cat(
            [
                latent,
                code.expand(batch, -1, -1, bands).to(latent.dtype),
                self.band_code[None, :, None, :].expand(batch, -1, length, -1).to(latent.dtype),
                in_step(film.course, times).transpose(1, 2)[..., None].expand(-1, -1, -1, bands),
            ],
            dim=1,
        )

    def forward(
        self, latent: Tensor, step: Tensor, film: FilmCondition, residuals: Residuals | None = None
    ) -> Tensor:
        """(B, C, T, F) noisy latent, (B,) step -> (B, C, T, F) prediction."""
        down, middle = residuals if residuals is not None else (None, None)
        sample: Tensor = self.unet(
            self.with_codes(latent, film),
            step,
            encoder_hidden_states=film.tokens,
            class_labels=film.fused,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
        ).sample
        return sample


def in_step(course: Tensor, times_s: Tensor) -> Tensor:
    """Per-second features at other times, linear between the seconds' middles.

    (B, seconds, channels), (T,) -> (B, T, channels)
    """
    position = (times_s - 0.5).clamp(0, course.shape[1] - 1)
    before = position.long()
    after = (before + 1).clamp(max=course.shape[1] - 1)
    return torch.lerp(course[:, before], course[:, after], (position - before)[:, None].to(course))
