"""VGGish (Hershey et al. 2017), whose embeddings FAD is measured on.

Weights in torchvggish's layout (`vggish-10086976.pth`). As in frechet-audio-distance and
audioldm_eval, an embedding is what comes before the last ReLU, without PCA and quantisation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from scipy.signal import get_window
from torch import Tensor, nn

from otio_hpm.evaluation.networks.loading import State, load_network

RATE = 16_000
PATCH_FRAMES, BANDS = 96, 64
"""A patch is 0.96 s; patches do not overlap, and what is left at the end is not heard."""

_FRAME, _HOP, _FFT = 400, 160, 512
_LOW_HZ, _HIGH_HZ = 125.0, 7500.0
_LEAST = 0.01
_POOLED = (PATCH_FRAMES // 16) * (BANDS // 16)
_LAYERS = (1, 0, 2, 0, 4, 4, 0, 8, 8, 0)
"""Convolutions by their multiple of the first one's width; 0 is a pooling."""


class Vggish(nn.Module):
    """Patches of a log-mel spectrogram -> embeddings."""

    def __init__(self, width: int = 64, hidden: int = 4096, size: int = 128) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for multiple in _LAYERS:
            if multiple:
                layers += [nn.Conv2d(inputs, multiple * width, 3, padding=1), nn.ReLU()]
                inputs = multiple * width
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.embeddings = nn.Sequential(
            nn.Linear(inputs * _POOLED, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, size),
        )  # fmt: skip

    def forward(self, patches: Tensor) -> Tensor:
        """(n, 1, 96, 64) -> (n, size)"""
        seen = self.features(patches)
        result: Tensor = self.embeddings(seen.permute(0, 2, 3, 1).flatten(1))  # TensorFlow's order
        return result


def load_vggish(source: Path) -> Vggish:
    """VGGish with the weights that the user names. Raises ModelError."""
    return load_network("VGGish", source, _empty)


def vggish_embeddings(
    network: Vggish, sound: NDArray[np.float32], sample_rate: int
) -> NDArray[np.float32]:
    """One embedding for every whole 0.96 s. (samples,) -> (n, 128)

    Resampled by soxr, where the published code takes resampy. Raises ValueError for sound shorter
    than one patch.
    """
    with torch.inference_mode():
        found: Tensor = network(patches(sound, sample_rate))
    return found.numpy()


def patches(sound: NDArray[np.float32], sample_rate: int) -> Tensor:
    """Log-mel spectrogram as AudioSet's authors make it, cut up. (samples,) -> (n, 1, 96, 64)"""
    heard = soxr.resample(sound.astype(np.float64), sample_rate, RATE)
    if len(heard) < _FRAME + (PATCH_FRAMES - 1) * _HOP:
        raise ValueError(f"VGGish needs 0.975 s of sound, not {len(heard) / RATE:.3f} s")
    frames = np.lib.stride_tricks.sliding_window_view(heard, _FRAME)[::_HOP]
    magnitudes = np.abs(np.fft.rfft(frames * get_window("hann", _FRAME), _FFT, axis=1))
    bands = np.log(magnitudes @ _mel_matrix() + _LEAST)
    count = len(bands) // PATCH_FRAMES
    cut = bands[: count * PATCH_FRAMES].reshape(count, 1, PATCH_FRAMES, BANDS)
    return torch.from_numpy(cut.astype(np.float32))


def _mel_matrix() -> NDArray[np.float64]:
    """Triangles that are straight on the mel scale (HTK's), not in Hz. (257, 64)"""
    at = _mel(np.linspace(0, RATE / 2, _FFT // 2 + 1))[:, None]
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BANDS + 2)
    rising = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    return np.minimum(rising, falling).clip(0)


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log1p(np.asarray(hz) / 700))


def _empty(state: State) -> Vggish:
    return Vggish(
        width=state["features.0.weight"].shape[0],
        hidden=state["embeddings.0.weight"].shape[0],
        size=state["embeddings.4.weight"].shape[0],
    )
