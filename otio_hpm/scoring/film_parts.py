"""The published film encoders of a model folder: adding one, and what the model needs of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.files import write_text
from otio_hpm.film.published.parts import (
    ENCODER_OF,
    FILM,
    Encoder,
    check_sizes,
    film_json,
    film_parts,
)
from otio_hpm.model.checkpoint import save_whole, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CONFIG
from otio_hpm.model.licences import joined
from otio_hpm.settings import Feature

if TYPE_CHECKING:
    from otio_hpm.film.published.convert import Converted
    from otio_hpm.film.published.tavar import Crop


@dataclass(frozen=True, kw_only=True)
class AddedEncoder:
    """An encoder that is now part of a model folder."""

    folder: Path
    encoder: Encoder
    file: Path
    weights: int
    """How many there are."""
    licence: str
    """SPDX expression of the encoder's weights."""
    note: str
    """What their authors say of it, in words."""


def film_sizes(config: ModelConfig) -> dict[Feature, int]:
    """Lengths of a model's three film features."""
    sizes = (config.semantic_size, config.aesthetic_size, config.emotion_size)
    return dict(zip(get_args(Feature), sizes, strict=True))


def watches(folder: Path, config: ModelConfig, without: tuple[Feature, ...]) -> bool:
    """Whether a model sees by published encoders; else it measures the picture itself.

    Raises ModelError for encoders that are missing, or were not made for this model.
    """
    from otio_hpm.film.descriptors import AESTHETIC_SIZE, EMOTION_SIZE, SEMANTIC_SIZE

    sizes = film_sizes(config)
    measures = tuple(sizes.values()) == (SEMANTIC_SIZE, AESTHETIC_SIZE, EMOTION_SIZE)
    if measures and not film_parts(folder):
        return False
    check_sizes(folder, sizes, without)
    return True


def add_encoder(
    encoder: Encoder, source: Path, folder: Path, *, crop: Crop = "published",
    overwrite: bool = False,
) -> AddedEncoder:  # fmt: skip
    """Make published weights a part of a model folder, which keeps everything else it has.

    Raises ModelError where the weights or the folder are not what they should be, OutputError for
    an encoder that is there already (unless `overwrite`) and a folder that cannot be written.
    """
    from otio_hpm.film.published.convert import read_encoder

    config = ModelConfig.load(folder / CONFIG)
    converted = read_encoder(encoder, source, crop=crop)
    part = converted.part
    _require_size(folder, film_sizes(config), converted)
    if (folder / part.file).exists() and not overwrite:
        raise OutputError(f"{folder / part.file} exists already", hint="Allow it with --overwrite.")
    save_whole(converted.tensors, folder / part.file)
    parts = {**film_parts(folder), encoder: part}
    write_text(folder / FILM, film_json(parts), overwrite=True)
    licensed = dataclasses.replace(config, licence=joined(config.licence, part.licence))
    licensed.save(folder / CONFIG)
    write_checksums(folder)
    return AddedEncoder(
        folder=folder,
        encoder=encoder,
        file=folder / part.file,
        weights=sum(tensor.numel() for tensor in converted.tensors.values()),
        licence=part.licence,
        note=converted.note,
    )


def _require_size(folder: Path, sizes: Mapping[Feature, int], converted: Converted) -> None:
    part = converted.part
    feature = next(name for name, encoder in ENCODER_OF.items() if encoder == part.encoder)
    if part.size != sizes[feature]:
        raise ModelError(
            f"{part.encoder} gives {part.size} values, and the model in {folder} was made for "
            f"{sizes[feature]} of the {feature} feature",
            hint="Take one of that size, of CLIP ViT-B/32. A model that measures the picture "
            "itself, as `embedded` does, takes no encoders.",
        )
