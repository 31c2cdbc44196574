"""Music VAE: diffusers' AutoencoderKL on a folded spectrogram.

Neighbouring frames and bands are folded into channels first, so that the convolutions run on a
small picture; the paper's AudioLDM autoencoder (section 3.2.1) works on the bare mel, which is
folded by one and one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig


@dataclass(frozen=True, kw_only=True)
class Tiling:
    """How a long latent is decoded in tiles, in latent frames."""

    step: int = 480
    """From border to border."""
    context: int = 16
    """What a tile sees beyond what is kept of it: more than its convolutions reach."""
    blend: int = 0
    """On both sides of a border, over so much, tiles pass into each other."""
    shortest: int = 0
    """What a tile sees at the least, where there is so much."""


CONVOLUTIONAL = Tiling()
ATTENTIVE = Tiling(context=32, blend=16, shortest=576)
"""Of a decoder whose middle attends over all of a tile, each tile is a little its own: the less so
the longer it is, and unheard where one passes into the next."""


class MusicAutoencoder(nn.Module):
    """Spectrogram (B, frames, bands) <-> normalised latent (B, C, frames / r, latent bands)."""

    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.fold_frames * config.fold_bands
        levels = len(config.vae_channels)
        self.kl = AutoencoderKL(
            in_channels=channels,
            out_channels=channels,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            block_out_channels=config.vae_channels,
            layers_per_block=config.vae_layers,
            latent_channels=config.latent_channels,
            norm_num_groups=config.norm_groups,
            mid_block_add_attention=config.vae_attention,
        )
        self.register_buffer("latent_mean", torch.zeros(config.latent_channels, 1, 1))
        self.register_buffer("latent_std", torch.ones(config.latent_channels, 1, 1))

    def fold(self, spectrogram: Tensor) -> Tensor:
        """(B, frames, bands) -> (B, fold channels, frames / fold, bands / fold)."""
        batch, frames, bands = spectrogram.shape
        ft, fb = self.config.fold_frames, self.config.fold_bands
        cells = spectrogram.reshape(batch, frames // ft, ft, bands // fb, fb)
        return cells.permute(0, 2, 4, 1, 3).reshape(batch, ft * fb, frames // ft, bands // fb)

    def unfold(self, folded: Tensor) -> Tensor:
        """Inverse of `fold`."""
        batch, _, rows, columns = folded.shape
        ft, fb = self.config.fold_frames, self.config.fold_bands
        cells = folded.reshape(batch, ft, fb, rows, columns).permute(0, 3, 1, 4, 2)
        return cells.reshape(batch, rows * ft, columns * fb)

    def encode(self, spectrogram: Tensor) -> Tensor:
        """Mean of the posterior, normalised per channel to zero mean and unit deviation."""
        mean: Tensor = self.kl.encode(self.fold(spectrogram)).latent_dist.mode()
        return (mean - self.latent_mean) / self.latent_std

    def decode(self, latent: Tensor) -> Tensor:
        """Spectrogram of a normalised latent."""
        return self.unfold(self.kl.decode(latent * self.latent_std + self.latent_mean).sample)

    def decode_long(self, latent: Tensor) -> Tensor:
        """`decode` in overlapping tiles, in constant memory.

        (1, C, length, F) -> (1, frames, bands). Across borders it is the same but for group
        normalisation and attention, which see a tile instead of the whole.
        """
        length, ratio = latent.shape[2], self.config.ratio
        tiling = ATTENTIVE if self.config.vae_attention else CONVOLUTIONAL
        blend, step = tiling.blend, tiling.step
        joined = latent.new_zeros(1, length * ratio, self.config.bands, dtype=torch.float32)
        borders = range(step, length - blend, step)
        for start in (0, *borders):
            kept = slice(max(0, start - blend), min(start + step + blend, length))
            first = max(0, min(kept.start - tiling.context, length - tiling.shortest))
            last = min(length, max(kept.stop + tiling.context, first + tiling.shortest))
            decoded = self.decode(latent[:, :, first:last]).float()
            piece = decoded[:, (kept.start - first) * ratio : (kept.stop - first) * ratio]
            ramp = 2 * blend * ratio
            weight = _ends(piece.shape[1], ramp * (start > 0), ramp * (start + step in borders))
            joined[:, kept.start * ratio : kept.stop * ratio] += piece * weight.to(piece)[:, None]
        return joined


def _ends(frames: int, rising: int, falling: int) -> Tensor:
    """One, but for straight ramps at both ends; a ramp and its neighbour's add up to one."""
    weight = torch.ones(frames)
    weight[:rising] *= (torch.arange(rising) + 0.5) / max(rising, 1)
    weight[frames - falling :] *= ((torch.arange(falling) + 0.5) / max(falling, 1)).flip(0)
    return weight
