"""The project's own embedding network, and the distance on it: FAD-embedded.

It stands in for VGGish where published weights cannot be had. Its figures are no FAD and must not
be compared with any: they are always called FAD-embedded, and the network's checksum goes with
them. It is trained on a soundfont that no generator is trained on, and frozen before one is tuned
on it.

The one that ships was trained by `train embedding` on 4000 pieces that MuseScore_General played, a
third of their sections by public-domain composers, in 1100 steps. Of a string orchestra it puts
noise from -40 to 0 dB in order (2.3, 6.8, 16, 25, 33), a low-pass at 4.8, frame-rate buzz at 6.2,
another film's sound at 51 and white noise at 160; 50 cents off it hardly hears (0.11).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from otio_hpm.errors import ModelError, SettingsError
from otio_hpm.evaluation.networks.loading import State, load_network
from otio_hpm.files import sha256_of
from otio_hpm.film.published.weights import weights_file

RATE = 16_000
WINDOW = 10 * RATE
"""One embedding is of 10 s."""
FRAMES, BANDS = 312, 128
SIZE = 64
"""Numbers in an embedding: fewer than clips in a test set, so that covariances have full rank."""
SHIPPED = Path(__file__).parent / "networks" / "embedded.safetensors"
TAUGHT_ON = "soundfont_sha256"
"""Name under which a network's file tells the checksum of the soundfont that taught it."""
_FFT, _HOP = 2048, 512
_LEAST = 1e-5
_SHORT = RATE // 100
"""What resampling may take off the end."""
_MULTIPLES = (1, 2, 4, 4, 6)
_GROUPS = 4


class EmbeddingNetwork(nn.Module):
    """Log-mel spectrograms -> embeddings, and from these what training asks for."""

    def __init__(self, answers: int, width: int = 32) -> None:
        """`answers` are the numbers that training reads off an embedding."""
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for multiple in _MULTIPLES:
            channels = multiple * width
            layers += [
                nn.Conv2d(inputs, channels, 3, padding=1), nn.GroupNorm(_GROUPS, channels),
                nn.ReLU(), nn.MaxPool2d(2),
            ]  # fmt: skip
            inputs = channels
        self.features = nn.Sequential(*layers)
        self.embedding = nn.Linear(inputs * (BANDS >> len(_MULTIPLES)), SIZE)
        self.answers = nn.Linear(SIZE, answers)

    def embed(self, bands: Tensor) -> Tensor:
        """(n, frames, bands) -> (n, SIZE). The mean over time: when something is heard is no
        matter, at which pitch is."""
        seen = self.features(bands[:, None]).mean(dim=2)
        result: Tensor = self.embedding(seen.flatten(1))
        return result

    def forward(self, bands: Tensor) -> Tensor:
        """(n, frames, bands) -> (n, answers)"""
        result: Tensor = self.answers(torch.relu(self.embed(bands)))
        return result


def load_embedding_network(weights: Path) -> EmbeddingNetwork:
    """The network of a file that `train embedding` wrote, for inference. Raises ModelError."""
    return load_network("an embedding network", weights, _empty)


def taught_on(weights: Path) -> str | None:
    """SHA-256 of the soundfont that a network was taught on; None where its file does not say.

    Music on the same one is as the network knows it, and must not be judged by it. Raises
    ModelError for a file that is no safetensors file.
    """
    try:
        with safe_open(weights_file(weights), "pt") as file:
            return (file.metadata() or {}).get(TAUGHT_ON)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{weights} is no network that `train embedding` has written") from error


def require_apart(network: Path | None, soundfont: Path | None, played: str) -> None:
    """Raise SettingsError where a network is to judge music on the soundfont that taught it."""
    if network and soundfont and taught_on(network) == sha256_of(soundfont):
        raise SettingsError(
            f"{network} was taught on {soundfont.name}, which plays {played}",
            hint="Name another --soundfont, or a network that was taught on another.",
        )


def embeddings(
    network: EmbeddingNetwork, sound: NDArray[np.float32], sample_rate: int
) -> NDArray[np.float32]:
    """One embedding for every whole 10 s; what is left is not heard. (samples,) -> (n, SIZE)

    Raises ValueError for sound under 10 s.
    """
    with torch.inference_mode():
        return network.embed(log_mel(sound, sample_rate)).numpy()


def log_mel(sound: NDArray[np.float32], sample_rate: int) -> Tensor:
    """Log-mel spectrograms of every whole 10 s. (samples,) -> (n, FRAMES, BANDS)"""
    heard = soxr.resample(sound.astype(np.float32), sample_rate, RATE)
    count = (len(heard) + _SHORT) // WINDOW
    if not count:
        raise ValueError(f"an embedding needs 10 s of sound, not {len(heard) / RATE:.2f} s")
    padded = np.pad(heard, (0, max(count * WINDOW - len(heard), 0)))[: count * WINDOW]
    spectrum = torch.stft(
        torch.from_numpy(padded.reshape(count, WINDOW)), _FFT, _HOP,
        window=torch.hann_window(_FFT), return_complex=True,
    )  # fmt: skip
    bands = _mel_matrix() @ spectrum.abs()[..., :FRAMES]
    return (bands + _LEAST).log().mT.contiguous()


@cache
def _mel_matrix() -> Tensor:
    """(BANDS, _FFT // 2 + 1)"""
    from librosa.filters import mel

    return torch.from_numpy(mel(sr=RATE, n_fft=_FFT, n_mels=BANDS))


def _empty(state: State) -> EmbeddingNetwork:
    width, answers = state["features.0.weight"].shape[0], state["answers.weight"].shape[0]
    if width % _GROUPS or not width:
        raise ModelError(f"an embedding network has no layers of {width} channels")
    return EmbeddingNetwork(answers, width)
