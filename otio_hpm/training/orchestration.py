"""Which instrument plays which role, how loud and how high, for a given affect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# General MIDI programs, counted from 0.
PIANO, CELESTA, GLOCKENSPIEL, MARIMBA = 0, 8, 9, 12
VIOLIN, VIOLA, CELLO, CONTRABASS = 40, 41, 42, 43
TREMOLO, PIZZICATO, HARP, TIMPANI, STRINGS, SLOW_STRINGS, CHOIR = 44, 45, 46, 47, 48, 49, 52
TRUMPET, TROMBONE, TUBA, HORN, BRASS, OBOE, BASSOON = 56, 57, 58, 60, 61, 68, 70
CLARINET, FLUTE, TAIKO = 71, 73, 116

RANGES = {
    PIANO: (28, 96),
    CELESTA: (60, 96),
    GLOCKENSPIEL: (72, 100),
    MARIMBA: (48, 84),
    VIOLIN: (57, 93),
    VIOLA: (50, 84),
    CELLO: (38, 72),
    CONTRABASS: (28, 52),
    TREMOLO: (36, 90),
    PIZZICATO: (36, 84),
    HARP: (36, 91),
    TIMPANI: (38, 55),
    STRINGS: (36, 91),
    SLOW_STRINGS: (36, 88),
    CHOIR: (48, 79),
    TRUMPET: (55, 82),
    TROMBONE: (40, 70),
    TUBA: (29, 52),
    HORN: (43, 74),
    BRASS: (40, 80),
    OBOE: (59, 86),
    BASSOON: (36, 66),
    CLARINET: (50, 84),
    FLUTE: (60, 93),
    TAIKO: (36, 48),
}
"""Lowest and highest key of each program in the music composed here (MIDI, 69 is A 440 Hz)."""

_QUIET_LEADS = (
    VIOLIN, VIOLIN, CELLO, CELLO, VIOLA, FLUTE, HORN, HORN, PIANO, SLOW_STRINGS, CHOIR, OBOE,
)  # fmt: skip
_BRIGHT_LEADS = (FLUTE, FLUTE, VIOLIN, VIOLIN, PIANO, STRINGS, CELESTA, HORN, OBOE)
_LOUD_LEADS = (STRINGS, STRINGS, HORN, HORN, BRASS, TRUMPET, VIOLIN, TROMBONE)
_DOUBLES = (STRINGS, VIOLIN, FLUTE, HORN, TRUMPET)
_QUIET_PADS = (SLOW_STRINGS, STRINGS, STRINGS, CHOIR)
_LOUD_PADS = (STRINGS, STRINGS, CHOIR)
_QUIET_FIGURES = (HARP, PIANO, HARP, CLARINET)
_LOUD_FIGURES = (PIANO, STRINGS, STRINGS, PIZZICATO)
_BASSES = (CONTRABASS, CELLO, CELLO, BASSOON)
_MOTORS = (PIANO, PIANO, MARIMBA)
_BRASSES = (HORN, HORN, BRASS, TROMBONE)
_SPARKLES = (CELESTA, GLOCKENSPIEL, HARP)


@dataclass(frozen=True, kw_only=True)
class Orchestra:
    """The programs of one section of music by role."""

    lead: int
    """Carries the melody."""
    double: int
    """Joins the melody an octave away as arousal rises."""
    pad: int
    """Holds the chords."""
    figure: int
    """Plays broken chords."""
    bass: int
    """Quiet bass."""
    motor: int
    """Plays the short repeated notes of lively music: struck, so that each is heard."""
    brass: int
    """Joins the chords in loud passages."""
    sparkle: int
    """High bell notes of pleasant music."""


def choose_orchestra(valence: float, arousal: float, rng: np.random.Generator) -> Orchestra:
    """Draw instruments that suit a mean valence and arousal, both 0..1.

    Brighter and larger sounds with arousal, softer timbres when calm; gentle high timbres with
    valence (Juslin & Timmers 2010, Handbook of Music and Emotion, table 17.2).
    """

    def one_of(programs: tuple[int, ...]) -> int:
        return int(rng.choice(programs))

    lead = one_of(_leads(valence, arousal))
    return Orchestra(
        lead=lead,
        double=one_of(tuple(program for program in _DOUBLES if program != lead)),
        pad=one_of(_QUIET_PADS if arousal < 0.6 else _LOUD_PADS),
        figure=one_of(_QUIET_FIGURES if arousal < 0.55 else _LOUD_FIGURES),
        bass=one_of(_BASSES),
        motor=one_of(_MOTORS),
        brass=one_of(_BRASSES),
        sparkle=one_of(_SPARKLES),
    )


def _leads(valence: float, arousal: float) -> tuple[int, ...]:
    """What may carry the melody; an instrument that is named twice is drawn as often."""
    if arousal > 0.6:
        return _LOUD_LEADS
    return _BRIGHT_LEADS if valence > 0.6 else _QUIET_LEADS


def into_range(key: int, program: int) -> int:
    """The same pitch class, moved by octaves into the program's range."""
    low, high = RANGES[program]
    while key < low:
        key += 12
    while key > high:
        key -= 12
    return key
