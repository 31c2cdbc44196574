"""The score of a clip: notes, in the sections that its scenes are."""

from __future__ import annotations

from dataclasses import dataclass

from otio_hpm.sketch.metre import TICKS_PER_S
from otio_hpm.training.affect import FPS, FRAMES, Affect
from otio_hpm.training.orchestration import Orchestra

TICKS = 160
"""Ticks of 64 ms (3072 samples at 48 kHz) in a clip; every note begins on one."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note of the score."""

    tick: int
    """Begin in ticks of 64 ms; negative before the clip, where the music is already under way."""
    ticks: int
    """Length."""
    key: int
    """MIDI key."""
    velocity: int
    """1 to 127, linear in amplitude."""
    program: int
    """General MIDI program, from 0."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Music of one scene."""

    tick: int
    """Begin in ticks."""
    end: int
    """One past the last tick."""
    tonic: int
    """Pitch class of the key, 0 is C."""
    mode: str
    """major, dorian or minor."""
    beat_ticks: int
    """Ticks of a quarter note."""
    orchestra: Orchestra
    """Who plays."""
    tense: bool
    """Whether dissonance, tremolo and pulses are called for."""
    valence: float
    """Mean over the section, 0..1."""
    frames: tuple[int, int]
    """First and one past the last picture frame."""
    notes: tuple[Note, ...] = ()
    """What is played."""

    @property
    def tempo_bpm(self) -> float:
        """Beats a minute."""
        return 60 * TICKS_PER_S / self.beat_ticks


def arousal_at(affect: Affect, tick: int) -> float:
    """Arousal at a tick, 0..1."""
    frame = int((tick + 0.5) / TICKS_PER_S * FPS)
    return float(affect.arousal[min(max(frame, 0), FRAMES - 1)])
