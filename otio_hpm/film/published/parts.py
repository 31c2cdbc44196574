"""The published encoders as parts of a model folder: `film.json`, and a safetensors file each."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from otio_hpm.errors import ModelError
from otio_hpm.files import sha256_of, write_text, writing
from otio_hpm.film.identity import canonical
from otio_hpm.settings import Feature

FILM = "film.json"

Encoder = Literal["clip", "tavar", "cten"]

ENCODER_OF: Mapping[Feature, Encoder] = {
    "semantic": "clip",
    "aesthetic": "tavar",
    "emotion": "cten",
}
_OPTIONS: Mapping[Encoder, str] = {"clip": "vision", "tavar": "crop"}
"""What `film.json` has to say of an encoder, because its weights do not."""


@dataclass(frozen=True, kw_only=True)
class FilmPart:
    """One encoder of a model folder."""

    encoder: Encoder
    licence: str
    """Under what terms the weights may be used, as far as their authors say."""
    size: int
    """Length of the feature that it gives."""
    options: dict[str, Any] = field(default_factory=dict)
    """What its weights do not tell: CLIP's `vision` configuration, TAVAR's `crop`."""

    @property
    def file(self) -> str:
        """Name of its weights in the folder."""
        return f"{self.encoder}.safetensors"


def film_parts(folder: Path) -> dict[Encoder, FilmPart]:
    """The encoders of a model folder; none where the model measures the picture itself.

    Raises ModelError naming the file where it is not understood.
    """
    path = folder / FILM
    try:
        told = dict(json.loads(path.read_text("utf-8")))
        return {name: _part(name, told[name]) for name in get_args(Encoder) if name in told}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path} cannot be read: {error}",
            hint="Add the encoders again with `otio-hpm film convert`.",
        ) from error


def _part(encoder: Encoder, told: Mapping[str, Any]) -> FilmPart:
    part = FilmPart(encoder=encoder, **told)
    kinds = ((part.licence, str), (part.size, int), (part.options, dict))
    needed = _OPTIONS.get(encoder)
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise TypeError(f"what it says of {encoder} is of the wrong kind")
    if needed and needed not in part.options:
        raise ValueError(f"it does not say the {needed} of {encoder}")
    return part


def film_json(parts: Mapping[Encoder, FilmPart]) -> str:
    """The text of `film.json`."""
    told = {name: asdict(part) for name, part in sorted(parts.items())}
    for values in told.values():
        del values["encoder"]
    return json.dumps(told, indent=2) + "\n"


def part_identity(folder: Path, part: FilmPart) -> str:
    """Digest of an encoder: its weights, and how they are used."""
    path = folder / part.file
    try:
        weights = sha256_of(path)
    except OSError as error:
        raise ModelError(
            f"model file {path} cannot be read: {error.strerror}",
            hint="Add the encoder again with `otio-hpm film convert`.",
        ) from error
    return hashlib.sha256(canonical([weights, part.options]).encode()).hexdigest()


def copy_parts(source: Path, folder: Path) -> None:
    """Make the encoders of a model folder, if it has any, parts of another folder too.

    Raises ModelError for encoders that cannot be read, OutputError where they cannot be written.
    """
    parts = film_parts(source)
    for part in parts.values():
        with writing(folder / part.file, overwrite=True) as copy:
            try:
                with (source / part.file).open("rb") as weights:
                    shutil.copyfileobj(weights, copy)
            except FileNotFoundError as error:
                raise ModelError(f"model file {source / part.file} is not there") from error
    if parts:
        write_text(folder / FILM, film_json(parts), overwrite=True)


def check_sizes(folder: Path, sizes: Mapping[Feature, int], without: tuple[Feature, ...]) -> None:
    """Raise ModelError unless the folder's encoders give what its model was made for.

    sizes: lengths of the model's three features.
    """
    parts = film_parts(folder)
    for feature in sizes:
        encoder = ENCODER_OF[feature]
        if feature in without:
            continue
        if encoder not in parts:
            raise ModelError(
                f"model folder {folder} has no {encoder} encoder for the {feature} feature",
                hint=f"Add it with `otio-hpm film convert {encoder}`, or leave the feature out "
                f"with --without {feature}.",
            )
        if parts[encoder].size != sizes[feature]:
            raise ModelError(
                f"{folder / parts[encoder].file} gives {parts[encoder].size} values, and the model "
                f"was made for {sizes[feature]} of the {feature} feature",
                hint="Convert the encoder that the model was trained with.",
            )
