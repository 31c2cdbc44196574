"""The key of a listening test, and the answers that listeners saved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import DatasetError
from otio_hpm.files import write_text

SCALES = ("quality", "clarity", "fit")
"""What listeners rate, from 1 (bad) to 5 (excellent): absolute category rating, ITU-T P.800."""
LEAST, MOST = 1, 5


@dataclass(frozen=True, kw_only=True)
class Blinded:
    """What is behind a code on the page."""

    system: str
    """Who made it; the hidden reference is a system like any other."""
    clip: str
    """Name of the clip."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which test it is, and what its codes stand for. Listeners do not get it."""

    test: str
    """Name of the test, which its answers repeat."""
    codes: Mapping[str, Blinded]
    """What each code stands for."""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """One answer."""

    listener: str
    """The listener's code."""
    system: str
    """What was rated."""
    clip: str
    """On which clip."""
    scale: str
    """One of SCALES."""
    score: int
    """1 to 5."""


def write_key(path: Path, key: Key) -> None:
    """Write the key beside a page. Raises OutputError for a file that exists."""
    write_text(path, json.dumps(asdict(key), indent=2) + "\n")


def read_key(path: Path) -> Key:
    """Read it. Raises DatasetError."""
    told = _json(path)
    try:
        codes = {code: Blinded(**blinded) for code, blinded in told["codes"].items()}
        return Key(test=told["test"], codes=codes)
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path} is not the key of a listening test") from error


def read_ratings(key: Key, files: Sequence[Path]) -> list[Rating]:
    """All answers of all listeners; what a listener left out is missing, not a score.

    Raises DatasetError for a file that is not of this test, holds an unknown code or a score that
    is not 1 to 5, and for a listener who comes twice.
    """
    ratings: list[Rating] = []
    seen: dict[str, Path] = {}
    for path in files:
        told = _json(path)
        try:
            listener, found = str(told["listener"]), _ratings(key, told)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DatasetError(
                f"{path} does not hold answers to {key.test}: {error}",
                hint="Name the files that listeners saved on this test's own page.",
            ) from error
        if listener in seen:
            raise DatasetError(f"{path} and {seen[listener]} are of the same listener")
        seen[listener] = path
        ratings += found
    return ratings


def _ratings(key: Key, told: Mapping[str, Any]) -> list[Rating]:
    if told["test"] != key.test:
        raise ValueError(f"they are to {told['test']}")
    return [
        _rating(key, str(told["listener"]), code, scale, score)
        for code, scores in told["answers"].items()
        for scale, score in scores.items()
    ]


def _rating(key: Key, listener: str, code: str, scale: str, score: Any) -> Rating:
    if code not in key.codes or scale not in SCALES:
        raise ValueError(f"nobody was asked for {scale} of {code}")
    if type(score) is not int or not LEAST <= score <= MOST:
        raise ValueError(f"{score!r} is not a score from {LEAST} to {MOST}")
    blinded = key.codes[code]
    return Rating(
        listener=listener, system=blinded.system, clip=blinded.clip, scale=scale, score=score
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
