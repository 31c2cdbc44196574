"""Singable melodies over chords: motifs of rhythm and contour, repeated and varied."""

from __future__ import annotations

import numpy as np

from otio_hpm.sketch.harmony import scale_keys

Tones = list[tuple[int, int, int]]
"""(tick, length in ticks, MIDI key) of each tone."""

_STEPS = (-2, -1, -1, 0, 1, 1, 2)
_VALUES = (1, 2, 3, 4, 6, 8)
"""Note values in eighths."""


class Melody:
    """A line that remembers its motifs from chord to chord."""

    def __init__(
        self, rng: np.random.Generator, tonic: int, mode: str, low: int, high: int, eighth: int
    ) -> None:
        self._rng, self._tonic, self._mode = rng, tonic, mode
        self._low, self._high, self._eighth = low, high, eighth
        self._rhythms: dict[tuple[int, int], list[int]] = {}
        self._contour = [int(step) for step in rng.choice(_STEPS, 16)]
        self._key = low + int(rng.integers(3, max(4, high - low - 2)))

    def over(
        self, tick: int, eighths: int, chord: tuple[int, ...], activity: float, last: bool
    ) -> Tones:
        """Tones over one chord. activity 0..1 sets the rhythm; the last chord of a phrase rests.

        Mostly stepwise, chord tones on strong beats: what makes a line easy to sing and remember
        (Huron 2006, Sweet Anticipation, chapter 5).
        """
        keys = scale_keys(self._tonic, self._mode, chord, self._low, self._high)
        rhythm = [eighths] if last else self._rhythm(eighths, activity)
        if self._rng.random() < 0.15:
            self._contour = [-step for step in self._contour]
        tones: Tones = []
        for index, value in enumerate(rhythm):
            strong = index == 0 or value >= 4
            self._key = self._next(keys, chord, strong, self._contour[index % 16])
            tones.append((tick, value * self._eighth, self._key))
            tick += value * self._eighth
        return tones

    def _rhythm(self, eighths: int, activity: float) -> list[int]:
        """The motif's rhythm for this length and activity; a new one in every fifth place."""
        level = min(3, int(activity * 4))
        if (eighths, level) not in self._rhythms or self._rng.random() < 0.2:
            self._rhythms[eighths, level] = _draw_rhythm(self._rng, eighths, level)
        return self._rhythms[eighths, level]

    def _next(self, keys: list[int], chord: tuple[int, ...], strong: bool, step: int) -> int:
        centre = (self._low + self._high) / 2
        if abs(self._key - centre) > 8 and (self._key > centre) == (step > 0):
            step = -step
        place = min(range(len(keys)), key=lambda i: abs(keys[i] - self._key)) + step
        target = keys[min(max(place, 0), len(keys) - 1)]
        if not strong:
            return target
        tones = [key for key in keys if key % 12 in {pitch % 12 for pitch in chord}]
        return min(tones, key=lambda key: abs(key - target))


def _draw_rhythm(rng: np.random.Generator, eighths: int, level: int) -> list[int]:
    """Note values that fill `eighths`; level 0 long notes to 3 short ones."""
    weights = np.array(
        (
            (0.0, 0.3, 0.15, 0.35, 0.1, 0.1),
            (0.05, 0.35, 0.15, 0.35, 0.1, 0.0),
            (0.25, 0.45, 0.15, 0.15, 0.0, 0.0),
            (0.5, 0.4, 0.05, 0.05, 0.0, 0.0),
        )[level]
    )
    rhythm: list[int] = []
    while eighths > 0:
        value = min(int(rng.choice(_VALUES, p=weights)), eighths)
        if value == 3 and eighths >= 4:
            rhythm += [3, 1]
            eighths -= 4
            continue
        rhythm.append(value)
        eighths -= value
    return rhythm
