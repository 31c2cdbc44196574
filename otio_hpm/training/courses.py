"""Pace and level of composed windows, second by second: what a `Pacing` learns to read."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.accents import beginnings_of
from otio_hpm.music.controls import SILENCE_DB
from otio_hpm.music.decoded_controls import frame_level_db, hann_smoothed

SMOOTHING_S = 3.0
"""Over so long (a Hann window) beginnings are counted: fewer seconds hold but one or two."""
_DB = 10.0
"""Level is in tens of dB, so that it varies about as pace does."""
_PIECE = 16
"""Windows of which bins are held at once."""


@torch.no_grad()
def courses(vae: MusicAutoencoder, latent: Tensor) -> Tensor:
    """Pace and level of each second, as a `Course` has them. (N, C, T, F) -> (N, seconds, 2)

    Of what is heard of the latents: what the autoencoder loses is nothing they can be led by.
    """
    config, device = vae.config, vae.latent_mean.device
    parts = []
    for chosen in latent.split(_PIECE):
        with torch.autocast(device.type, torch.bfloat16):
            spectrogram = vae.decode(chosen.float().to(device)).float().cpu()
        parts.append(torch.stack([_pace(spectrogram, config), _level(spectrogram, config)], 1))
    return functional.adaptive_avg_pool1d(torch.cat(parts), config.film_seconds).transpose(1, 2)


def _pace(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Root of note beginnings a second, fewer at the ends, beyond which none are known.

    (B, frames, bands) -> (B, frames)
    """
    begun = torch.stack([torch.from_numpy(beginnings_of(s, config)) for s in spectrogram])
    rate = hann_smoothed(begun.float(), SMOOTHING_S, config) * config.sample_rate / config.hop
    return rate.sqrt()


def _level(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Level in tens of dB of full scale. (B, frames, bands) -> (B, frames)"""
    return frame_level_db(spectrogram, config).clamp(min=SILENCE_DB) / _DB
