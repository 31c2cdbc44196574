"""The answers that listeners saved, and what was rated by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import DatasetError
from otio_hpm.evaluation.listening.key import Key, read_json

SCALES = ("quality", "clarity", "fit")
"""What listeners rate; `fit` is to the picture."""
GRADES = {1: "bad", 2: "poor", 3: "fair", 4: "good", 5: "excellent"}
"""Absolute category rating, ITU-T P.800 (1996), annex B."""


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


def read_ratings(key: Key, files: Sequence[Path]) -> list[Rating]:
    """All answers of all listeners; what a listener left out is missing, not a score.

    Raises DatasetError for a file that is not of this test, holds an unknown piece or listener or
    a score that is not 1 to 5, and for a listener who comes twice.
    """
    ratings: list[Rating] = []
    seen: dict[str, Path] = {}
    for path in files:
        told = read_json(path)
        try:
            listener, found = _listener(key, told), _ratings(key, told)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DatasetError(
                f"{path} does not hold answers to this test: {error}",
                hint="Name the files that listeners saved on this test's own page.",
            ) from error
        if listener in seen:
            raise DatasetError(
                f"{path} and {seen[listener]} are of the same listener, {listener}",
                hint="Name the later one alone; two people need codes of their own.",
            )
        seen[listener] = path
        ratings += found
    return ratings


def _listener(key: Key, told: Mapping[str, Any]) -> str:
    if told["test"] != key.test:
        raise ValueError(f"they are to {told['test']!r}")
    listener = str(told["listener"])
    if listener not in key.listeners:
        raise ValueError(f"no listener has the code {listener!r}")
    return listener


def _ratings(key: Key, told: Mapping[str, Any]) -> list[Rating]:
    return [
        _rating(key, told["listener"], piece, scale, score)
        for piece, scores in told["answers"].items()
        for scale, score in scores.items()
    ]


def _rating(key: Key, listener: str, piece: str, scale: str, score: Any) -> Rating:
    if piece not in key.pieces or scale not in key.scales:
        raise ValueError(f"nobody was asked for {scale!r} of {piece!r}")
    if type(score) is not int or score not in GRADES:
        raise ValueError(f"{score!r} is not a score from {min(GRADES)} to {max(GRADES)}")
    blinded = key.pieces[piece]
    return Rating(
        listener=listener, system=blinded.system, clip=blinded.clip, scale=scale, score=score
    )
