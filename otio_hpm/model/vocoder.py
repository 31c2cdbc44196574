"""Vocoder: a ConvNeXt that tells what bins hold within bands that are wider than one.

After Vocos (Siuzdak 2023), which predicts a spectrum's magnitudes and phases. Phases of Griffin-Lim
are in tune, and a network learns magnitudes in minutes, since which partials a band holds follows
from those below it: so this one predicts magnitudes alone, and Griffin-Lim finds phases for them.
The spectrogram stays what it is: bins are brought to the magnitudes of their bands.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hifigan import HifiGan
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import single_bins

_LEAST_GAIN, _MOST_GAIN = -5.0, 3.0
"""Natural logarithms between which a bin stands below or above what its bands tell."""


class ConvNextBlock(nn.Module):
    """Depthwise convolution over time and a pointwise expansion (Liu et al. 2022)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 3 * channels)
        self.contract = nn.Linear(3 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, channels, frames) -> the same shape."""
        mixed: Tensor = self.norm(self.depthwise(hidden).transpose(1, 2))
        mixed = self.contract(nn.functional.gelu(self.expand(mixed)))
        return hidden + (self.scale * mixed).transpose(1, 2)


class Vocoder(nn.Module):
    """Spectrograms to the detail of `to_bins`; an untrained one leaves all as it is."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.vocoder_channels
        self.entry = nn.Conv1d(config.bands, channels, 7, padding=3)
        self.blocks = nn.ModuleList(ConvNextBlock(channels) for _ in range(config.vocoder_layers))
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, config.n_fft // 2 + 1 - single_bins(config))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, spectrogram: Tensor) -> Tensor:
        """(B, frames, bands) -> (B, frames, bins); nothing of bins that are bands of their own."""
        hidden = self.entry(spectrogram.transpose(1, 2))
        for block in self.blocks:
            hidden = block(hidden)
        gain = self.head(self.norm(hidden.transpose(1, 2))).float()
        known = single_bins(self.config)
        return nn.functional.pad(gain.clamp(_LEAST_GAIN, _MOST_GAIN), (known, 0))

    def detail(self, spectrogram: Tensor) -> Tensor:
        """The same for one spectrogram. (frames, bands) -> (frames, bins)"""
        result: Tensor = self(spectrogram[None])[0]
        return result


def build_vocoder(config: ModelConfig) -> Vocoder | HifiGan | None:
    """The trained vocoder that a model has, if any."""
    if not config.has_vocoder:
        return None
    return HifiGan(config) if config.hifigan_rates else Vocoder(config)


@torch.no_grad()
def sound_of(
    spectrogram: Tensor, config: ModelConfig, vocoder: Vocoder | HifiGan | None, seed: int
) -> Tensor:
    """Sound of a spectrogram of any length. (frames, bands) -> (frames * hop,)"""
    if isinstance(vocoder, HifiGan):
        return vocoder.sound(spectrogram)
    detail = None if vocoder is None else vocoder.detail
    return griffin_lim(spectrogram, config, seed, config.griffin_lim_steps, detail)
