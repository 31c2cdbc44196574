"""Cnn14: the published layout, librosa's spectrogram, and its network derived a second time."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as f

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.networks.cnn14 import Cnn14, heard_by_cnn14, load_cnn14, log_mel

RATE = 16_000
SOUND = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)


def tiny() -> Cnn14:
    """A narrow one whose normalisations do something."""
    torch.manual_seed(0)
    network = Cnn14(width=2, classes=5).eval()
    for name, value in network.state_dict().items():
        if "bn" in name and value.is_floating_point():
            value.uniform_(0.5, 1.5)
    return network


def published() -> dict[str, tuple[int, ...]]:
    """Weights' shapes in the authors' file, but for the spectrogram's."""
    found: dict[str, tuple[int, ...]] = {
        "fc1.weight": (2048, 2048), "fc1.bias": (2048,),
        "fc_audioset.weight": (527, 2048), "fc_audioset.bias": (527,),
    }  # fmt: skip
    norms = {"bn0": 64}
    inputs = 1
    for number, outputs in enumerate((64, 128, 256, 512, 1024, 2048), 1):
        found[f"conv_block{number}.conv1.weight"] = (outputs, inputs, 3, 3)
        found[f"conv_block{number}.conv2.weight"] = (outputs, outputs, 3, 3)
        norms |= {f"conv_block{number}.bn1": outputs, f"conv_block{number}.bn2": outputs}
        inputs = outputs
    for name, size in norms.items():
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.{part}"] = (size,)
        found[f"{name}.num_batches_tracked"] = ()
    return found


def test_names_and_shapes_are_the_published_ones() -> None:
    with torch.device("meta"):
        state = Cnn14().state_dict()
    assert {name: tuple(value.shape) for name, value in state.items()} == published()


def test_the_spectrogram_is_librosas() -> None:
    # Most of it is silence, far below 80 dB from the top, where librosa's default would cut.
    sound = np.concatenate([np.zeros(RATE, np.float32), SOUND])
    bands = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=512, hop_length=160, n_mels=64, fmin=50, fmax=8000,
        pad_mode="reflect",
    )  # fmt: skip
    expected = librosa.power_to_db(bands, ref=1.0, amin=1e-10, top_db=None).T
    found = log_mel(sound, RATE)[0, 0].numpy()
    assert found == pytest.approx(expected, abs=0.01)
    assert np.abs(found - librosa.power_to_db(bands).T).max() > 10


def test_the_network_computes_what_its_definition_says() -> None:
    network, bands = tiny(), log_mel(SOUND, RATE)
    w = network.state_dict()

    def norm(x: Tensor, name: str) -> Tensor:
        parts = (w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        mean, variance, weight, bias = (part[:, None, None] for part in parts)
        return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

    x = norm(bands.permute(0, 3, 2, 1), "bn0").permute(0, 3, 2, 1)
    for number in range(1, 7):
        block = f"conv_block{number}"
        for layer in (1, 2):
            x = f.conv2d(x, w[f"{block}.conv{layer}.weight"], padding=1)
            x = norm(x, f"{block}.bn{layer}").relu()
        if number < 6:
            x = f.unfold(x, 2, stride=2).reshape(1, x.shape[1], 4, x.shape[2] // 2, -1).mean(2)
    by_time = x.mean(dim=3)[0]
    pooled = by_time.max(dim=1).values + by_time.mean(dim=1)  # the loudest moment, and all
    embedding = (w["fc1.weight"] @ pooled + w["fc1.bias"]).relu()
    logits = w["fc_audioset.weight"] @ embedding + w["fc_audioset.bias"]
    found = heard_by_cnn14(network, SOUND, RATE)
    assert found.embedding == pytest.approx(embedding.numpy(), rel=1e-3, abs=1e-4)
    assert found.logits == pytest.approx(logits.numpy(), rel=1e-3, abs=1e-4)


def test_a_checkpoint_is_loaded_without_its_spectrogram(tmp_path: Path) -> None:
    network = tiny()
    front = {
        "spectrogram_extractor.stft.conv_real.weight": torch.zeros(257, 1, 512),
        "logmel_extractor.melW": torch.zeros(257, 64),
    }
    path = tmp_path / "Cnn14_16k.pth"
    torch.save({"iteration": 5, "model": front | network.state_dict()}, path)
    found = heard_by_cnn14(load_cnn14(path), SOUND, RATE)
    assert (found.logits == heard_by_cnn14(network, SOUND, RATE).logits).all()
    torch.save({"model": front}, path)
    with pytest.raises(ModelError, match="does not hold the weights of Cnn14"):
        load_cnn14(path)
    with pytest.raises(ValueError, match=r"0\.31 s"):
        log_mel(SOUND[:4000], RATE)
