"""AudioLDM's weights -> a model folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from otio_hpm.errors import ModelError
from otio_hpm.files import write_text
from otio_hpm.film.descriptors import AESTHETIC_SIZE, EMOTION_SIZE, SEMANTIC_SIZE
from otio_hpm.folders import new_folder
from otio_hpm.model.audioldm.card import card
from otio_hpm.model.audioldm.coverage import Coverage, Covered
from otio_hpm.model.audioldm.diffusers_layout import read_diffusers
from otio_hpm.model.audioldm.original_layout import SUFFIXES, read_original
from otio_hpm.model.audioldm.parts import Filled, filled_parts
from otio_hpm.model.audioldm.source import LICENCE, Source
from otio_hpm.model.checkpoint import save_tensors, write_checksums
from otio_hpm.model.config import FilmAttention, ModelConfig
from otio_hpm.model.folders import CARD, CONFIG

Sees = Literal["published", "measured"]
CONTROL_CHANNELS = 256
"""Width of the control encoders; the branch of AudioLDM-s then has the paper's 87 M weights."""
_SECONDS_PER_WINDOW = {"s": 35.0, "m": 70.0, "l": 120.0}
"""Of `s` measured on a part of a window, of the others after their operations; nothing but time
estimates depends on it."""
_SIZES: dict[Sees, tuple[int, int, int]] = {
    "published": (512, 7, 8),
    "measured": (SEMANTIC_SIZE, AESTHETIC_SIZE, EMOTION_SIZE),
}
"""CLIP's image features, TAVAR's score and six attributes, WECL's eight emotions; or what the
embedded model measures."""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """A model folder that was made."""

    folder: Path
    source: Path
    size: str
    """`s`, `m` or `l` as published, else `other`."""
    film: FilmAttention
    sees: Sees
    licence: str
    """SPDX expression."""
    coverage: Coverage


def convert(
    source: Path, out: Path, film: FilmAttention = "decoupled", sees: Sees = "published"
) -> Conversion:
    """Make an HPM model folder of a diffusers folder or an original checkpoint of AudioLDM.

    `sees` says what of the picture the new film encoder is told: features of the published
    encoders, which are added to the folder afterwards, or those that are measured without any.
    What is new begins at random, always the same. Raises ModelError where the source is no
    AudioLDM, OutputError where `out` exists or cannot be written.
    """
    found = _read(source)
    config = config_of(found, film, sees)
    with new_folder(out) as folder:
        coverage = _write(found, config, folder)
    return Conversion(
        folder=out, source=source, size=found.size, film=film, sees=sees, licence=LICENCE,
        coverage=coverage,
    )  # fmt: skip


def config_of(source: Source, film: FilmAttention, sees: Sees) -> ModelConfig:
    """The configuration of what a source becomes."""
    semantic, aesthetic, emotion = _SIZES[sees]
    return ModelConfig(
        **source.shape,
        film_attention=film,
        film_channels=0,
        semantic_size=semantic,
        aesthetic_size=aesthetic,
        emotion_size=emotion,
        control_channels=CONTROL_CHANNELS,
        film_trained=False,
        licence=LICENCE,
        seconds_per_window=_SECONDS_PER_WINDOW.get(source.size, 4.0),
    )


def _read(source: Path) -> Source:
    if (source / "unet" / CONFIG).is_file():
        return read_diffusers(source)
    files = [source] if source.is_file() else sorted(source.glob("*"))
    checkpoints = [file for file in files if file.suffix in SUFFIXES and file.is_file()]
    if len(checkpoints) != 1:
        raise ModelError(
            f"{source} holds {len(checkpoints)} checkpoints and no unet/{CONFIG}",
            hint="Name a diffusers folder of AudioLDM, or one checkpoint of its authors' programs.",
        )
    return read_original(checkpoints[0])


def _write(source: Source, config: ModelConfig, folder: Path) -> Coverage:
    coverage = write_parts(source, filled_parts(source, config), folder)
    finish(folder, config, card(source, config, coverage))
    return coverage


def write_parts(source: Source, parts: Iterable[Filled], folder: Path) -> Coverage:
    """Files of parts, one after the other, so that few tensors are in memory."""
    covered: list[Covered] = []
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        for part in parts:
            _save(part, folder)
            covered.extend(part.covered)
    return Coverage(tensors=(*covered, *_left_out(source, covered)))


def finish(folder: Path, config: ModelConfig, text: str) -> None:
    """Configuration, checksums and card of a folder that has its parts."""
    config.save(folder / CONFIG)
    write_checksums(folder)
    write_text(folder / CARD, text)


def _save(part: Filled, folder: Path) -> None:
    save_tensors(part.tensors, folder / f"{part.name}.safetensors")


def _left_out(source: Source, covered: list[Covered]) -> Iterator[Covered]:
    used = {tensor.source for tensor in covered}
    every = (*source.unet.values(), *source.vae.values(), *source.vocoder.values(), *source.others)
    for tensor in every:
        if tensor.name not in used:
            shape = tuple(tensor.tensor.shape)
            yield Covered(part="", name=tensor.name, state="left out", shape=shape, source="")
