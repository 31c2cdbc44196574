"""S-Control: the ControlNet branch that takes melody and dynamics (paper section 3.2.2).

Copies of VM-UNet's entry, down and middle blocks; zero convolutions lead back into VM-UNet. At the
entry, equation 3: C = norm(z_t) + Z_in(conv_mel(c_mel)) + Z_in(conv_dyn(c_dyn)). Each control has a
mask channel, so that a silent or missing stretch is told from a zero. Accents enter beside the
level. diffusers' ControlNetModel has neither AudioLDM's class embedding nor its second
self-attention, so the branch is put together from the UNet's own blocks.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.vm_unet import Residuals, VmUnet

MELODY_CHANNELS = 12
DYNAMICS_CHANNELS = 2
LEVEL_CENTRE_DB = -35.0
LEVEL_SPREAD_DB = 25.0
NEW_PARTS = ("melody", "dynamics", "zeros", "zero_middle")
"""Parts of the branch that are no copies of VM-UNet."""


def zero_conv(channels_in: int, channels_out: int) -> nn.Conv2d:
    """A 1x1 convolution that starts as nothing."""
    conv = nn.Conv2d(channels_in, channels_out, 1)
    nn.init.zeros_(conv.weight)
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    return conv


class ControlEncoder(nn.Module):
    """Two convolutional blocks over time, then a share for every band position."""

    def __init__(self, channels: int, config: ModelConfig, out_channels: int) -> None:
        super().__init__()
        width, bands = config.control_channels, config.latent_bands
        strides = (2, config.ratio // 2)
        self.blocks = nn.Sequential(
            nn.Conv1d(channels + 1, width, 5, stride=strides[0], padding=2),
            nn.SiLU(),
            nn.Conv1d(width, width, 5, stride=strides[1], padding=2),
            nn.SiLU(),
        )
        self.to_bands = nn.Conv1d(width, 32 * bands, 1)
        self.bands = bands
        self.zero = zero_conv(32, out_channels)
        # PyTorch's own start leaves controls far smaller than the latent they are added to.
        for layer in self.modules():
            if isinstance(layer, nn.Conv1d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, control: Tensor) -> Tensor:
        """(B, channels + mask, frames) -> (B, out_channels, frames / r, bands)."""
        spread = self.to_bands(self.blocks(control)).unflatten(1, (-1, self.bands))
        result: Tensor = self.zero(spread.transpose(2, 3))
        return result


class SControl(nn.Module):
    """Controls -> residuals for VM-UNet."""

    def __init__(self, base: VmUnet) -> None:
        super().__init__()
        config = base.config
        self.conv_in = copy.deepcopy(base.unet.conv_in)
        self.time_proj = copy.deepcopy(base.unet.time_proj)
        self.time_embedding = copy.deepcopy(base.unet.time_embedding)
        self.class_embedding = copy.deepcopy(base.unet.class_embedding)
        self.concat = config.class_concat
        self.down_blocks = copy.deepcopy(base.unet.down_blocks)
        self.mid_block = copy.deepcopy(base.unet.mid_block)
        self.begin_new_parts(config)

    def begin_new_parts(self, config: ModelConfig) -> None:
        """Control encoders and zero convolutions, as a branch has them before any training."""
        entry, deepest = config.unet_channels[0], config.unet_channels[-1]
        self.melody = ControlEncoder(MELODY_CHANNELS, config, entry)
        self.dynamics = ControlEncoder(DYNAMICS_CHANNELS, config, entry)
        self.zeros = nn.ModuleList(zero_conv(c, c) for c in _skip_channels(config))
        self.zero_middle = zero_conv(deepest, deepest)

    def forward(
        self, coded: Tensor, step: Tensor, film: FilmCondition, melody: Tensor, dynamics: Tensor
    ) -> Residuals:
        """Residuals of one prediction.

        coded: latent with codes (B, C', T, F); melody (B, 13, frames), dynamics (B, 3, frames),
        the last channel of each its mask.
        """
        embedding = self.time_embedding(self.time_proj(step.expand(len(coded))).to(coded.dtype))
        of_film = self.class_embedding(film.fused)
        embedding = torch.cat([embedding, of_film], 1) if self.concat else embedding + of_film
        hidden = self.conv_in(coded) + self.melody(melody) + self.dynamics(dynamics)
        skips = [hidden]
        for block in self.down_blocks:
            if hasattr(block, "attentions"):
                hidden, more = block(hidden, embedding, encoder_hidden_states=film.tokens)
            else:
                hidden, more = block(hidden, embedding)
            skips.extend(more)
        hidden = self.mid_block(hidden, embedding, encoder_hidden_states=film.tokens)
        down = tuple(zero(skip) for zero, skip in zip(self.zeros, skips, strict=True))
        return down, self.zero_middle(hidden)


def _skip_channels(config: ModelConfig) -> list[int]:
    """Channels of VM-UNet's skip connections, in order."""
    widths = config.unet_channels
    channels = [widths[0]]
    for level, width in enumerate(widths):
        last = level == len(widths) - 1
        channels += [width] * (config.unet_layers + (0 if last else 1))
    return channels


def melody_input(melody: Tensor, present: Tensor) -> Tensor:
    """Pitch classes (-1: none) as one-hot channels and mask. (B, frames) x 2 -> (B, 13, frames)"""
    mask = present & (melody >= 0)
    classes = nn.functional.one_hot(melody.long() + 1, MELODY_CHANNELS + 1)[..., 1:]
    return torch.cat([classes * mask[..., None], mask[..., None]], dim=-1).transpose(1, 2).float()


def dynamics_input(level_db: Tensor, accents: Tensor, present: Tensor) -> Tensor:
    """Level, scaled to about -1 to 1, accents and mask. (B, frames) x 3 -> (B, 3, frames)"""
    mask = present.float()
    scaled = (level_db.float() - LEVEL_CENTRE_DB) / LEVEL_SPREAD_DB
    return torch.stack([scaled * mask, accents.float(), mask], dim=1)


def followed_level_db(dynamics: Tensor) -> tuple[Tensor, Tensor]:
    """Level in dB, and 1 where it is to be followed, of `dynamics_input`. (B, frames) each"""
    return dynamics[:, 0] * LEVEL_SPREAD_DB + LEVEL_CENTRE_DB, dynamics[:, -1]
