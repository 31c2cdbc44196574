"""Accents at hit points: what sounds is struck anew together, now and then after a build-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from otio_hpm.sketch.metre import TICKS_PER_S
from otio_hpm.training import orchestration as gm
from otio_hpm.training.affect import FPS, Affect
from otio_hpm.training.notes import Note, Section, arousal_at
from otio_hpm.training.orchestration import into_range

_GAP_TICKS = 4
"""A quarter of a second: in a room, a shorter one is filled by what rings on."""
_STAB_TICKS = 10


def hit_ticks(affect: Affect) -> tuple[int, ...]:
    """Ticks of the clip's hit points."""
    return tuple(round(frame / FPS * TICKS_PER_S) for frame in affect.hits)


def with_accents(
    notes: Iterable[Note], section: Section, affect: Affect, rng: np.random.Generator
) -> tuple[Note, ...]:
    """The section's notes with an accent at each of its hit points.

    A short silence before it and everything at once on it: sudden onsets and level make a sting
    startle (Huron 2006, Sweet Anticipation, chapter 2).
    """
    result = list(notes)
    for tick in hit_ticks(affect):
        if section.tick <= tick < section.end - 2:
            result = _struck(result, tick, section, arousal_at(affect, tick), rng)
    return tuple(result)


def _struck(
    notes: list[Note], tick: int, section: Section, arousal: float, rng: np.random.Generator
) -> list[Note]:
    """The notes with one hit point struck, and what sounds through it cut before."""
    gap = tick - _GAP_TICKS
    through = [note for note in notes if note.tick <= tick < note.tick + note.ticks]
    before = [note for note in notes if note.tick < gap]
    result = [_ended_before(note, gap) for note in before]
    result += [note for note in notes if note.tick > tick]
    struck = [_anew(note, tick) for note in through]
    sounding = {(note.program, note.key) for note in struck}
    stab = _stab(through, tick, section, arousal)
    result += struck + [note for note in stab if (note.program, note.key) not in sounding]
    if arousal > 0.35 and rng.random() < 0.4:
        result += _build_up(tick, section, int(rng.integers(8, 24)), arousal)
    return result


def _ended_before(note: Note, tick: int) -> Note:
    """The note cut at a tick, if it begins before that."""
    return replace(note, ticks=min(note.ticks, tick - note.tick)) if note.tick < tick else note


def _anew(note: Note, tick: int) -> Note:
    """The rest of a sounding note, struck again and harder."""
    ticks = note.tick + note.ticks - tick
    return replace(note, tick=tick, ticks=ticks, velocity=min(127, note.velocity + 40))


def _stab(through: list[Note], tick: int, section: Section, arousal: float) -> list[Note]:
    """Low drum, and the chord in brass or plucked strings, as strong as the moment."""
    ticks = min(_STAB_TICKS, section.end - tick)
    program = section.orchestra.brass if arousal > 0.5 else gm.PIZZICATO
    chord = sorted({into_range(note.key, program) for note in through})[:5]
    velocity = int(80 + 47 * arousal)
    struck = [(program, key) for key in chord]
    struck.append((gm.TIMPANI, into_range(36 + section.tonic, gm.TIMPANI)))
    return [
        Note(tick=tick, ticks=ticks, key=key, velocity=velocity, program=program)
        for program, key in struck
    ]


def _build_up(tick: int, section: Section, ticks: int, arousal: float) -> list[Note]:
    """A drum roll that grows into the hit."""
    first = max(section.tick, tick - ticks)
    key = into_range(36 + section.tonic, gm.TIMPANI)
    steps = range(first, tick - _GAP_TICKS)
    return [
        Note(
            tick=at, ticks=1, key=key, program=gm.TIMPANI,
            velocity=int(20 + (30 + 60 * arousal) * (at - first) / max(1, len(steps))),
        )
        for at in steps
    ]  # fmt: skip
