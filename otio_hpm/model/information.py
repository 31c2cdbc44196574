"""What a model is: its parts, their sizes, what they need, their licence and where it is from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from otio_hpm.errors import ModelError
from otio_hpm.model.catalogue import OFFERS, Offer, offer_named
from otio_hpm.model.checkpoint import CHECKSUMS, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CARD, CONFIG, installed_models, shipped_models
from otio_hpm.model.precision import memory_bytes
from otio_hpm.model.published import FETCHED, folder_of, is_here, next_step, read_record

Origin = Literal["shipped", "installed", "folder"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of weights."""

    file: str
    parameters: int | None
    """Weights in it; None where its format does not tell without being loaded."""
    size_bytes: int
    checksum: str
    """Sha256 as its folder lists it; empty where it does not."""


@dataclass(frozen=True, kw_only=True)
class ModelInformation:
    """A model that is here."""

    name: str
    folder: Path
    origin: Origin
    sample_rate: int
    """Samples per second of its own sound; what is delivered has 48 000."""
    window_s: Fraction
    """Length of one window."""
    parts: tuple[Part, ...]
    parameters: int
    size_bytes: int
    """On disk."""
    memory_bytes: dict[str, int]
    """What its weights take while it runs, by precision; sound and picture come on top."""
    licence: str
    """SPDX expression."""
    card: Path | None
    """Its model card, which tells what it was made of; None where it has none."""


@dataclass(frozen=True, kw_only=True)
class OfferInformation:
    """Published weights that can be had, or are here to be converted."""

    name: str
    title: str
    repository: str
    revision: str
    sample_rate: int | None
    size_bytes: int
    licence: str
    folder: Path | None
    """Where they are; None where they are not here."""
    parts: tuple[Part, ...]
    """Their files of weights; empty where they are not here."""
    next_step: str
    """Arguments of `otio-hpm` that make a model, or a part of one, of them."""


@dataclass(frozen=True, kw_only=True)
class Models:
    """Everything that `otio-hpm model list` shows."""

    models: tuple[ModelInformation, ...]
    offers: tuple[OfferInformation, ...]
    unreadable: tuple[str, ...]
    """Installed folders whose configuration is not understood, and why."""


def list_models() -> Models:
    """What ships, what is installed, and what can be had."""
    models, unreadable = [], []
    for name in (*shipped_models(), *(n for n in installed_models() if n not in shipped_models())):
        try:
            models.append(inform_of_model(name))
        except ModelError as error:
            unreadable.append(error.message)
    offers = tuple(inform_of_offer(offer) for offer in OFFERS)
    return Models(models=tuple(models), offers=offers, unreadable=tuple(unreadable))


def inform(name: str) -> ModelInformation | OfferInformation:
    """About a model by name or folder, or about weights that can be had. Raises ModelError."""
    offer = offer_named(name)
    if offer is not None and name not in installed_models():
        return inform_of_offer(offer)
    return inform_of_model(name)


def inform_of_model(name: str) -> ModelInformation:
    """About a model that is here. Raises ModelError."""
    folder = model_folder(name)
    config = ModelConfig.load(folder / CONFIG)
    parts = tuple(_parts(sorted(folder.glob("*.safetensors")), folder, _checksums(folder)))
    parameters = sum(part.parameters or 0 for part in parts)
    return ModelInformation(
        name=name,
        folder=folder,
        origin=_origin(folder),
        sample_rate=config.sample_rate,
        window_s=Fraction(config.window_samples, config.sample_rate),
        parts=parts,
        parameters=parameters,
        size_bytes=sum(part.size_bytes for part in parts),
        memory_bytes=memory_bytes({Path(p.file).stem: p.parameters or 0 for p in parts}),
        licence=config.licence,
        card=card if (card := folder / CARD).is_file() else None,
    )


def inform_of_offer(offer: Offer) -> OfferInformation:
    """About weights that can be had."""
    folder, here = folder_of(offer), is_here(offer)
    listed = read_record(folder) if (folder / FETCHED).is_file() else ()
    checksums = {file.name: file.checksum for file in listed}
    return OfferInformation(
        name=offer.name,
        title=offer.title,
        repository=offer.repository,
        revision=offer.revision,
        sample_rate=offer.sample_rate,
        size_bytes=sum(file.size_bytes for file in listed) or offer.size_bytes,
        licence=offer.licence,
        folder=folder if here else None,
        parts=tuple(_parts(_weights(folder), folder, checksums)) if here else (),
        next_step=next_step(offer),
    )


def parameters_in(file: Path) -> int | None:
    """Weights in a safetensors file, from its header; None for other files and damaged ones."""
    from safetensors import SafetensorError, safe_open

    if file.suffix != ".safetensors":
        return None
    try:
        with safe_open(file, framework="np") as part:
            shapes = (part.get_slice(key).get_shape() for key in part.keys())  # noqa: SIM118
            return sum(int(math.prod(shape)) for shape in shapes)
    except (OSError, SafetensorError):
        return None


def _origin(folder: Path) -> Origin:
    if folder in shipped_models().values():
        return "shipped"
    return "installed" if folder in installed_models().values() else "folder"


def _parts(files: Iterable[Path], folder: Path, checksums: dict[str, str]) -> Iterable[Part]:
    for file in files:
        name = file.relative_to(folder).as_posix()
        yield Part(
            file=name,
            parameters=parameters_in(file),
            size_bytes=file.stat().st_size,
            checksum=checksums.get(name, ""),
        )


def _checksums(folder: Path) -> dict[str, str]:
    """What a model folder lists; nothing where the list is missing, which `verify` is for."""
    try:
        return dict(json.loads((folder / CHECKSUMS).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _weights(folder: Path) -> Iterable[Path]:
    files = sorted(folder.rglob("*"))
    return (file for file in files if file.suffix in (".safetensors", ".bin") and file.is_file())
