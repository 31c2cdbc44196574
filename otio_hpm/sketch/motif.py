"""The one motif of a cue: a rhythm and a contour, thinned, filled and varied."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

_RHYTHMS = (
    (0, 3, 4, 6),
    (0, 2, 3, 4),
    (0, 4, 6, 7),
    (0, 1, 4, 6),
    (0, 2, 4, 5, 6),
    (0, 3, 4, 7),
    (0, 4, 5, 6),
    (0, 2, 6),
)
"""Eighths of a 4/4 bar on which a tone begins."""
_WEIGHT = (8, 0, 4, 2, 7, 1, 5, 3)
"""Metrical weight of each eighth, so that a thinned motif keeps its skeleton (Lerdahl &
Jackendoff 1983, A Generative Theory of Tonal Music, chapter 4; dotted places before weak ones)."""
EIGHTHS = 8
SHORTEST_TICKS = 3
"""192 ms: the shortest tone that the model's frames tell apart well."""


@dataclass(frozen=True, kw_only=True)
class Motif:
    """Tones of one bar."""

    eighths: tuple[int, ...]
    """Where they begin; the first is 0."""
    degrees: tuple[int, ...]
    """Scale steps from the first."""

    @property
    def size(self) -> int:
        """Number of tones."""
        return len(self.eighths)

    def inverted(self) -> Motif:
        """The contour upside down."""
        return replace(self, degrees=tuple(-degree for degree in self.degrees))

    def onsets(self, bar_ticks: int, count: int) -> list[tuple[int, int | None]]:
        """(tick in the bar, scale steps) of `count` tones, as far as there is room.

        Fewer tones than the motif has leave its skeleton; more divide its longest tones, and
        such a passing tone has None for steps.
        """
        tones: list[tuple[int, int | None]] = [
            (eighth * bar_ticks // EIGHTHS, degree) for eighth, degree in self._strongest(count)
        ]
        while len(tones) < count and (divided := _divided(tones, bar_ticks)):
            tones = divided
        return tones

    def _strongest(self, count: int) -> list[tuple[int, int]]:
        tones = sorted(zip(self.eighths, self.degrees, strict=True), key=lambda t: -_WEIGHT[t[0]])
        return sorted(tones[: max(1, count)])


def draw_motif(rng: np.random.Generator) -> Motif:
    """A motif of three to five tones: one leap, turned back by steps.

    Melodies move mostly by step, and a leap is followed by a step back (Huron 2006, Sweet
    Anticipation, chapter 5).
    """
    eighths = _RHYTHMS[int(rng.integers(len(_RHYTHMS)))]
    way = 1 if rng.random() < 0.6 else -1
    leap = int(rng.integers(1, len(eighths) - 1))
    degrees = [0]
    for index in range(1, len(eighths)):
        step = int(rng.integers(2, 5)) if index == leap else -1 if index > leap else 1
        degrees.append(degrees[-1] + way * step)
    return Motif(eighths=eighths, degrees=tuple(degrees))


def _divided(
    tones: list[tuple[int, int | None]], bar_ticks: int
) -> list[tuple[int, int | None]] | None:
    """One more tone in the middle of the longest, or None where all are short."""
    ends = [*(tick for tick, _ in tones[1:]), bar_ticks]
    lengths = [end - tick for (tick, _), end in zip(tones, ends, strict=True)]
    longest = int(np.argmax(lengths))
    if lengths[longest] < 2 * SHORTEST_TICKS:
        return None
    # On an eighth where the tone is longer than one.
    grid = bar_ticks // EIGHTHS if lengths[longest] >= bar_ticks // 4 else 1
    middle = tones[longest][0] + max(1, lengths[longest] // 2 // grid) * grid
    return [*tones[: longest + 1], (middle, None), *tones[longest + 1 :]]
