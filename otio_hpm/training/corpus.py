"""Pairs of picture and music, composed on the fly for training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otio_hpm.sketch.harmony import NAMES
from otio_hpm.training.accents import with_accents
from otio_hpm.training.affect import Affect, draw_affect
from otio_hpm.training.composer import HELD_OUT_KEYS, compose
from otio_hpm.training.notes import Note, Section
from otio_hpm.training.performance import perform
from otio_hpm.training.scenes import draw_scenes
from otio_hpm.training.scores import ScoreLibrary, Split
from otio_hpm.training.synthesis import (
    DRY_SAMPLES,
    ROOMS,
    Synth,
    find_soundfont,
    follow_level,
    limit,
)

_SPLIT_SEED: dict[Split, int] = {"train": 0, "test": 1, "development": 3}
_FROM_SCORES = 0.35
"""Share of sections that play a named composer's music, where a library is at hand."""

_GAIN = 1.1
"""One gain for the whole corpus: level differences between clips carry meaning."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One clip of 10.24 s: what is seen, what is heard and what both express."""

    audio: NDArray[np.float32]
    """(491520,) mono, 48 kHz, within -1..1; never normalised per clip."""
    frames: NDArray[np.uint8]
    """(103, 36, 64, 3) RGB, 10 fps."""
    valence: NDArray[np.float32]
    """(103,) 0 unpleasant to 1 pleasant."""
    arousal: NDArray[np.float32]
    """(103,) 0 calm to 1 violent."""
    kind: str
    """Shape of the arousal curve."""
    tempo_bpm: tuple[float, ...]
    """Tempo of each section."""
    key: str
    """Tonic and mode of the first section, such as "D minor"."""
    hits: tuple[int, ...]
    """Frames of the hit points that the music meets with an accent."""
    composers: tuple[str, ...]
    """Whose music each section plays; "" for the composing program's."""
    programs: tuple[int, ...]
    """General MIDI programs that are heard, in their order."""


def compose_pair(seed: int, soundfont: Synth, library: ScoreLibrary | None = None) -> Pair:
    """The pair of this seed: the same bytes for the same seed, soundfont and library.

    With a library, about a third of the sections play a passage of a public-domain score of the
    seed's split; without one, all are composed.
    """
    rng = np.random.default_rng(seed)
    split = split_of_seed(seed)
    affect = draw_affect(rng)
    sections = compose(affect, rng, all_keys=split != "train")
    played = [_played(section, affect, rng, library, split) for section in sections]
    room = int(rng.integers(ROOMS))
    return Pair(
        audio=_sound(played, affect, soundfont, room),
        frames=draw_scenes(affect, rng),
        valence=affect.valence,
        arousal=affect.arousal,
        kind=affect.kind,
        tempo_bpm=tuple(section.tempo_bpm for section in sections),
        key=f"{NAMES[sections[0].tonic]} {sections[0].mode}",
        hits=affect.hits,
        composers=tuple(own.composer for own in played),
        programs=_heard_programs(note for own in played for note in own.section.notes),
    )


@dataclass(frozen=True, kw_only=True)
class _Played:
    """A section as it is played."""

    section: Section
    """With the notes that are played, accents and all."""
    composer: str
    """Whose they are; "" for the composing program's."""


def _played(
    section: Section, affect: Affect, rng: np.random.Generator, library: ScoreLibrary | None,
    split: Split,
) -> _Played:  # fmt: skip
    notes, composer = _music_of(section, affect, rng, library, split)
    accented = with_accents(notes, section, affect, rng)
    return _Played(section=replace(section, notes=accented), composer=composer)


def _music_of(
    section: Section, affect: Affect, rng: np.random.Generator, library: ScoreLibrary | None,
    split: Split,
) -> tuple[tuple[Note, ...], str]:  # fmt: skip
    """Notes of a section, and whose they are."""
    if library is not None and rng.random() < _FROM_SCORES:
        passage = library.choose(section, affect, rng, split)
        # A passage in minor may stand in for dorian.
        allowed = split != "train" or (section.tonic, passage.mode) not in HELD_OUT_KEYS
        if allowed and (played := perform(passage, section, affect, rng)):
            return played, passage.piece.composer
    return section.notes, ""


def _sound(
    played: Iterable[_Played], affect: Affect, soundfont: Synth, room: int
) -> NDArray[np.float32]:
    """All sections together, in a room. -> (CLIP_SAMPLES,)"""
    dry = np.zeros(DRY_SAMPLES, np.float32)
    for own in played:
        sound = soundfont.render(own.section.notes)
        dry += follow_level(sound, affect.arousal, own.section.frames)
    audio = soundfont.in_room(dry * np.float32(_GAIN), room)
    limit(audio)
    return audio


def _heard_programs(notes: Iterable[Note]) -> tuple[int, ...]:
    """Programs of the notes that are not over before the clip."""
    return tuple(sorted({note.program for note in notes if note.tick + note.ticks > 0}))


class CorpusStream:
    """An endless corpus whose every pair has a number; test pairs never occur in training."""

    def __init__(
        self, soundfont: Path | None = None, split: Split = "train",
        library: ScoreLibrary | None = None,
    ) -> None:  # fmt: skip
        """Load the soundfont (`find_soundfont`); raises ModelError where there is none."""
        self._synth = Synth(find_soundfont(soundfont))
        self._split = split
        self._library = library

    def pair(self, seed: int, index: int) -> Pair:
        """Pair number `index` of the stream `seed`."""
        return compose_pair(pair_seed(seed, index, self._split), self._synth, self._library)

    def pairs(self, seed: int, start_index: int = 0) -> Iterator[Pair]:
        """Pairs from `start_index` on, without end."""
        index = start_index
        while True:
            yield self.pair(seed, index)
            index += 1


def pair_seed(seed: int, index: int, split: Split = "train") -> int:
    """Seed of a pair, 0..2**63; its last two bits tell the split, so none is shared."""
    word = np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)[0]
    return (int(word) >> 3 << 2) | _SPLIT_SEED[split]


def split_of_seed(seed: int) -> Split:
    """The split a pair's seed belongs to; seeds that `pair_seed` never gives count as training."""
    splits: dict[int, Split] = {1: "test", 3: "development"}
    return splits.get(seed % 4, "train")
