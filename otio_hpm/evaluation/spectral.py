"""How far a resynthesis is from its original, band by band and within bands."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.spectrogram import analyse, log_shared, stft

_BLOCK_BINS = 32


def log_spectral_distance(
    made: NDArray[np.float32], original: NDArray[np.float32], config: ModelConfig
) -> float:
    """Root mean square difference of log bands per frame, averaged over frames, in nepers.

    Gray and Markel 1976 (IEEE ASSP 24(5)), on the model's own bands with their floor of
    magnitude, so that differences below the floor count little. Both (frames * hop,).
    """
    bands = [analyse(torch.from_numpy(x), config) * config.log_scale for x in (made, original)]
    return float((bands[0] - bands[1]).square().mean(dim=1).sqrt().mean())


def detail_distance(
    made: NDArray[np.float32], original: NDArray[np.float32], config: ModelConfig
) -> float:
    """Mean difference of log magnitudes in bins whose bands are wider than one, in nepers.

    Bands alone say nothing of it. Both (frames * hop,).
    """
    return float((_wide(made, config) - _wide(original, config)).abs().mean())


def contrast(sound: NDArray[np.float32], config: ModelConfig) -> float:
    """How far partials stand out where bands are wider than a bin, in nepers. (frames * hop,)

    The logarithm of the mean magnitude of some bins beside each other less the mean of their
    logarithms: what spectral flatness (Johnston 1988, IEEE J-SAC 6(2)) is to magnitudes. Noise has
    about 0.17, more stands for tones.
    """
    blocks = _wide(sound, config).unfold(0, _BLOCK_BINS, _BLOCK_BINS)
    mean = torch.logsumexp(blocks, dim=2) - np.log(_BLOCK_BINS)
    return float((mean - blocks.mean(dim=2)).mean())


def _wide(sound: NDArray[np.float32], config: ModelConfig) -> Tensor:
    """Log magnitudes of bins up to the top whose bands are wider than one. (bins, frames)"""
    return log_shared(stft(torch.from_numpy(np.ascontiguousarray(sound)), config).abs(), config)
