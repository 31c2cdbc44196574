"""How far a resynthesis is from its original, band by band."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.spectrogram import analyse


def log_spectral_distance(
    made: NDArray[np.float32], original: NDArray[np.float32], config: ModelConfig
) -> float:
    """Root mean square difference of log bands per frame, averaged over frames, in nepers.

    Gray and Markel 1976 (IEEE ASSP 24(5)), on the model's own bands with their floor of
    magnitude, so that differences below the floor count little. Both (frames * hop,).
    """
    bands = [analyse(torch.from_numpy(x), config) * config.log_scale for x in (made, original)]
    return float((bands[0] - bands[1]).square().mean(dim=1).sqrt().mean())
