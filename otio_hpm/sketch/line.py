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

_SLOWEST_RATE, _FASTEST_RATE = 0.42, 4.4
"""Tones per second at arousal 0 and 1, as the corpus's melodies have them."""
_SPANS = (2, 4, 8)
"""Beats of a statement of the motif: in diminution, as it is, in augmentation."""
_FORGIVEN = 1.2
"""Tones by which a statement may miss its density, so that the motif stays whole."""
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


@dataclass(frozen=True, kw_only=True)
class Mood:
    """Means of a stretch."""

    arousal: float
    """0..1"""
    valence: float
    """0..1"""

    @property
    def is_tense(self) -> bool:
        """Whether dissonance is called for: violent and unpleasant."""
        return self.arousal > _TENSE_AROUSAL and self.valence < _TENSE_VALENCE


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
        """Statements of the motif, then a close: open in questions, on the tonic in answers."""
        mood = self._mood(phrase.start, phrase.end)
        chords = self._tense if mood.is_tense else self._calm
        close = self._close(phrase, mood.arousal)
        starts: list[tuple[int, int]] = []
        tick, count = phrase.origin, 0
        while tick < close:
            span = self._span(tick, close)
            chord = chords[(tick - phrase.origin) // (BAR_BEATS * self._beat) % len(chords)]
            struck = phrase.hit and not count
            starts += self._statement(count, tick, min(tick + span, close), span, chord, struck)
            tick, count = tick + span, count + 1
        chord = self._key.tonic_chord if answer else self._key.dominant_chord
        starts.append((close, self._closing(chord, mood, struck=phrase.hit and not count)))
        return self._sounding(starts, phrase, ends)

    def _mood(self, start: int, end: int) -> Mood:
        part = slice(start, max(end, start + 1))
        return Mood(
            arousal=float(self._moods.arousal[part].mean()),
            valence=float(self._moods.valence[part].mean()),
        )

    def _close(self, phrase: Phrase, arousal: float) -> int:
        """Tick of the closing tone, on a beat; it is half as long again as others there."""
        beats = (phrase.end - phrase.origin) / self._beat
        held = round(1.5 * TICKS_PER_S / _rate(arousal) / self._beat)
        return phrase.origin + max(0, int(beats) - min(max(1, held), int(beats / 2))) * self._beat

    def _span(self, tick: int, close: int) -> int:
        """Ticks of the next statement: two, four or eight beats, as its tones should be dense."""
        mood = self._mood(tick, tick + BAR_BEATS * self._beat)
        wanted = self._motif.size * TICKS_PER_S / _rate(mood.arousal)
        beats = min(_SPANS, key=lambda span: abs(np.log(span * self._beat / wanted)))
        while tick + beats * self._beat > close and beats > min(_SPANS):
            beats //= 2
        return beats * self._beat

    def _statement(
        self, index: int, tick: int, end: int, span: int, chord: tuple[int, ...], struck: bool
    ) -> list[tuple[int, int]]:
        """(tick, key) of one statement of the motif over a chord."""
        mood = self._mood(tick, end)
        keys = self._keys(chord, mood)
        motif = self._motif.inverted() if self._turned and index % 4 == 2 else self._motif
        anchor = self._struck(keys, chord) if struck else self._anchor(keys, chord, motif)
        onsets = motif.onsets(span, self._count(mood.arousal, span))
        onsets = [(t, step) for t, step in onsets if tick + t < end]
        placed = _placed(onsets, keys, anchor)
        self._last = placed[-1][1]
        return [(tick + t, key) for t, key in placed]

    def _count(self, arousal: float, span: int) -> int:
        """Tones of a statement: the motif's own, unless too much is owed to arousal."""
        wanted = _rate(arousal) * span / TICKS_PER_S + self._owed
        size = self._motif.size
        count = size if abs(wanted - size) < _FORGIVEN else max(1, round(wanted))
        self._owed = float(np.clip(wanted - count, -_FORGIVEN, _FORGIVEN))
        return count

    def _keys(self, chord: tuple[int, ...], mood: Mood) -> list[int]:
        """Keys the line may use: higher with pleasure and arousal.

        Gabrielsson & Lindström 2010, chapter 14.
        """
        middle = round(63 + 9 * mood.valence + 5 * mood.arousal)
        return scale_keys(
            self._key.tonic, self._key.mode, chord, middle - _REACH, middle + _REACH + 2
        )

    def _anchor(self, keys: list[int], chord: tuple[int, ...], motif: Motif) -> int:
        """The chord tone to begin on: near the last tone, where the motif has room."""
        low, high = -min(motif.degrees), len(keys) - max(motif.degrees)
        return self._nearest(keys[low:high] or keys, chord)

    def _nearest(self, keys: list[int], chord: tuple[int, ...]) -> int:
        """The chord tone nearest to where the line is, rather not the one that sounded last."""
        tones = [key for key in keys if key % 12 in chord] or keys
        middle = (keys[0] + keys[-1]) / 2
        home = middle if self._last is None else 0.6 * self._last + 0.4 * middle
        return min(tones, key=lambda key: abs(key - home) + 2.5 * (key == self._last))

    def _struck(self, keys: list[int], chord: tuple[int, ...]) -> int:
        """A tone that is heard as new: higher than the last, and of another pitch class."""
        last = self._last if self._last is not None else keys[0]
        tones = [key for key in keys if key % 12 in chord and key % 12 != last % 12]
        higher = [key for key in tones if key >= last + 3]
        return min(higher) if higher else max(tones or keys)

    def _closing(self, chord: tuple[int, ...], mood: Mood, *, struck: bool) -> int:
        """The tone a phrase closes with: the tonic for an answer, else a tone of the dominant."""
        keys = self._keys(chord, mood)
        if struck:
            self._last = self._struck(keys, chord)
        else:
            wanted = chord[:1] if chord == self._key.tonic_chord else chord
            self._last = self._nearest(keys, wanted)
        return self._last

    def _sounding(self, starts: list[tuple[int, int]], phrase: Phrase, ends: bool) -> list[Tone]:
        """Tones that last to the next, the last one with a breath after it."""
        starts[0] = (phrase.start, starts[0][1])
        room = phrase.end - starts[-1][0]
        breath = 0 if ends else min(max(1, room // 4), self._beat // 2)
        edges = [*(tick for tick, _ in starts[1:]), max(phrase.end - breath, starts[-1][0] + 1)]
        return [(tick, end, key) for (tick, key), end in zip(starts, edges, strict=True)]


def _rate(arousal: float) -> float:
    """Tones per second; density grows with arousal (Livingstone et al. 2010, table 1)."""
    return float(_SLOWEST_RATE * (_FASTEST_RATE / _SLOWEST_RATE) ** arousal)


def _placed(
    onsets: list[tuple[int, int | None]], keys: list[int], anchor: int
) -> list[tuple[int, int]]:
    """Keys for a statement's tones: the motif from its anchor, and what passes between."""
    place = min(range(len(keys)), key=lambda i: abs(keys[i] - anchor))
    steps = [step for _, step in onsets if step is not None]
    # A motif that begins at the edge of the register turns inwards.
    way = 1 if place + min(steps) >= 0 and place + max(steps) < len(keys) else -1
    placed: list[tuple[int, int]] = []
    for index, (tick, step) in enumerate(onsets):
        if step is not None:
            key = keys[min(max(place + way * step, 0), len(keys) - 1)]
        else:
            after = next((s for _, s in onsets[index:] if s is not None), 0)
            key = _passing(
                keys, placed[-1][1], keys[min(max(place + way * after, 0), len(keys) - 1)]
            )
        placed.append((tick, key))
    return placed


def _passing(keys: list[int], before: int, after: int) -> int:
    """A scale tone between two, or a neighbour where there is none."""
    between = [key for key in keys if min(before, after) < key < max(before, after)]
    if between:
        return between[len(between) // 2]
    place = min(range(len(keys)), key=lambda i: abs(keys[i] - before))
    return keys[place + 1] if place + 1 < len(keys) else keys[place - 1]
