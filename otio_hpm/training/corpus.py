"""Pairs of picture and music, composed on the fly for training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otio_hpm.training.affect import draw_affect
from otio_hpm.training.composer import compose
from otio_hpm.training.scenes import draw_scenes
from otio_hpm.training.synthesis import (
    DRY_SAMPLES,
    ROOMS,
    Synth,
    find_soundfont,
    follow_level,
    limit,
)

Split = Literal["train", "test"]

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


_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def compose_pair(seed: int, soundfont: Synth) -> Pair:
    """The pair of this seed: the same bytes for the same seed and soundfont."""
    rng = np.random.default_rng(seed)
    affect = draw_affect(rng)
    sections = compose(affect, rng)
    dry = sum(
        (
            follow_level(soundfont.render(section.notes), affect.arousal, section.frames)
            for section in sections
        ),
        start=np.zeros(DRY_SAMPLES, np.float32),
    )
    audio = soundfont.in_room(dry * np.float32(_GAIN), int(rng.integers(ROOMS)))
    limit(audio)
    return Pair(
        audio=audio,
        frames=draw_scenes(affect, rng),
        valence=affect.valence,
        arousal=affect.arousal,
        kind=affect.kind,
        tempo_bpm=tuple(section.tempo_bpm for section in sections),
        key=f"{_NAMES[sections[0].tonic]} {sections[0].mode}",
    )


class CorpusStream:
    """An endless corpus whose every pair has a number; test pairs never occur in training."""

    def __init__(self, soundfont: Path | None = None, split: Split = "train") -> None:
        """Load the soundfont (`find_soundfont`); raises ModelError where there is none."""
        self._synth = Synth(find_soundfont(soundfont))
        self._split = split

    def pair(self, seed: int, index: int) -> Pair:
        """Pair number `index` of the stream `seed`."""
        return compose_pair(pair_seed(seed, index, self._split), self._synth)

    def pairs(self, seed: int, start_index: int = 0) -> Iterator[Pair]:
        """Pairs from `start_index` on, without end."""
        index = start_index
        while True:
            yield self.pair(seed, index)
            index += 1


def pair_seed(seed: int, index: int, split: Split = "train") -> int:
    """Seed of a pair, 0..2**63; train seeds are even and test seeds odd, so none is shared."""
    word = np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)[0]
    return (int(word) >> 2 << 1) | (split == "test")
