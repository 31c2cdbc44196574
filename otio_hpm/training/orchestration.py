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
    VIOLIN,
    VIOLIN,
    CELLO,
    CELLO,
    VIOLA,
    FLUTE,
    HORN,
    HORN,
    PIANO,
    SLOW_STRINGS,
    CHOIR,
    OBOE,
)
_BRIGHT_LEADS = (FLUTE, FLUTE, VIOLIN, VIOLIN, PIANO, STRINGS, CELESTA, HORN, OBOE)
_LOUD_LEADS = (STRINGS, STRINGS, HORN, HORN, BRASS, TRUMPET, VIOLIN, TROMBONE)


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
    if arousal > 0.6:
        leads: tuple[int, ...] = _LOUD_LEADS
    elif valence > 0.6:
        leads = _BRIGHT_LEADS
    else:
        leads = _QUIET_LEADS
    lead = int(rng.choice(leads))
    return Orchestra(
        lead=lead,
        double=int(rng.choice([p for p in (STRINGS, VIOLIN, FLUTE, HORN, TRUMPET) if p != lead])),
        pad=int(
            rng.choice(
                [SLOW_STRINGS, STRINGS, STRINGS, CHOIR]
                if arousal < 0.6
                else [STRINGS, STRINGS, CHOIR]
            )
        ),
        figure=int(
            rng.choice(
                [HARP, PIANO, HARP, CLARINET]
                if arousal < 0.55
                else [PIANO, STRINGS, STRINGS, PIZZICATO]
            )
        ),
        bass=int(rng.choice([CONTRABASS, CELLO, CELLO, BASSOON])),
        motor=int(rng.choice([PIANO, PIANO, MARIMBA])),
        brass=int(rng.choice([HORN, HORN, BRASS, TROMBONE])),
        sparkle=int(rng.choice([CELESTA, GLOCKENSPIEL, HARP])),
    )


def into_range(key: int, program: int) -> int:
    """The same pitch class, moved by octaves into the program's range."""
    low, high = RANGES[program]
    while key < low:
        key += 12
    while key > high:
        key -= 12
    return key
