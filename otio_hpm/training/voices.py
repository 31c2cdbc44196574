"""A passage of a score in the clip's time and key, with the role of every note."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from otio_hpm.training.notes import Section
from otio_hpm.training.score_reading import Ints
from otio_hpm.training.scores import PRE_ROLL_TICKS, Passage

LEAD, INNER, BASS = range(3)

_MANY_ONSETS = 1.2
"""Onsets a beat from which an inner part is a figure rather than a pad."""


@dataclass(frozen=True, kw_only=True)
class Tone:
    """A note of the score in the clip's time."""

    tick: int
    """Begin in ticks of 64 ms."""
    ticks: int
    """Length as written."""
    key: int
    """MIDI key, in the section's key."""
    role: int
    """LEAD, INNER or BASS."""
    part: int
    """Part of the score, 0 is the first."""
    downbeat: bool
    """Whether a bar begins here."""


def tones_of(passage: Passage, section: Section, rng: np.random.Generator) -> list[Tone]:
    """The passage's notes in ticks, transposed, with their roles."""
    begin = _begin(section, rng)
    ticks_per_unit = section.beat_ticks / passage.piece.beat
    rows = _rows(passage, (section.end - begin) / ticks_per_unit)
    if not len(rows):
        return []
    onsets = begin + np.rint((rows[:, 0] - passage.start) * ticks_per_unit).astype(int)
    lengths = np.maximum(1, np.rint(rows[:, 1] * ticks_per_unit).astype(int))
    shift = (section.tonic - passage.tonic + 5) % 12 - 5
    return [
        Tone(tick=tick, ticks=ticks, key=key + shift, role=role, part=part, downbeat=downbeat)
        for tick, ticks, key, part, role, downbeat in zip(
            onsets.tolist(),
            lengths.tolist(),
            rows[:, 2].tolist(),
            rows[:, 3].tolist(),
            _roles(rows),
            np.isin(rows[:, 0], passage.piece.bars).tolist(),
            strict=True,
        )
        if tick < section.end
    ]


def _begin(section: Section, rng: np.random.Generator) -> int:
    """The tick at which a section's music begins."""
    # Most clips are cut from the middle of a piece.
    under_way = section.tick == 0 and rng.random() < 0.6
    return section.tick - (int(rng.integers(4, PRE_ROLL_TICKS + 1)) if under_way else 0)


def _rows(passage: Passage, units: float) -> Ints:
    """The notes that begin in so many units of a passage. -> (N, 4)"""
    notes = passage.piece.notes
    return notes[slice(*np.searchsorted(notes[:, 0], (passage.start, passage.start + units)))]


def _roles(rows: Ints) -> list[int]:
    """Melody is the top of the highest part, bass the bottom of the lowest, the rest is inner."""
    parts, counts = np.unique(rows[:, 3], return_counts=True)
    # A part that hardly plays here carries neither melody nor bass.
    heights = {
        int(part): float(rows[rows[:, 3] == part, 2].mean())
        for part, count in zip(parts, counts, strict=True)
        if count >= 0.08 * len(rows)
    }
    top, bottom = max(heights, key=heights.__getitem__), min(heights, key=heights.__getitem__)
    highest: dict[int, int] = {}
    lowest: dict[int, int] = {}
    for onset, _, key, part in rows.tolist():
        if part == top:
            highest[onset] = max(key, highest.get(onset, key))
        if part == bottom:
            lowest[onset] = min(key, lowest.get(onset, key))
    return [
        LEAD
        if part == top and highest[onset] == key
        else BASS
        if part == bottom and lowest[onset] == key
        else INNER
        for onset, _, key, part in rows.tolist()
    ]


def busy_parts(tones: list[Tone], section: Section) -> dict[tuple[int, int], bool]:
    """Each role and part, and whether its notes follow one another too fast for a pad."""
    onsets: dict[tuple[int, int], set[int]] = {}
    for tone in tones:
        onsets.setdefault((tone.role, tone.part), set()).add(tone.tick)
    ticks = max(tone.tick + tone.ticks for tone in tones) - tones[0].tick
    beats = min(ticks, section.end - tones[0].tick) / section.beat_ticks
    return {layer: len(own) / beats > _MANY_ONSETS for layer, own in onsets.items()}
