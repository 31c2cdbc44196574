"""One system's row: its clips paired with the reference's, and the figures of all measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from otio_hpm.evaluation.evidence.report import Figure
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.features import Features, Values
from otio_hpm.evaluation.tables.measures import MEASURES
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.evaluation.tables.systems import System

Kept = list[dict[str, Values] | None]
"""Features of each reference clip's counterpart; None where there is none."""
_SHORT_S = 0.1
_SHIFT = 2
"""By how many clips shuffled pairs are apart; the next one is what composed clips follow."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure and the clips that it is of."""

    figure: Figure
    clips: tuple[str, ...]
    """Names, one for each of the figure's items."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A system's figures."""

    system: str
    says: str
    """Where its music comes from."""
    missing: tuple[str, ...]
    """Reference clips that it has no music for; nothing is put in their place."""
    short: tuple[str, ...]
    """Clips that end more than 0.1 s before their reference; compared as far as they go."""
    cells: dict[str, Cell]
    """By column."""
    shuffled: dict[str, Cell]
    """The same clips, each held against the reference two further on."""


class Comparison:
    """Rows of systems on one reference."""

    def __init__(self, reference: Reference, features: Features, measures: Sequence[str]) -> None:
        """Features of the reference are computed when the first row is asked for."""
        self._reference, self._features = reference, features
        self._measures = [MEASURES[name] for name in measures]
        self._against: dict[str, Kept] = {}

    def row(self, system: System, told: Callable[[int], None] = lambda index: None) -> Row:
        """Measure a system; `told` hears of each clip's number. Raises MediaError, OutputError."""
        made: Kept = []
        short = []
        for index, name in enumerate(self._reference.names):
            told(index)
            sound, length = system.sound(index), len(self._reference.sound(index))
            if sound is not None and length - len(sound) > _SHORT_S * self._reference.sample_rate:
                short.append(name)
            made.append(self._of(None if sound is None else sound[:length], "reference", "style"))
        return Row(
            system=system.name,
            says=system.says,
            missing=self._names(i for i, kept in enumerate(made) if kept is None),
            short=tuple(short),
            cells=self._cells(made, shuffled=False),
            shuffled=self._cells(made, shuffled=True),
        )

    def _cells(self, made: Kept, *, shuffled: bool) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for measure in self._measures:
            against = self._kept(measure.against)
            both = [i for i, kept in enumerate(made) if kept is not None and against[i] is not None]
            if not both or (shuffled and (not measure.paired or _SHIFT % len(both) == 0)):
                continue
            shift = _SHIFT % len(both) if shuffled else 0
            others = both[shift:] + both[:shift]
            figures = measure.figures(
                _feature(made, both, measure.feature), _feature(against, others, measure.feature)
            )
            cells |= {f.name: Cell(figure=f, clips=self._names(both)) for f in figures}
        return cells

    def _kept(self, against: str) -> Kept:
        """Features of the reference's music or styles."""
        if against not in self._against:
            read = self._reference.sound if against == "reference" else self._reference.style
            numbers = range(len(self._reference.names))
            self._against[against] = [self._of(read(index), against) for index in numbers]
        return self._against[against]

    def _of(self, sound: Sound | None, *against: str) -> dict[str, Values] | None:
        """Features of a sound that measures against these need."""
        if sound is None:
            return None
        kinds = {m.feature for m in self._measures if m.against in against}
        return {kind: self._features.of(kind, sound) for kind in sorted(kinds)}

    def _names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._reference.names[number] for number in numbers)


def _feature(kept: Kept, numbers: Sequence[int], kind: str) -> list[Values]:
    found = (kept[number] for number in numbers)
    return [np.asarray(features[kind]) for features in found if features is not None]
