"""Published weights of AudioLDM, whatever their layout: what was found, under diffusers' names."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from otio_hpm.errors import ModelError
from otio_hpm.film.published.weights import unpickled

LICENCE = "CC-BY-NC-SA-4.0"
"""Of the weights that AudioLDM's authors publish."""
WINDOW_S = 10.24
"""Length of sound that it was trained on."""
N_FFT = 1024
TOP_HZ = 8000.0
_SIZES = {
    (128, 256, 384, 640): "s",
    (192, 384, 576, 960): "m",
    (256, 512, 768, 1280): "l",
}
_HINT = "Name the folder or checkpoint of AudioLDM as its authors publish it."


@dataclass(frozen=True, kw_only=True)
class SourceTensor:
    """One tensor as it was found. Its data stay in the file until they are used."""

    name: str
    """What the source calls it."""
    tensor: Tensor


Tensors = dict[str, SourceTensor]
"""Tensors of one part, by the name that diffusers has for each."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Weights of AudioLDM."""

    path: Path
    shape: Mapping[str, Any]
    """Fields of `ModelConfig` that follow from it."""
    scaling_factor: float
    """What latents are multiplied by to have unit deviation."""
    unet: Tensors
    vae: Tensors
    vocoder: Tensors
    others: tuple[SourceTensor, ...]
    """Of no use here: text encoder, averages, constants of the noise."""

    @property
    def size(self) -> str:
        """`s`, `m` or `l` as published, recognised from the UNet's widths; else `other`."""
        return _SIZES.get(tuple(self.shape["unet_channels"]), "other")


def sound_shape(
    *, sample_rate: int, bands: int, rates: tuple[int, ...], kernels: tuple[int, ...],
    blocks: tuple[int, ...], width: int,
) -> dict[str, Any]:  # fmt: skip
    """Fields of the spectrogram and of the vocoder, which share the hop."""
    return {
        "sample_rate": sample_rate,
        "n_fft": N_FFT,
        "hop": math.prod(rates),
        "bands": bands,
        "spectrogram": "mel",
        "top_hz": TOP_HZ,
        "magnitude_floor": 1e-5,
        "log_mean": 0.0,
        "log_scale": 1.0,
        "fold_frames": 1,
        "fold_bands": 1,
        "has_vocoder": True,
        "vocoder_channels": width,
        "hifigan_rates": rates,
        "hifigan_kernels": kernels,
        "hifigan_blocks": blocks,
    }


def window_latents(shape: Mapping[str, Any]) -> int:
    """Latent frames of AudioLDM's own window, which the UNet can halve on every level."""
    ratio, stride = 2 ** (len(shape["vae_channels"]) - 1), 2 ** (len(shape["unet_channels"]) - 1)
    latents = int(WINDOW_S * shape["sample_rate"] / (shape["hop"] * ratio))
    return int(latents // stride * stride)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file, or of PyTorch's own format without any code in it.

    They stay in the file until used. Raises ModelError where it is neither.
    """
    try:
        if path.suffix == ".safetensors":
            tensors: dict[str, Tensor] = load_file(path)
            return tensors
        loaded = unpickled(path)
    except (OSError, SafetensorError) as error:
        raise refused(path, f"it cannot be read: {error}") from error
    except ValueError as error:
        raise ModelError(
            f"{path} cannot be read: {error}",
            hint="Nothing but tensors is ever read from such a file. Use the safetensors file, or "
            "save its state dict alone.",
        ) from error
    state = loaded.get("state_dict", loaded) if isinstance(loaded, Mapping) else {}
    named = state.items() if isinstance(state, Mapping) else ()
    found = {name: v for name, v in named if isinstance(name, str) and isinstance(v, Tensor)}
    if not found:
        raise refused(path, "there are no weights in it")
    return found


def read_json(path: Path) -> dict[str, Any]:
    """A configuration beside the weights. Raises ModelError where there is none."""
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if not isinstance(told, dict):
            raise ValueError("it is no object")
        return told
    except (OSError, ValueError) as error:
        raise refused(path, f"it cannot be read: {error}") from error


def refused(path: Path, reason: str) -> ModelError:
    """The error for weights that are not what they should be."""
    return ModelError(f"{path} is not of an AudioLDM: {reason}", hint=_HINT)
