"""Sound of spectrograms: fast Griffin-Lim (Perraudin, Balazs & Soendergaard 2013), in chunks.

Long cues are done chunk by chunk; the frames a chunk shares with the one before keep the phase
they already have, so that there is no seam and memory stays constant.

Low partials are put on their semitones first (`low_partials`), and the search begins with the
phases of steady partials, where bands are narrow enough to show them.

Frames are put between the spectrogram's own. A decoded spectrogram lacks the grain of a real one,
and at its own hop the phases settle into pulses at the frame rate, a buzz: 6.9 dB above the
original's envelope, 2 dB with one frame between every two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.low_partials import settled
from otio_hpm.music.spectrogram import istft, single_bins, stft, to_bins
from otio_hpm.music.steady_phases import steady_phases

CHUNK_FRAMES = 1280
CONTEXT_FRAMES = 64
"""What a chunk sees of its neighbours: half a second, as low partials need to be told alike."""
FINER = 2
"""Frames of the search for every frame of the spectrogram."""
_MOMENTUM = 0.99

Detail = Callable[[Tensor], Tensor]
"""What bins hold within their bands, as `to_bins` takes it: (frames, bands) -> (frames, bins)."""


def griffin_lim(
    spectrogram: Tensor, config: ModelConfig, seed: int, steps: int, detail: Detail | None = None
) -> Tensor:
    """Sound whose spectrogram is as near to this as `steps` iterations bring it, but for where a
    tuning has low partials stand.

    (frames, bands) -> (frames * hop,), on the same device. Deterministic in `seed`. Without
    `detail`, bins of wide bands lie on straight lines between these.
    """
    config = replace(config, hop=config.hop // FINER)
    finer = _between(spectrogram)
    frames = len(finer)
    generator = torch.Generator().manual_seed(seed)
    sound = spectrogram.new_zeros(frames * config.hop)
    # Of the chunk before: frames that stay, then frames beyond its end that are a first guess.
    bins = config.n_fft // 2 + 1
    before = spectrogram.new_zeros(bins, 0, dtype=torch.complex64)

    def within(first: int, last: int) -> Tensor | None:
        """Detail of finer frames."""
        own = spectrogram[first // FINER : last // FINER]
        return None if detail is None else _between(detail(own))

    for start in range(0, frames, CHUNK_FRAMES):
        first = max(0, start - CONTEXT_FRAMES)
        end = min(start + CHUNK_FRAMES, frames)
        last = min(end + CONTEXT_FRAMES, frames)
        magnitude = to_bins(finer[first:last], config, within(first, last))
        spectrum = _chunk(magnitude, start - first, before, config, generator, steps)
        piece = istft(spectrum, config)
        sound[start * config.hop : end * config.hop] = piece[
            (start - first) * config.hop : (end - first) * config.hop
        ]
        before = spectrum[:, end - first - CONTEXT_FRAMES :]
    return sound


def _between(values: Tensor) -> Tensor:
    """FINER frames for one, on straight lines between their middles. (frames, ...)"""
    frames = torch.nn.functional.interpolate(
        values.T[None], scale_factor=FINER, mode="linear", align_corners=False
    )
    return frames[0].T


def _chunk(
    magnitude: Tensor, held: int, before: Tensor, config: ModelConfig,
    generator: torch.Generator, steps: int,
) -> Tensor:  # fmt: skip
    """Spectrum of one chunk; its first `held` frames stay as they are in `before`."""
    magnitude = settled(magnitude, config)
    phase = _first_phases(magnitude, before, config, generator)
    # In memory frame by frame, as spectra are: mixed, every step would take twice as long.
    magnitude, phase = (bins.T.contiguous().T for bins in (magnitude, phase))
    estimate = torch.polar(magnitude, phase)
    estimate[:, : before.shape[-1]] = before
    previous = torch.zeros_like(estimate)
    for _ in range(steps):
        rebuilt = stft(istft(estimate, config), config)
        estimate = torch.lerp(previous, rebuilt, 1 + _MOMENTUM)
        previous = rebuilt
        # Not by `abs`, which takes four times as long.
        power = torch.addcmul(estimate.real.square(), estimate.imag, estimate.imag)
        scale = magnitude * power.clamp_min(1e-24).rsqrt()
        torch.view_as_real(estimate).mul_(scale[..., None])
        estimate[:, :held] = before[:, :held]
    return estimate


def _first_phases(
    magnitude: Tensor, before: Tensor, config: ModelConfig, generator: torch.Generator
) -> Tensor:
    """Phases that go on from the last frame of `before`; at random above the single bins."""
    phase = torch.rand(magnitude.shape, generator=generator).to(magnitude.device) * 2 * torch.pi
    partials, known = single_bins(config), before.shape[-1]
    first = before[:partials, -1].angle() if known else phase[:partials, 0]
    start = max(known - 1, 0)
    phase[:partials, start:] = steady_phases(magnitude[:partials, start:], first, config)
    return phase
