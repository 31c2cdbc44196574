"""The key of a listening test: what its pieces are, which listeners do not get."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import DatasetError
from otio_hpm.files import write_text

REFERENCE, ANCHOR = "reference", "anchor"
"""The hidden reference, and its low-passed copy; systems like any other to listeners."""
_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""Nothing that is mistaken for another when it is read out or typed."""
_LONGEST_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Blinded:
    """What a piece on the page is."""

    system: str
    """Who made it; the hidden reference is a system like any other."""
    clip: str
    """Name of the clip."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which test it is, what its pieces are, and who listens."""

    test: str
    """The test's own number, which its answers repeat."""
    seed: int
    """What everything is drawn from; who knows it and the names knows what the pieces are."""
    scales: tuple[str, ...]
    """What is rated."""
    listeners: tuple[str, ...]
    """The codes that listeners get, one each."""
    pieces: Mapping[str, Blinded]
    """What each piece is, by the name of its file without ending."""

    def order(self, listener: str) -> list[str]:
        """The pieces in the order that a listener hears them, always the same for one code."""
        drawn = sorted(self.pieces)
        random.Random(f"{self.seed}/{self.test}/{listener}").shuffle(drawn)
        return drawn


def draw_key(blinded: Sequence[Blinded], scales: tuple[str, ...], listeners: int, seed: int) -> Key:
    """Names for pieces and codes for listeners, which tell nothing without the seed."""
    pieces = {hidden_name(seed, one.system, one.clip): one for one in blinded}
    rng, codes = random.Random(seed), dict[str, None]()
    while len(codes) < listeners:
        codes["".join(rng.choices(_LETTERS, k=5))] = None
    test = hidden_name(seed, *sorted(pieces), *scales)
    return Key(test=test, seed=seed, scales=scales, listeners=tuple(codes), pieces=pieces)


def write_key(path: Path, key: Key) -> None:
    """Write the key. Raises OutputError for a file that exists."""
    write_text(path, json.dumps(asdict(key), indent=2, ensure_ascii=False) + "\n")


def read_key(path: Path) -> Key:
    """Read it. Raises DatasetError."""
    told = read_json(path)
    try:
        key = Key(
            test=told["test"],
            seed=told["seed"],
            scales=tuple(told["scales"]),
            listeners=tuple(told["listeners"]),
            pieces={name: Blinded(**one) for name, one in told["pieces"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} is not the key of a listening test",
            hint="It is the file that `evaluate listening-test make` named.",
        ) from error
    return key


def read_json(path: Path) -> Any:
    """What a JSON file of moderate size holds. Raises DatasetError."""
    try:
        if path.stat().st_size > _LONGEST_BYTES:
            raise ValueError("it is too large")
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def hidden_name(seed: int, *words: str) -> str:
    """A name that tells nothing of these words to those who do not know the seed."""
    return hashlib.sha256(json.dumps([seed, *words]).encode()).hexdigest()[:16]
