"""Vocoder: a ConvNeXt with an inverse-STFT head that refines Griffin-Lim's spectrum.

After Vocos (Siuzdak 2023), but not from nothing: its input is the spectrogram together with the
spectrum that seeded Griffin-Lim found, its output a complex gain per bin, so an untrained one is
Griffin-Lim itself. It ships only where it beats plain Griffin-Lim on the same spectrograms.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hifigan import HifiGan
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import istft, stft

CHUNK_FRAMES = 2560
CONTEXT_FRAMES = 32


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
    """Refines a spectrum: log gain and phase turn for every bin and frame."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        channels, bins = config.vocoder_channels, config.n_fft // 2 + 1
        self.entry = nn.Conv1d(config.bands + 2 * bins, channels, 7, padding=3)
        self.blocks = nn.ModuleList(ConvNextBlock(channels) for _ in range(config.vocoder_layers))
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, 2 * bins)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, spectrogram: Tensor, spectrum: Tensor) -> Tensor:
        """(B, frames, bands), complex (B, bins, frames) -> refined complex (B, bins, frames)."""
        size = torch.log(spectrum.abs() + self.config.magnitude_floor)
        level = (size - self.config.log_mean) / self.config.log_scale
        # Phase against the bin's own turn per frame: steady tones become constants.
        turn = spectrum * self._expected_turn(spectrum.shape[-1], spectrum.device).conj()
        steady = torch.angle(turn)
        hidden = self.entry(torch.cat([spectrogram.transpose(1, 2), level, steady], dim=1))
        for block in self.blocks:
            hidden = block(hidden)
        head = self.head(self.norm(hidden.transpose(1, 2))).float().transpose(1, 2)
        gain, phase = head.chunk(2, dim=1)
        return spectrum * torch.polar(torch.exp(gain.clamp(-4, 2)), phase)

    def _expected_turn(self, frames: int, device: torch.device) -> Tensor:
        # On the CPU: not every device has double precision, which long stretches need.
        bins = torch.arange(self.config.n_fft // 2 + 1, dtype=torch.float64)
        frame = torch.arange(frames, dtype=torch.float64)
        cycles = bins[:, None] * frame * self.config.hop / self.config.n_fft
        angle = (2 * torch.pi * (cycles % 1)).float().to(device)
        return torch.polar(torch.ones_like(angle), angle)


def build_vocoder(config: ModelConfig) -> Vocoder | HifiGan | None:
    """The trained vocoder that a model has, if any."""
    if not config.has_vocoder:
        return None
    return HifiGan(config) if config.hifigan_rates else Vocoder(config)


def sound_of(
    spectrogram: Tensor, config: ModelConfig, vocoder: Vocoder | HifiGan | None, seed: int
) -> Tensor:
    """Sound of a spectrogram of any length. (frames, bands) -> (frames * hop,)"""
    if isinstance(vocoder, HifiGan):
        return vocoder.sound(spectrogram)
    sound = griffin_lim(spectrogram, config, seed, config.griffin_lim_steps)
    if vocoder is None:
        return sound
    return refine(vocoder, spectrogram, sound)


@torch.no_grad()
def refine(vocoder: Vocoder, spectrogram: Tensor, sound: Tensor) -> Tensor:
    """Run the vocoder over sound from Griffin-Lim, in chunks with context. Same length."""
    config = vocoder.config
    frames = len(spectrogram)
    refined = torch.empty_like(sound)
    for start in range(0, frames, CHUNK_FRAMES):
        first = max(0, start - CONTEXT_FRAMES)
        last = min(frames, start + CHUNK_FRAMES + CONTEXT_FRAMES)
        end = min(frames, start + CHUNK_FRAMES)
        spectrum = stft(sound[first * config.hop : last * config.hop], config)
        piece = istft(vocoder(spectrogram[None, first:last], spectrum[None])[0], config)
        refined[start * config.hop : end * config.hop] = piece[
            (start - first) * config.hop : (end - first) * config.hop
        ]
    return refined
