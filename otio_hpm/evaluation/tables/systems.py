"""Who makes the music that is measured: anybody's folder, and what bounds every system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from otio_hpm.evaluation.tables.clips import Sound, clip_files, read_clip
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.model.windows import WindowPlan

_NOISE_LEVEL = 0.1


@dataclass(frozen=True, kw_only=True)
class System:
    """One row of a table."""

    name: str
    says: str
    """Where its music comes from."""
    sound: Callable[[int], Sound | None]
    """Its music for a reference clip by number, (samples,); None where it has none."""
    plan: Callable[[int], WindowPlan] | None = None
    """The windows that a clip of so many samples is made of, where that is known."""
    seconds: Callable[[int], float] | None = None
    """What a window of a clip took, of those that are made here."""
    most: int | None = None
    """How many of the first clips it makes, where it is too slow for all."""


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


def _noise(like: Sound, seed: int) -> Sound:
    drawn = np.random.default_rng(seed).standard_normal(len(like), np.float32)
    return np.asarray(_NOISE_LEVEL * drawn, np.float32)
