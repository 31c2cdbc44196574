"""Pairs of picture and music: composed ones, and those of a dataset of films."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.dataset.reader import Clip, Dataset
from otio_hpm.errors import DatasetError
from otio_hpm.evaluation.evidence.material import Corpus
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.pictures import Film, emotion_of_pair, film_of_pair
from otio_hpm.evaluation.tables.reference import Frames, Reference
from otio_hpm.files import sha256_of
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.training.cache import require_measured, sound_of_pair
from otio_hpm.training.clips import Sight
from otio_hpm.training.corpus import Pair

_KNOWN = 2
"""Clips of music that was trained on, for each that is compared."""


class ComposedReference(Reference):
    """Held-out pairs of the composing program; the style of each is the next one's music."""

    def __init__(self, corpus: Corpus, config: ModelConfig, count: int) -> None:
        """Composes when the first clip is asked for."""
        self.name, self.sample_rate = f"composed:{count}", config.sample_rate
        self.names = [f"composed-{index:03}" for index in range(count)]
        self.soundfont = corpus.held_out
        self._corpus, self._config = corpus, config

    @cached_property
    def pairs(self) -> list[Pair]:
        """One for each clip."""
        return self._corpus.pairs(len(self.names))

    def sound(self, index: int) -> Sound:
        """The pair's music, played by a soundfont that no model was trained on."""
        return sound_of_pair(self.pairs[index], self._config)[: self._config.window_samples]

    def style(self, index: int) -> Sound:
        """What `maestro` of the evidence follows."""
        return self.sound((index + 1) % len(self.names))

    def frames(self, index: int) -> Frames:
        """As it was drawn."""
        return self.pairs[index].frames

    def descriptors(self, index: int, sight: Sight) -> None:
        """Raises ModelError for a model with encoders, which cannot see composed pictures."""
        require_measured(
            sight.config, hint="Compare it on a dataset, or on clips with movies beside them."
        )

    def film(self, index: int) -> Film:
        """The affect and hit points that the pair was made from, and its cuts as they are seen."""
        return film_of_pair(self.pairs[index])

    def class_of(self, index: int) -> str:
        """The emotion that the pair was made from."""
        return emotion_of_pair(self.pairs[index])

    def known(self) -> Iterator[tuple[Sound, str]]:
        """The first pairs that training composes, on its soundfont."""
        for pair in self._corpus.training_pairs(_KNOWN * len(self.names)):
            sound = sound_of_pair(pair, self._config)[: self._config.window_samples]
            yield sound, emotion_of_pair(pair)

    def facts(self) -> dict[str, Any]:
        """What composed them."""
        soundfont, scores = self._corpus.held_out, self._corpus.scores
        return {
            "split": self._corpus.split,
            "soundfont": f"{soundfont.name} {sha256_of(soundfont)}",
            "public-domain scores": "held-out pieces" if scores else "none",
        }


class DatasetReference(Reference):
    """The test split of a dataset; the style of each clip is music of the next other film."""

    def __init__(self, folder: Path, config: ModelConfig, count: int | None = None) -> None:
        """At most `count` clips, spread evenly over the split.

        Raises DatasetError for a folder that is no dataset, or has less than two such clips.
        """
        clips = Dataset.open(folder, "test")
        if len(clips) < 2:
            raise DatasetError(
                f"the test split of {folder} has less than two clips",
                hint="Give it more films, or a larger share with --test when it is built.",
            )
        numbers = _spread(len(clips), count or len(clips))
        self._clips: list[Clip] = [clips[number] for number in numbers]
        self._films = [clip.facts.film for clip in self._clips]
        self.name, self.sample_rate = str(folder), config.sample_rate
        self.names = [clip.key for clip in self._clips]
        self._folder, self._checksum = folder, clips.checksum

    def sound(self, index: int) -> Sound:
        """As long as it is kept: 10 to 10.24 s. Raises DatasetError."""
        return self._clips[index].sound(self.sample_rate)

    def style(self, index: int) -> Sound | None:
        """None where all clips are of one film. Raises DatasetError."""
        order = [(index + step) % len(self.names) for step in range(1, len(self.names))]
        other = next((i for i in order if self._films[i] != self._films[index]), None)
        return None if other is None else self.sound(other)

    def frames(self, index: int) -> Frames:
        """Raises DatasetError."""
        count = -(-self.samples(index) * FILM_FPS // self.sample_rate)
        return self._clips[index].frames(count=count)

    def descriptors(self, index: int, sight: Sight) -> NDArray[np.float32] | None:
        """Raises DatasetError and ModelError."""
        return None if sight.watcher is None else sight.descriptors(self._clips[index])[None]

    def class_of(self, index: int) -> str | None:
        """Its film's first genre."""
        genres = self._clips[index].facts.genres
        return genres[0] if genres else None

    def known(self) -> Iterator[tuple[Sound, str]]:
        """Clips of films that are kept for training, spread evenly. Raises DatasetError."""
        clips = Dataset.open(self._folder, "train")
        for number in _spread(len(clips), _KNOWN * len(self.names)):
            yield clips[number].sound(self.sample_rate), next(iter(clips[number].facts.genres), "")

    def facts(self) -> dict[str, Any]:
        """Which dataset it is."""
        return {"dataset": self._checksum, "split": "test", "films": len(set(self._films))}


def _spread(count: int, most: int) -> list[int]:
    """At most `most` of the numbers below `count`, spread evenly."""
    found: list[int] = np.linspace(0, count - 1, min(most, count)).round().astype(int).tolist()
    return found
