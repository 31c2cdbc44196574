"""Passages of public-domain scores by named composers, chosen for a section's affect."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import ModelError
from otio_hpm.files import make_folder, writing
from otio_hpm.training.affect import Affect
from otio_hpm.training.notes import Section
from otio_hpm.training.score_reading import Ints, Reading, read_works
from otio_hpm.training.score_sources import WORKS

Split = Literal["train", "development", "test"]

_SALT = 32202
"""Chosen once so that all composers but Weber, who has one piece, have music in every split."""
PRE_ROLL_TICKS = 16
"""How far before a clip its music may already be under way."""
_READING = 3
"""Counts up whenever scores are read differently."""
_WRONG_MODE = 8.0
_TOO_SHORT = 6.0
_RATE = (1.0, 3.0)
"""Onsets a beat of calm and of violent music."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A movement, madrigal or song."""

    composer: str
    """The maestro class."""
    title: str
    """Work and movement."""
    source: str
    """Path inside music21's corpus."""
    split: Split
    """What it is used for: no piece is in two splits."""
    beat: int
    """Units of a felt beat; a quarter note has 48."""
    notes: Ints
    """(N, 4) onset and length in units, MIDI key and part, by onset."""
    bars: Ints
    """(B,) begin of each bar in units."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A place in a piece from which to play."""

    piece: Piece
    start: int
    """Begin in units, on a bar line."""
    tonic: int
    """Pitch class of the key as written, 0 is C."""
    mode: str
    """major or minor."""


def split_of(source: str) -> Split:
    """The split of a piece by a hash of its path: 90 % train, 5 % development, 5 % test."""
    digest = hashlib.sha256(f"{_SALT}:{source}".encode()).digest()
    place = int.from_bytes(digest[:4], "big") / 2**32
    return "test" if place < 0.05 else "development" if place < 0.1 else "train"


class ScoreLibrary:
    """All pieces in memory, with their passages by key and note rate."""

    def __init__(self, readings: list[Reading]) -> None:
        self.pieces = tuple(_piece(reading) for reading in readings)
        """Every piece of every split."""
        self._passages = np.concatenate(
            [
                np.insert(reading.passages, 0, index, axis=1)
                for index, reading in enumerate(readings)
            ]
        )
        self._owners = {
            (split, composer): self._rows_of(split, composer)
            for split in ("train", "development", "test")
            for composer in self.composers
        }

    @classmethod
    def load(cls, cache_folder: Path) -> Self:
        """Load the cache in the folder, which the first call writes in minutes with music21.

        Raises ModelError if music21 is needed and not installed or the cache is damaged, and
        OutputError if the folder cannot be written.
        """
        path = cache_folder / f"scores-{_fingerprint()}.npz"
        if not path.exists():
            readings = list(read_works())
            make_folder(cache_folder)
            _save(path, readings)
        return cls(_load(path))

    @property
    def composers(self) -> tuple[str, ...]:
        """The maestro classes, in order."""
        return tuple(sorted({piece.composer for piece in self.pieces}))

    def passages(self, split: Split, composer: str) -> int:
        """How many passages of a composer a split has."""
        return len(self._owners[split, composer])

    def choose(
        self,
        section: Section,
        affect: Affect,
        rng: np.random.Generator,
        split: Split,
        composer: str | None = None,
    ) -> Passage:
        """Draw a passage in the section's mode, as dense as its arousal asks and long enough.

        Mode follows valence and note rate follows arousal (Gabrielsson & Lindström 2010,
        chapter 14). Another composer stands in where the split has none of `composer`, and the
        other mode where the composer has no music in the section's.
        """
        rows = self._owners.get((split, composer or ""), np.zeros(0, np.int64))
        if not len(rows):
            rows = self._owners[split, self._draw_composer(split, rng)]
        passages = self._passages[rows]
        misfit = _misfit(passages, section, affect)
        weights = np.exp(misfit.min() - misfit)
        drawn = passages[rng.choice(len(passages), p=weights / weights.sum()), :4]
        index, start, tonic, minor = map(int, drawn)
        return Passage(
            piece=self.pieces[index], start=start, tonic=tonic, mode="minor" if minor else "major"
        )

    def _rows_of(self, split: Split, composer: str) -> NDArray[np.int64]:
        wanted = [piece.split == split and piece.composer == composer for piece in self.pieces]
        return np.flatnonzero(np.array(wanted)[self._passages[:, 0].astype(int)])

    def _draw_composer(self, split: Split, rng: np.random.Generator) -> str:
        """More often one with many pieces, but by the root, so that none drowns the others."""
        present = [name for name in self.composers if self.passages(split, name)]
        counts = [
            sum(piece.split == split and piece.composer == name for piece in self.pieces)
            for name in present
        ]
        chances = np.sqrt(counts)
        return str(rng.choice(present, p=chances / chances.sum()))


def _misfit(
    passages: NDArray[np.float32], section: Section, affect: Affect
) -> NDArray[np.float32]:
    """How ill each passage suits a section: its mode, its note rate, its length. (N, 6) -> (N,)"""
    arousal = float(affect.arousal[slice(*section.frames)].mean())
    rate = _RATE[0] + (_RATE[1] - _RATE[0]) * arousal
    needed = (section.end - section.tick + PRE_ROLL_TICKS) / section.beat_ticks
    return np.asarray(
        _WRONG_MODE * (passages[:, 3] != (section.mode != "major"))
        + np.abs(passages[:, 4] - rate)
        + _TOO_SHORT * (passages[:, 5] < needed)
    )


def _piece(reading: Reading) -> Piece:
    return Piece(
        composer=reading.composer,
        title=reading.title,
        source=reading.source,
        split=split_of(reading.source),
        beat=reading.beat,
        notes=reading.notes,
        bars=reading.bars,
    )


def _fingerprint() -> str:
    """Changes with the works and how they are read, so that no cache of others is used."""
    return hashlib.sha256(repr((_READING, WORKS)).encode()).hexdigest()[:12]


_TABLES = {"notes": 4, "bars": 1, "passages": 5}


def _save(path: Path, readings: list[Reading]) -> None:
    """Write all tables, each piece's rows led by its index."""
    catalogue = [[r.composer, r.title, r.source, r.beat] for r in readings]
    tables = {
        name: np.concatenate(
            [
                np.insert(getattr(reading, name).reshape(-1, columns), 0, index, axis=1)
                for index, reading in enumerate(readings)
            ]
        )
        for name, columns in _TABLES.items()
    }
    tables["catalogue"] = np.array(json.dumps(catalogue))
    with writing(path, overwrite=True) as file:
        np.savez_compressed(file, allow_pickle=False, **tables)


def _load(path: Path) -> list[Reading]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            catalogue = json.loads(str(stored["catalogue"]))
            tables = {name: stored[name] for name in _TABLES}
        return [_reading(entry, index, tables) for index, entry in enumerate(catalogue)]
    except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, EOFError,
            zipfile.BadZipFile, zlib.error) as error:  # fmt: skip
        raise ModelError(
            f"{path} is no cache of scores.", hint="Delete it; it is written anew."
        ) from error


def _reading(entry: list[str], index: int, tables: dict[str, NDArray[np.float32]]) -> Reading:
    composer, title, source, beat = entry
    own = {name: table[table[:, 0] == index, 1:] for name, table in tables.items()}
    return Reading(
        composer=composer,
        title=title,
        source=source,
        beat=int(beat),
        notes=own["notes"].astype(np.int32),
        bars=own["bars"][:, 0].astype(np.int32),
        passages=own["passages"].astype(np.float32),
    )
