"""Phase for magnitudes: fast Griffin-Lim (Perraudin, Balazs & Soendergaard 2013), in chunks.

Long cues are done chunk by chunk; the frames a chunk shares with the one before keep the phase
they already have, so that there is no seam and memory stays constant.
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.spectrogram import istft, stft

CHUNK_FRAMES = 1280
CONTEXT_FRAMES = 32
_MOMENTUM = 0.99


def griffin_lim(magnitude: Tensor, config: ModelConfig, seed: int, steps: int) -> Tensor:
    """Sound whose STFT has these magnitudes as nearly as `steps` iterations bring it.

    magnitude (bins, frames) -> (frames * hop,). Deterministic in `seed`.
    """
    frames = magnitude.shape[-1]
    generator = torch.Generator().manual_seed(seed)
    sound = torch.zeros(frames * config.hop)
    known = torch.zeros(magnitude.shape[0], 0, dtype=torch.complex64)
    for start in range(0, frames, CHUNK_FRAMES):
        first = start - known.shape[-1]
        # Frames past the chunk are done as well, because a chunk's last frames lack a neighbour.
        last = min(start + CHUNK_FRAMES + CONTEXT_FRAMES, frames)
        spectrum = _chunk(magnitude[:, first:last], known, config, generator, steps)
        end = min(start + CHUNK_FRAMES, frames)
        piece = istft(spectrum, config)
        sound[start * config.hop : end * config.hop] = piece[
            (start - first) * config.hop : (end - first) * config.hop
        ]
        known = spectrum[:, end - first - CONTEXT_FRAMES : end - first]
    return sound


def _chunk(
    magnitude: Tensor, known: Tensor, config: ModelConfig, generator: torch.Generator, steps: int
) -> Tensor:
    """Spectrum of one chunk; its first frames are `known` and stay."""
    held = known.shape[-1]
    phase = torch.rand(magnitude.shape, generator=generator).to(magnitude.device) * 2 * torch.pi
    estimate = torch.polar(magnitude, phase)
    estimate[:, :held] = known
    previous = torch.zeros_like(estimate)
    for _ in range(steps):
        rebuilt = stft(istft(estimate, config), config)
        accelerated = rebuilt + _MOMENTUM * (rebuilt - previous)
        previous = rebuilt
        estimate = magnitude * accelerated / accelerated.abs().clamp_min(1e-12)
        estimate[:, :held] = known
    return estimate
