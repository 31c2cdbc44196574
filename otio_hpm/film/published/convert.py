"""Makes weights as others publish them a part of a model folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from otio_hpm.errors import ModelError
from otio_hpm.film.published.encoders import network_of
from otio_hpm.film.published.parts import Encoder, FilmPart
from otio_hpm.film.published.tavar import AESTHETIC_NAMES, Crop
from otio_hpm.film.published.weights import read_weights, weights_file
from otio_hpm.model.licences import UNSTATED


@dataclass(frozen=True, kw_only=True)
class Converted:
    """An encoder that has been read and found to be whole."""

    part: FilmPart
    tensors: Mapping[str, Tensor]
    note: str
    """What its authors say of its licence, in words."""


def read_encoder(encoder: Encoder, source: Path, *, crop: Crop = "published") -> Converted:
    """Read published weights: a file, or a folder of them.

    `crop` is for TAVAR alone: see `tavar_input`. Raises ModelError where they are not there, not
    safe to read, or not those of this encoder.
    """
    return _READERS[encoder](source, crop)


def _clip(source: Path, crop: Crop) -> Converted:
    """A folder that transformers saved: of all of CLIP, or of its image encoder."""
    config = _clip_config(source)
    weights = next((source / name for name in _CLIP_FILES if (source / name).is_file()), source)
    state = read_weights(weights_file(weights))
    tensors = {
        f"vision.{name}": value
        for name, value in state.items()
        if name.startswith(_CLIP_PREFIXES) and not name.endswith("position_ids")
    }
    size = _length(state, _PROJECTION)
    told = config.get("vision_config", config)
    vision = {name: told[name] for name in _VISION if name in told} | {"projection_dim": size}
    return _checked(
        "clip", tensors, "MIT", size, {"vision": vision},
        "OpenAI's repository of CLIP is under the MIT licence.",
    )  # fmt: skip


def _clip_config(source: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((source / "config.json").read_text("utf-8"))
        config.get("vision_config", config).items()
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{source} is no folder of CLIP: {error}",
            hint="Name a folder of openai/clip-vit-base-patch32 as transformers saves it.",
        ) from error
    return config


def _tavar(source: Path, crop: Crop) -> Converted:
    tensors = read_weights(weights_file(source))
    return _checked(
        "tavar", tensors, UNSTATED, len(AESTHETIC_NAMES), {"crop": crop},
        "TAVAR's repository (yipoh/TAVAR) has no licence file: ask its authors before any use "
        "beyond your own research.",
    )  # fmt: skip


def _cten(source: Path, crop: Crop) -> Converted:
    tensors = read_weights(weights_file(source))
    if any(name.startswith("a_resnet.") for name in tensors):
        raise ModelError(
            f"{source} is the network that also hears, and would hear the film's own score",
            hint="Train the visual one, VisualErase, which the authors' main.py does.",
        )
    return _checked(
        "cten", tensors, UNSTATED, _length(tensors, "fc.bias"), {},
        "CTEN's repository (nku-zhichengzhang/CTEN) shows an Apache-2.0 badge and has no licence "
        "file: ask its authors before any use beyond your own research.",
    )  # fmt: skip


def _length(tensors: Mapping[str, Tensor], name: str) -> int:
    """First dimension of a tensor; 0 where it has none or is not there."""
    shape = tensors[name].shape if name in tensors else ()
    return shape[0] if shape else 0


_READERS: Mapping[Encoder, Callable[[Path, Crop], Converted]] = {
    "clip": _clip,
    "tavar": _tavar,
    "cten": _cten,
}
_CLIP_FILES = ("model.safetensors", "pytorch_model.bin")
_CLIP_PREFIXES = ("vision_model.", "visual_projection.")
_PROJECTION = "visual_projection.weight"
_VISION = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_channels", "image_size", "patch_size", "hidden_act", "layer_norm_eps",
)  # fmt: skip
"""What of a `CLIPVisionConfig` decides what the network computes."""


def _checked(
    encoder: Encoder, tensors: Mapping[str, Tensor], licence: str, size: int,
    options: dict[str, Any], note: str,
) -> Converted:  # fmt: skip
    """The encoder, once its tensors have been put in their places."""
    try:
        network_of(encoder, tensors, options)
    except (LookupError, TypeError, ValueError, RuntimeError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else f"{error}\n"
        raise ModelError(
            f"these are not the weights of {encoder}: {missing.splitlines()[0]}",
            hint="The names and shapes that its authors published are expected.",
        ) from error
    part = FilmPart(encoder=encoder, licence=licence, size=size, options=options)
    return Converted(part=part, tensors=tensors, note=note)
