"""Pitch classes and level read off the model's spectrogram itself, so that gradients pass.

They measure what `controls_of` measures of sound, with the same high-pass, chroma bank and
smoothing, on magnitudes that are taken back from the logarithm instead of on sound that would have
to be found first. The spectrogram's bins are wider than the control's window has: below some 400 Hz
neighbouring semitones are told apart less well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import chroma_bank, high_pass, smooth_level
from otio_hpm.music.spectrogram import to_bins, window

_LEAST_POWER = 1e-10
"""Power of full scale below which nothing is told apart, as of the control's level."""


def pitch_class_shares(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Log share of each pitch class in what sounds above middle C. (B, frames, bands) ->
    (B, 12, frames); all are alike where nothing sounds."""
    power = _bin_power(spectrogram, config)
    heard = power * high_pass(config.sample_rate, config.n_fft).to(power)[:, None]
    chroma = chroma_bank(config.sample_rate, config.n_fft).to(power) @ heard + _LEAST_POWER
    return torch.log(chroma / chroma.sum(1, keepdim=True))


def smoothed_level_db(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Level in dB of full scale, smoothed as the control is. (B, frames, bands) -> (B, frames)"""
    level = frame_level_db(spectrogram, config)
    smoothing = _smoothing(spectrogram.shape[1], config.sample_rate / config.hop)
    return level @ smoothing.to(level).T


def frame_level_db(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Level of each frame in dB of full scale. (B, frames, bands) -> (B, frames)"""
    return 10 * torch.log10(_bin_power(spectrogram, config).sum(1) + _LEAST_POWER)


def hann_smoothed(values: Tensor, width_s: float, config: ModelConfig) -> Tensor:
    """Averages under a Hann window; beyond the ends, the first and last values go on.

    (B, frames) -> (B, frames)
    """
    half = round(width_s * config.sample_rate / config.hop) // 2
    weights = torch.hann_window(2 * half + 3, periodic=False)[1:-1].to(values)
    padded = functional.pad(values[:, None], (half, half), mode="replicate")
    return functional.conv1d(padded, (weights / weights.sum())[None, None])[:, 0]


def _bin_power(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Share of each bin in the mean square of a frame (Parseval). -> (B, bins, frames)"""
    energy = window(config).square().sum().item() * config.n_fft
    return 2 / energy * to_bins(spectrogram, config).square()


@lru_cache(maxsize=4)
def _smoothing(frames: int, frame_rate: float) -> Tensor:
    """The control's Savitzky-Golay filter, ends and all, as a matrix. (frames, frames)"""
    columns = [smooth_level(column, frame_rate) for column in np.eye(frames)]
    return torch.from_numpy(np.stack(columns, axis=1))
