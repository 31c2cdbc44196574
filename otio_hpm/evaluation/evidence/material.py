"""Composed cues that no model was trained on, and what is derived from them once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import ModelError
from otio_hpm.training.corpus import CorpusStream, Pair
from otio_hpm.training.scores import ScoreLibrary, Split
from otio_hpm.training.synthesis import find_soundfont

EvidenceSplit = Literal["development", "test"]

_STREAM = 7
"""Stream of held-out pairs that both splits draw from."""
_HELD_OUT = (
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
    Path("/usr/share/soundfonts/TimGM6mb.sf2"),
    Path("/usr/local/share/sounds/sf2/TimGM6mb.sf2"),
)
_TRAINING_STREAM = 0


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Held-out pairs, and those that a model was trained on, with a soundfont each."""

    split: EvidenceSplit
    held_out: Path
    """Soundfont that held-out pairs are played with; none was trained on."""
    training: Path
    """Soundfont that training played with."""
    scores: Path | None = None
    """Folder of parsed public-domain scores, whose held-out pieces are played too."""

    def pairs(self, count: int) -> list[Pair]:
        """Held-out pieces on the held-out soundfont."""
        return self._pairs(_STREAM, self.split, count, self.held_out)

    def familiar_pairs(self, count: int) -> list[Pair]:
        """The same pieces on training's soundfont, so that only the piece is new."""
        return self._pairs(_STREAM, self.split, count, self.training)

    def training_pairs(self, count: int) -> list[Pair]:
        """The first pieces that training composed."""
        return self._pairs(_TRAINING_STREAM, "train", count, self.training)

    def _pairs(self, seed: int, split: Split, count: int, soundfont: Path) -> list[Pair]:
        stream = CorpusStream(soundfont, split, self._library)
        return [stream.pair(seed, index) for index in range(count)]

    @cached_property
    def _library(self) -> ScoreLibrary | None:
        return ScoreLibrary.load(self.scores) if self.scores else None


def find_corpus(
    split: EvidenceSplit, held_out: Path | None, training: Path | None, scores: Path | None = None
) -> Corpus:
    """The corpus with the named soundfonts, or those that systems keep.

    Raises ModelError where there is none.
    """
    found = held_out or next((path for path in _HELD_OUT if path.is_file()), None)
    if found is None:
        raise ModelError(
            "No soundfont was found that no model was trained on.",
            hint="Install Debian's timgm6mb-soundfont, or name one with --soundfont.",
        )
    return Corpus(
        split=split,
        held_out=find_soundfont(found),
        training=find_soundfont(training),
        scores=scores,
    )


def hit_points_s(index: int, seconds: float) -> NDArray[np.float64]:
    """Where an editor might ask for hits in cue number `index`: two, a second or more apart."""
    rng = np.random.default_rng([9, index])
    first = rng.uniform(1.0, seconds / 2 - 0.5)
    return np.array([first, rng.uniform(seconds / 2 + 0.5, seconds - 1.0)])
