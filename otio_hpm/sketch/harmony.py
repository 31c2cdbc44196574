"""Keys, chords and progressions of the composed music."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Names of the pitch classes, as keys are most often spelt."""

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
"""Semitones of the seven degrees above the tonic."""

_CHORDS = {
    "I": (0, 4, 7),
    "ii": (2, 5, 9),
    "iii": (4, 7, 11),
    "IV": (5, 9, 0),
    "V": (7, 11, 2),
    "vi": (9, 0, 4),
    "bVII": (10, 2, 5),
    "bVI": (8, 0, 3),
    "IM7": (0, 4, 7, 11),
    "IVM7": (5, 9, 0, 4),
    "vi7": (9, 0, 4, 7),
    "V7": (7, 11, 2, 5),
    "iv": (5, 8, 0),
    "i": (0, 3, 7),
    "III": (3, 7, 10),
    "v": (7, 10, 2),
    "VI": (8, 0, 3),
    "VII": (10, 2, 5),
    "ii°": (2, 5, 8),
    "vii°": (11, 2, 5, 8),
    "bII": (1, 5, 8),
    "#iv°": (6, 9, 0, 3),
    "i#7": (0, 3, 7, 11),
}
"""Roman numeral to semitones above the tonic, root first."""

_PROGRESSIONS = {
    "major": (
        "I V vi IV",
        "I vi IV V",
        "I IV I V",
        "I iii IV V",
        "vi IV I V",
        "I ii V I",
        "I V vi iii IV I IV V",
        "IM7 IVM7 IM7 IVM7",
        "I bVII IV I",
        "I vi ii V7",
        "IV I V vi",
    ),
    "dorian": ("i IV i VII", "i VII IV i", "i III IV i", "i v IV VII", "i ii IV i"),
    "minor": (
        "i VI III VII",
        "i iv V i",
        "i VII VI V",
        "i VI iv V",
        "i v VI iv",
        "i iv VI V7",
        "i III VII iv",
        "VI VII i i",
    ),
    "tension": (
        "i bII i vii°",
        "i #iv° i vii°",
        "i i#7 VI vii°",
        "i ii° V vii°",
        "i VI bII V",
        "i vii° i bII",
    ),
}

_DARKENED = "I iv bVI V"


@dataclass(frozen=True, kw_only=True)
class Key:
    """Tonic and mode of a piece."""

    tonic: int
    """Pitch class, 0 is C."""
    mode: str
    """A name in MODES."""

    @property
    def name(self) -> str:
        """Such as "D minor"."""
        return f"{NAMES[self.tonic]} {self.mode}"

    @property
    def tonic_chord(self) -> tuple[int, ...]:
        """Pitch classes of the chord that closes, root first."""
        return self._absolute(_CHORDS["I" if self.mode == "major" else "i"])

    @property
    def dominant_chord(self) -> tuple[int, ...]:
        """Pitch classes of the chord of an open close, root first."""
        return self._absolute(_CHORDS["v" if self.mode == "dorian" else "V"])

    def progression(self, tense: bool, rng: np.random.Generator) -> list[tuple[int, ...]]:
        """Chords as pitch classes, root first; in major, tension borrows from minor."""
        kind = "tension" if tense and self.mode != "major" else self.mode
        line = _DARKENED if tense and self.mode == "major" else str(rng.choice(_PROGRESSIONS[kind]))
        return [self._absolute(_CHORDS[numeral]) for numeral in line.split()]

    def _absolute(self, chord: tuple[int, ...]) -> tuple[int, ...]:
        return tuple((self.tonic + step) % 12 for step in chord)


def draw_key(valence: float, rng: np.random.Generator) -> Key:
    """A key for the whole of a piece; the mode follows valence (`choose_mode`)."""
    return Key(tonic=int(rng.integers(12)), mode=choose_mode(valence, rng))


def choose_mode(valence: float, rng: np.random.Generator) -> str:
    """Major for pleasant, minor for unpleasant, dorian between.

    The surest cue of valence (Gabrielsson & Lindström 2010, Handbook of Music and Emotion,
    chapter 14; Livingstone et al. 2010, Computer Music Journal 34(1), table 1).
    """
    felt = valence + rng.normal(0.0, 0.07)
    return "major" if felt > 0.52 else "dorian" if felt > 0.42 else "minor"


def choose_progression(mode: str, tense: bool, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Chords as semitones above the tonic, root first, to be repeated.

    Diminished chords and the lowered second for tension: dissonance is heard as unpleasant and,
    when loud, as threat (Gabrielsson & Lindström 2010, chapter 14).
    """
    line = str(rng.choice(_PROGRESSIONS["tension" if tense else mode]))
    return [_CHORDS[numeral] for numeral in line.split()]


def voicing(chord: tuple[int, ...], previous: list[int], low: int) -> list[int]:
    """Close position of a chord that moves least from the previous one.

    chord: absolute pitch classes. low: lowest key allowed. Returns ascending MIDI keys.
    """
    options = [
        _stacked(chord, turn, low + octave) for turn in range(len(chord)) for octave in (0, 12)
    ]
    centre = [low + 6, low + 10, low + 14]
    return min(options, key=lambda keys: _movement(keys, previous or centre))


def _stacked(chord: tuple[int, ...], turn: int, low: int) -> list[int]:
    first = low + (chord[turn] - low) % 12
    keys = [first]
    for pitch in (*chord[turn + 1 :], *chord[:turn]):
        keys.append(keys[-1] + (pitch - keys[-1]) % 12)
    return keys


def _movement(keys: list[int], previous: list[int]) -> float:
    """Mean distance in semitones from each key to the nearest of the previous ones."""
    moves = [min(abs(key - old) for old in previous) for key in keys]
    spread = abs(sum(keys) / len(keys) - sum(previous) / len(previous))
    return sum(moves) / len(moves) + 0.5 * spread


def scale_keys(tonic: int, mode: str, chord: tuple[int, ...], low: int, high: int) -> list[int]:
    """Keys a melody may use over a chord: the mode, bent where the chord has another note.

    A scale note a semitone from a chord note that is not in the scale gives way to it.
    """
    classes = {(tonic + step) % 12 for step in MODES[mode]}
    for pitch in chord:
        if pitch % 12 not in classes:
            classes -= {(pitch + 1) % 12, (pitch - 1) % 12} - {other % 12 for other in chord}
            classes.add(pitch % 12)
    return [key for key in range(low, high + 1) if key % 12 in classes]
