"""Cnn14 of PANNs (Kong et al. 2020) at 16 kHz, whose classes IS and KL are measured on.

Weights as published (`Cnn14_16k_mAP=0.438.pth`). The spectrogram in that file, a Fourier transform
written as convolutions, is made here instead and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
import torch
from librosa.filters import mel
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from otio_hpm.evaluation.networks.loading import State, load_network

RATE = 16_000
BANDS = 64
CLASSES = 527
"""AudioSet's, in the order of its `class_labels_indices.csv`."""

_FFT, _HOP = 512, 160
_LOW_HZ, _HIGH_HZ = 50, 8000
_LEAST = 1e-10
_BLOCKS = 6
_SHORTEST_FRAMES = 32
"""Five poolings leave one frame of them."""
_FRONT = ("spectrogram_extractor.", "logmel_extractor.")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What Cnn14 makes of one clip."""

    embedding: NDArray[np.float32]
    """After the hidden layer and its ReLU. shape (2048,)"""
    logits: NDArray[np.float32]
    """Of every class, before the sigmoid that they were trained with. shape (527,)"""


class ConvBlock(nn.Module):
    """Two convolutions of 3 x 3, then a mean over `pool` x `pool`."""

    def __init__(self, inputs: int, outputs: int, pool: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, frames, bands) -> (B, outputs, frames / pool, bands / pool)"""
        x = self.bn1(self.conv1(x)).relu()
        return avg_pool2d(self.bn2(self.conv2(x)).relu(), self.pool)


class Cnn14(nn.Module):
    """Log-mel spectrograms -> embeddings and logits."""

    def __init__(self, width: int = 64, classes: int = CLASSES) -> None:
        super().__init__()
        self.bn0 = nn.BatchNorm2d(BANDS)
        inputs = 1
        for number in range(_BLOCKS):
            outputs = width * 2**number
            pool = 2 if number < _BLOCKS - 1 else 1
            self.add_module(f"conv_block{number + 1}", ConvBlock(inputs, outputs, pool))
            inputs = outputs
        self.fc1 = nn.Linear(inputs, inputs)
        self.fc_audioset = nn.Linear(inputs, classes)

    def forward(self, bands: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, frames, 64) -> (B, 2048), (B, classes)"""
        x = self.bn0(bands.transpose(1, 3)).transpose(1, 3)
        for number in range(_BLOCKS):
            x = self.get_submodule(f"conv_block{number + 1}")(x)
        x = x.mean(dim=3)
        embedding: Tensor = self.fc1(x.amax(dim=2) + x.mean(dim=2)).relu()
        return embedding, self.fc_audioset(embedding)


def load_cnn14(source: Path) -> Cnn14:
    """Cnn14 with the weights that the user names. Raises ModelError."""
    return load_network("Cnn14", source, _empty, without=_FRONT)


def heard_by_cnn14(network: Cnn14, sound: NDArray[np.float32], sample_rate: int) -> Heard:
    """What the network makes of a whole clip. (samples,)

    The file must be that of 16 kHz: others have the same layout and other pitches. Raises
    ValueError for less than 0.31 s.
    """
    with torch.inference_mode():
        embedding, logits = network(log_mel(sound, sample_rate))
    return Heard(embedding=embedding[0].numpy(), logits=logits[0].numpy())


def log_mel(sound: NDArray[np.float32], sample_rate: int) -> Tensor:
    """torchlibrosa's spectrogram with PANNs' settings, in dB. (samples,) -> (1, 1, frames, 64)"""
    heard = torch.from_numpy(soxr.resample(sound.astype(np.float32), sample_rate, RATE))
    if len(heard) // _HOP + 1 < _SHORTEST_FRAMES:
        raise ValueError(f"Cnn14 needs 0.31 s of sound, not {len(heard) / RATE:.3f} s")
    spectrum = torch.stft(
        heard, _FFT, _HOP, window=torch.hann_window(_FFT), pad_mode="reflect", return_complex=True
    )
    bank = mel(sr=RATE, n_fft=_FFT, n_mels=BANDS, fmin=_LOW_HZ, fmax=_HIGH_HZ)
    power = torch.from_numpy(bank) @ spectrum.abs().square()
    return (10 * power.clamp_min(_LEAST).log10()).T[None, None]


def _empty(state: State) -> Cnn14:
    return Cnn14(
        width=state["conv_block1.conv1.weight"].shape[0],
        classes=state["fc_audioset.weight"].shape[0],
    )
