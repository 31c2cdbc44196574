"""The melody of a cue: one motif through all its phrases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from otio_hpm.sketch.course import Course
from otio_hpm.sketch.harmony import Key, scale_keys
from otio_hpm.sketch.metre import BAR_BEATS, TICKS_PER_S, Phrase
from otio_hpm.sketch.motif import Motif, draw_motif

Tone = tuple[int, int, int]
"""(first tick, one past the last, MIDI key)"""

_SLOWEST_RATE, _FASTEST_RATE = 0.45, 3.8
"""Tones per second at arousal 0 and 1, as the corpus's melodies have them."""
_STILL = 0.13
"""Arousal below which a whole phrase may rest."""
_REACH = 9
"""Semitones that the line leaves its register's middle at most, except at hits."""
_TENSE_AROUSAL, _TENSE_VALENCE = 0.5, 0.42


@dataclass(frozen=True, kw_only=True)
class Moods:
    """What the picture feels like, per tick."""

    arousal: Course
    """(ticks,) 0..1"""
    valence: Course
    """(ticks,) 0..1"""


class Line:
    """Writes a melody phrase by phrase, and remembers where it is."""

    def __init__(self, key: Key, beat: int, moods: Moods, rng: np.random.Generator) -> None:
        self._key, self._beat, self._moods = key, beat, moods
        self._motif = draw_motif(rng)
        self._turned = rng.random() < 0.5
        self._calm = key.progression(False, rng)
        self._tense = key.progression(True, rng)
        self._last: int | None = None
        self._owed = 0.0
        self._rested = False

    def write(self, phrases: list[Phrase]) -> list[Tone]:
        """Tones of all phrases, one after the other."""
        tones: list[Tone] = []
        for index, phrase in enumerate(phrases):
            cue_ends = index == len(phrases) - 1
            if self._may_rest(phrase) and index > 0 and not cue_ends:
                self._rested = True
                continue
            self._rested = False
            tones += self._phrase(phrase, answer=index % 2 == 1 or phrase.last, ends=cue_ends)
        return tones

    def _may_rest(self, phrase: Phrase) -> bool:
        felt = self._moods.arousal[phrase.start : phrase.end]
        return not (self._rested or phrase.hit or phrase.first) and bool(felt.max() < _STILL)

    def _phrase(self, phrase: Phrase, *, answer: bool, ends: bool) -> list[Tone]:
        """Bars of the motif, then a close: open in questions, on the tonic in answers."""
        arousal = float(self._moods.arousal[phrase.start : phrase.end].mean())
        valence = float(self._moods.valence[phrase.start : phrase.end].mean())
        tense = arousal > _TENSE_AROUSAL and valence < _TENSE_VALENCE
        chords = self._tense if tense else self._calm
        close = self._close(phrase, arousal)
        starts: list[tuple[int, int]] = []
        for bar, tick in enumerate(range(phrase.origin, close, BAR_BEATS * self._beat)):
            end = min(tick + BAR_BEATS * self._beat, close)
            starts += self._bar(bar, tick, end, chords[bar % len(chords)], phrase.hit)
        final = self._key.tonic_chord if answer else self._key.dominant_chord
        hit_only = phrase.hit and not starts
        starts.append((close, self._closing(final, arousal, valence, hit=hit_only)))
        return self._sounding(starts, phrase, arousal, ends)

    def _close(self, phrase: Phrase, arousal: float) -> int:
        """Tick of the closing tone, on a beat; the calmer, the longer it is."""
        beats = (phrase.end - phrase.origin) / self._beat
        held = 3 if arousal < 0.2 else 2 if arousal < 0.6 else 1
        return phrase.origin + max(0, int(beats) - held) * self._beat

    def _bar(
        self, bar: int, tick: int, end: int, chord: tuple[int, ...], hit: bool
    ) -> list[tuple[int, int]]:
        """(tick, key) of one bar over a chord."""
        motif = self._varied(bar)
        mood = slice(tick, max(end, tick + 1))
        arousal = float(self._moods.arousal[mood].mean())
        valence = float(self._moods.valence[mood].mean())
        length = BAR_BEATS * self._beat
        wanted = _rate(arousal) * length / TICKS_PER_S + self._owed
        count = max(1, int(wanted))
        onsets = [(t, step) for t, step in motif.onsets(length, count) if tick + t < end]
        self._owed = float(np.clip(wanted - count, -1.0, 1.0))
        keys = self._keys(chord, arousal, valence)
        accent = self._struck(keys, chord) if hit and bar == 0 else None
        placed = self._placed(onsets, keys, chord, length, accent)
        self._last = placed[-1][1]
        return [(tick + t, key) for t, key in placed]

    def _varied(self, bar: int) -> Motif:
        """The motif, its sequence on the next chord, then a variation, then the motif again."""
        return self._motif.inverted() if bar % 4 == 2 and self._turned else self._motif

    def _keys(self, chord: tuple[int, ...], arousal: float, valence: float) -> list[int]:
        """Keys the line may use: higher with pleasure and arousal.

        Gabrielsson & Lindström 2010, chapter 14.
        """
        middle = round(63 + 9 * valence + 5 * arousal)
        return scale_keys(
            self._key.tonic, self._key.mode, chord, middle - _REACH, middle + _REACH + 2
        )

    def _placed(
        self,
        onsets: list[tuple[int, int | None]],
        keys: list[int],
        chord: tuple[int, ...],
        length: int,
        accent: int | None,
    ) -> list[tuple[int, int]]:
        """Keys for a bar's onsets: the motif on a chord tone, then what passes between."""
        anchor = accent if accent is not None else self._nearest(keys, chord, self._home(keys))
        fixed: dict[int, int] = {}
        for tick, step in onsets:
            if step is not None:
                target = _stepped(keys, anchor, step)
                strong = tick == 0 or tick == length // 2
                fixed[tick] = self._nearest(keys, chord, target) if strong and tick else target
        placed: list[tuple[int, int]] = []
        for index, (tick, step) in enumerate(onsets):
            if step is None:
                after = next((fixed[t] for t, s in onsets[index:] if s is not None), anchor)
                placed.append((tick, _passing(keys, placed[-1][1], after)))
            else:
                placed.append((tick, fixed[tick]))
        return placed

    def _home(self, keys: list[int]) -> float:
        """Between where the line is and the middle of its register."""
        middle = (keys[0] + keys[-1]) / 2
        return middle if self._last is None else 0.6 * self._last + 0.4 * middle

    def _nearest(self, keys: list[int], chord: tuple[int, ...], target: float) -> int:
        """The chord tone nearest to a target, rather not the one that sounded last."""
        tones = [key for key in keys if key % 12 in chord] or keys
        return min(tones, key=lambda key: abs(key - target) + 2.5 * (key == self._last))

    def _struck(self, keys: list[int], chord: tuple[int, ...]) -> int:
        """A tone that is heard as new: higher than the last, and of another pitch class."""
        last = self._last if self._last is not None else keys[0]
        tones = [key for key in keys if key % 12 in chord and key % 12 != last % 12]
        higher = [key for key in tones if key >= last + 3]
        return min(higher) if higher else max(tones or keys)

    def _closing(self, chord: tuple[int, ...], arousal: float, valence: float, *, hit: bool) -> int:
        """The tone a phrase closes with: the chord's root for an answer, else a near chord tone."""
        keys = self._keys(chord, arousal, valence)
        if hit:
            self._last = self._struck(keys, chord)
            return self._last
        wanted = chord[:1] if chord == self._key.tonic_chord else chord
        self._last = self._nearest(keys, wanted, self._home(keys))
        return self._last

    def _sounding(
        self, starts: list[tuple[int, int]], phrase: Phrase, arousal: float, ends: bool
    ) -> list[Tone]:
        """Tones that last to the next, the last one with a breath after it."""
        starts[0] = (phrase.start, starts[0][1])
        room = phrase.end - starts[-1][0]
        breath = 0 if ends else min(max(1, room // 5), self._beat // 2)
        edges = [*(tick for tick, _ in starts[1:]), max(phrase.end - breath, starts[-1][0] + 1)]
        return [(tick, end, key) for (tick, key), end in zip(starts, edges, strict=True)]


def _rate(arousal: float) -> float:
    """Tones per second; density grows with arousal (Livingstone et al. 2010, table 1)."""
    return float(_SLOWEST_RATE * (_FASTEST_RATE / _SLOWEST_RATE) ** arousal)


def _stepped(keys: list[int], anchor: int, step: int) -> int:
    """A key some scale steps from another; the line turns back at the edge of its register."""
    place = min(range(len(keys)), key=lambda i: abs(keys[i] - anchor))
    if not 0 <= place + step < len(keys):
        step = -step
    return keys[min(max(place + step, 0), len(keys) - 1)]


def _passing(keys: list[int], before: int, after: int) -> int:
    """A scale tone between two, or a neighbour where there is none."""
    between = [key for key in keys if min(before, after) < key < max(before, after)]
    if between:
        return between[len(between) // 2]
    place = min(range(len(keys)), key=lambda i: abs(keys[i] - before))
    return keys[place + 1] if place + 1 < len(keys) else keys[place - 1]
