"""VGGish: the published layout, its spectrogram and its network, each derived a second time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from librosa.filters import mel
from scipy.signal import correlate2d

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.networks.loading import weights_checksum
from otio_hpm.evaluation.networks.vggish import (
    Vggish,
    load_vggish,
    patches,
    vggish_embeddings,
)

RATE = 16_000
SOUND = np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32)


def tiny() -> Vggish:
    torch.manual_seed(0)
    return Vggish(width=2, hidden=5, size=3).eval()


def convolutions() -> dict[str, tuple[int, ...]]:
    """Weights' shapes in torchvggish's file."""
    widths = {0: (1, 64), 3: (64, 128), 6: (128, 256), 8: (256, 256), 11: (256, 512)}
    found: dict[str, tuple[int, ...]] = {"features.13.weight": (512, 512, 3, 3)}
    found |= {f"features.{n}.weight": (b, a, 3, 3) for n, (a, b) in widths.items()}
    lines = {0: (12288, 4096), 2: (4096, 4096), 4: (4096, 128)}
    found |= {f"embeddings.{n}.weight": (b, a) for n, (a, b) in lines.items()}
    return found | {f"{name[:-6]}bias": shape[:1] for name, shape in found.items()}


def test_names_and_shapes_are_the_published_ones() -> None:
    with torch.device("meta"):
        state = Vggish().state_dict()
    assert {name: tuple(value.shape) for name, value in state.items()} == convolutions()


def test_the_network_computes_what_its_definition_says() -> None:
    network, seen = tiny(), patches(SOUND, RATE)
    w = {name: value.numpy() for name, value in network.state_dict().items()}
    x = seen[0].numpy()
    for number in (0, 3, 6, 8, 11, 13):
        kernels, bias = w[f"features.{number}.weight"], w[f"features.{number}.bias"]
        x = np.stack(
            [
                sum(correlate2d(a, b, mode="same") for a, b in zip(x, kernel, strict=True)) + c
                for kernel, c in zip(kernels, bias, strict=True)
            ]
        ).clip(0)
        if number not in (6, 11):
            x = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).max(axis=(2, 4))
    x = x.transpose(1, 2, 0).ravel()  # time, band, channel: torch's own order would be another
    for number in (0, 2, 4):
        x = w[f"embeddings.{number}.weight"] @ x + w[f"embeddings.{number}.bias"]
        x = x.clip(0) if number < 4 else x
    assert vggish_embeddings(network, SOUND, RATE)[0] == pytest.approx(x, rel=1e-4, abs=1e-5)
    assert x.min() < 0  # the last ReLU of torchvggish is left out


def test_bands_are_those_of_the_definition() -> None:
    frame, band = 40, 9
    points = np.arange(400)
    windowed = SOUND[frame * 160 : frame * 160 + 400] * (0.5 - 0.5 * np.cos(np.pi * points / 200))
    edges = np.linspace(*(2595 * np.log10(1 + f / 700) for f in (125.0, 7500.0)), 66)
    total = 0.0
    for k in range(257):
        at = 2595 * np.log10(1 + k * 31.25 / 700)
        low, centre, high = edges[band : band + 3]
        weight = max(0.0, min((at - low) / (centre - low), (high - at) / (high - centre)))
        total += weight * abs(np.sum(windowed * np.exp(-2j * np.pi * k * points / 512)))
    assert float(patches(SOUND, RATE)[0, 0, frame, band]) == pytest.approx(np.log(total + 0.01))
    # librosa's bands have the same edges and are straight in Hz, which is not the same.
    bank = mel(sr=RATE, n_fft=512, n_mels=64, fmin=125, fmax=7500, htk=True, norm=None)
    naive = bank[band] @ np.abs(np.fft.rfft(windowed, 512))
    assert abs(np.log(naive + 0.01) - np.log(total + 0.01)) > 1e-3


def test_each_whole_patch_is_heard_and_silence_is_the_floor() -> None:
    assert patches(SOUND, RATE).shape == (2, 1, 96, 64)
    assert patches(np.zeros(30_000, np.float32), 24_000)[0].numpy() == pytest.approx(np.log(0.01))
    with pytest.raises(ValueError, match=r"0\.975 s"):
        patches(SOUND[:15_000], RATE)


def test_a_file_is_loaded_and_another_is_refused(tmp_path: Path) -> None:
    network = tiny()
    torch.save(network.state_dict(), tmp_path / "vggish.pth")
    loaded = load_vggish(tmp_path / "vggish.pth")
    expected = vggish_embeddings(network, SOUND, RATE)
    assert (vggish_embeddings(loaded, SOUND, RATE) == expected).all()
    assert len(weights_checksum(tmp_path)) == 64
    state = {k: v for k, v in network.state_dict().items() if k != "features.3.bias"}
    torch.save(state, tmp_path / "short.pth")
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    for name in ("short.pth", "other.pth"):
        with pytest.raises(ModelError, match="does not hold the weights of VGGish"):
            load_vggish(tmp_path / name)
    with pytest.raises(ModelError, match="is not there"):
        load_vggish(tmp_path / "none.pth")
