"""Who makes the music that is measured: anybody's folder, a model, and what bounds them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.tables.clips import Sound, clip_files, read_clip
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.model.pipeline import CueRequest
from otio_hpm.settings import Feature

_NOISE_LEVEL = 0.1
_FEATURES: tuple[Feature, ...] = ("semantic", "aesthetic", "emotion")
_SUBSETS: tuple[tuple[Feature, ...], ...] = (
    ("emotion",), ("semantic",), ("aesthetic",),
    ("aesthetic", "emotion"), ("semantic", "aesthetic"), ("semantic", "emotion"),
)  # fmt: skip
"""Features that the rows of the paper's Table 4b leave out, in its order."""


@dataclass(frozen=True, kw_only=True)
class System:
    """One row of a table."""

    name: str
    says: str
    """Where its music comes from."""
    sound: Callable[[int], Sound | None]
    """Its music for a reference clip by number, (samples,); None where it has none."""


def bounds(reference: Reference) -> list[System]:
    """Ceiling and floors, which take no model."""
    drawn = np.random.default_rng(0).permutation(len(reference.names))
    other = dict(zip(drawn.tolist(), np.roll(drawn, 1).tolist(), strict=True))
    return [
        System(name="truth", says="the reference itself", sound=reference.sound),
        System(name="maestro", says="the style's own music", sound=reference.style),
        System(name="random-other", says="another reference clip, drawn at random (seed 0)",
               sound=lambda index: reference.sound(other[index])),
        System(name="noise", says="white noise, its clip's number as seed",
               sound=lambda index: _noise(reference.sound(index), index)),
        System(name="silence", says="nothing",
               sound=lambda index: np.zeros_like(reference.sound(index))),
    ]  # fmt: skip


def folder_system(name: str, folder: Path, reference: Reference) -> System:
    """Anybody's output: files that are named as the reference's clips. Raises MediaError."""
    files = clip_files(folder)

    def sound(index: int) -> Sound | None:
        path = files.get(reference.names[index])
        return read_clip(path, reference.sample_rate) if path else None

    return System(name=name, says=str(folder), sound=sound)


def round_trip_system(bench: Bench, reference: Reference) -> System:
    """The truth through a model's autoencoder and vocoder: its ceiling."""
    return System(
        name="round-trip", says="the truth through autoencoder and vocoder, seeded by its number",
        sound=lambda index: bench.round_trip(reference.sound(index), index),
    )  # fmt: skip


def model_systems(bench: Bench, style: str, *, subsets: bool) -> Iterator[System]:
    """The model in one style; with `subsets` also told of only some features of the film."""
    yield _model_system(bench, style, ())
    for without in _SUBSETS if subsets else ():
        yield _model_system(bench, style, without)


def request_of(bench: Bench, style: str, without: tuple[Feature, ...], index: int) -> CueRequest:
    """What is asked of the model for one clip: evidence's own take where nothing is left out."""
    request = bench.requests(style)[index]
    if not without:
        return request
    return dataclasses.replace(request, model=dataclasses.replace(request.model, without=without))


def _model_system(bench: Bench, style: str, without: tuple[Feature, ...]) -> System:
    told = ", ".join(feature for feature in _FEATURES if feature not in without)
    return System(
        name=f"hpm with {told}" if without else "hpm",
        says=f"the model, --style {style}, told of {told}, each clip's number as seed",
        sound=lambda index: bench.takes.take(request_of(bench, style, without, index)),
    )


def _noise(like: Sound, seed: int) -> Sound:
    drawn = np.random.default_rng(seed).standard_normal(len(like), np.float32)
    return np.asarray(_NOISE_LEVEL * drawn, np.float32)
