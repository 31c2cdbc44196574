"""One system's row: its clips paired with the reference's, and the figures of all measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from otio_hpm.evaluation.evidence.report import Figure
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.features import Features
from otio_hpm.evaluation.tables.measures import MEASURES, Against
from otio_hpm.evaluation.tables.picture_figures import join_changes
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.evaluation.tables.style_figures import Beside, Known
from otio_hpm.evaluation.tables.systems import System

Kept = list[dict[str, Any] | None]
"""By feature, what each clip is measured by or held against; None where there is nothing."""
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
        self._against: dict[Against, Kept] = {}

    def row(self, system: System, told: Callable[[int], None] = lambda index: None) -> Row:
        """Measure a system; `told` hears of each clip's number. Raises MediaError, OutputError."""
        made: Kept = []
        short = []
        for index, name in enumerate(self._reference.names):
            told(index)
            sound, length = system.sound(index), self._reference.samples(index)
            if sound is not None and length - len(sound) > _SHORT_S * self._reference.sample_rate:
                short.append(name)
            made.append(None if sound is None else self._made(system, index, sound[:length]))
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
            against = made if measure.against == "itself" else self._kept(measure.against)
            both = [
                i for i, pair in enumerate(zip(made, against, strict=True))
                if all(kept is not None and measure.feature in kept for kept in pair)
            ]  # fmt: skip
            if not both or (shuffled and (not measure.paired or _SHIFT % len(both) == 0)):
                continue
            shift = _SHIFT % len(both) if shuffled else 0
            others = both[shift:] + both[:shift]
            figures = measure.figures(
                _feature(made, both, measure.feature), _feature(against, others, measure.feature)
            )
            cells |= {f.name: Cell(figure=f, clips=self._names(both)) for f in figures}
        return cells

    def _kept(self, against: Against) -> Kept:
        """What clips are held against."""
        if against not in self._against:
            numbers = range(len(self._reference.names))
            of = {"reference": self._heard, "style": self._followed, "film": self._seen,
                  "known": self._known}[against]  # fmt: skip
            self._against[against] = [of(index) for index in numbers]
        return self._against[against]

    def _heard(self, index: int) -> dict[str, Any]:
        return self._of(self._reference.sound(index), {"reference"})

    def _followed(self, index: int) -> dict[str, Any] | None:
        style = self._reference.style(index)
        return None if style is None else self._of(style, {"style"})

    def _seen(self, index: int) -> dict[str, Any] | None:
        film = self._reference.film(index)
        return None if film is None else {kind: film for kind in self._kinds({"film"})}

    def _known(self, index: int) -> dict[str, Any] | None:
        style = self._reference.class_of(index)
        if style is None or not self._all_known:
            return None
        return {kind: Beside(known=known, style=style) for kind, known in self._all_known.items()}

    @cached_property
    def _all_known(self) -> dict[str, Known]:
        """Music that was trained on, by feature; empty where none is known."""
        clips = [(self._of(sound, {"known"}), style) for sound, style in self._reference.known()]
        styles = [style for _, style in clips]
        kinds = self._kinds({"known"}) if clips else []
        return {kind: Known([found[kind] for found, _ in clips], styles) for kind in kinds}

    def _made(self, system: System, index: int, sound: Sound) -> dict[str, Any]:
        """All that measures need of a system's clip."""
        found = self._of(sound, {"reference", "style", "film", "known"})
        wanted = self._kinds({"itself"})
        if "seconds" in wanted and system.seconds is not None:
            found["seconds"] = np.array(system.seconds(index))
        if "joins" in wanted and system.plan is not None:
            both = sound, self._reference.sound(index)
            joins = join_changes(both, system.plan(len(both[1])), self._features.config)
            found |= {} if joins is None else {"joins": joins}
        return found

    def _of(self, sound: Sound, against: set[Against]) -> dict[str, Any]:
        """Features of a sound that measures against these need."""
        return {kind: self._features.of(kind, sound) for kind in self._kinds(against)}

    def _kinds(self, against: set[Against]) -> list[str]:
        return sorted({m.feature for m in self._measures if m.against in against})

    def _names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._reference.names[number] for number in numbers)


def _feature(kept: Kept, numbers: Sequence[int], kind: str) -> list[Any]:
    found = (kept[number] for number in numbers)
    return [features[kind] for features in found if features is not None]
