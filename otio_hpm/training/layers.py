"""Writes the music of one section chord by chord, in layers that arousal brings in."""

from __future__ import annotations

import numpy as np

from otio_hpm.sketch.harmony import choose_progression, voicing
from otio_hpm.sketch.melody import Melody
from otio_hpm.sketch.pulse import PULSE_FROM, pulse_step
from otio_hpm.training import orchestration as gm
from otio_hpm.training.affect import Affect
from otio_hpm.training.notes import Note, Section, arousal_at
from otio_hpm.training.orchestration import into_range

_FULL = ("pad", "bass", "lead", "figure")
_SPARSE = (("lead",), ("lead", "pad"), ("lead", "figure"), ("figure",), ("pad", "bass"))
"""Layers of a texture; a solo, a solo over chords, a duo, an arpeggio alone, a chorale."""
_SPARSE_UP_TO = 0.55
_MOTOR_DOUBLED_FROM = 0.5
"""Arousal at which an octave joins the short repeated notes of lively music."""
LONGEST_STROKE = 4
"""Ticks that each of them sounds at most."""


def write_notes(
    section: Section, affect: Affect, rng: np.random.Generator, tick: int
) -> tuple[Note, ...]:
    """Music that follows `affect` from `tick`, at most 16 before the section, to its end."""
    return tuple(_Writer(section, affect, rng).write(tick))


def motor_velocity(level: float, on_beat: bool) -> float:
    """How hard a short note of lively music is struck, 0..1."""
    return 0.6 + 0.3 * level + (0.12 if on_beat else 0.0)


class _Writer:
    """Writes one section chord by chord."""

    def __init__(self, section: Section, affect: Affect, rng: np.random.Generator) -> None:
        self._section, self._affect, self._rng = section, affect, rng
        self._notes: list[Note] = []
        low, high = gm.RANGES[section.orchestra.lead]
        # Higher register with valence (Gabrielsson & Lindström 2010, chapter 14).
        floor = int(np.clip(56 + 12 * section.valence + rng.normal(0, 3), low, max(low, high - 16)))
        self._melody = Melody(
            rng, section.tonic, section.mode, floor, min(high, floor + 17), section.beat_ticks // 2
        )
        self._pad_low = 50 + int(6 * section.valence) + int(rng.integers(-2, 3))
        self._figure = (
            [int(i) for i in rng.permutation(8) % 4]
            if rng.random() < 0.3
            else [0, 1, 2, 3, 2, 1, 2, 1]
        )
        # Sparse textures let single instruments be heard; violent music is never sparse.
        sparse = rng.random() < 0.45 and float(affect.arousal.mean()) < 0.7
        self._layers = _SPARSE[int(rng.integers(len(_SPARSE)))] if sparse else _FULL
        self._with_lead = "lead" in self._layers and (sparse or rng.random() < 0.85)
        self._with_figure = "figure" in self._layers and (sparse or rng.random() < 0.65)
        self._pulse_offset = int(rng.integers(2))

    def write(self, tick: int) -> list[Note]:
        """All notes from `tick` to the section's end."""
        section = self._section
        beats = 2 if section.beat_ticks >= 14 else 4
        chords = choose_progression(section.mode, section.tense, self._rng)
        held: list[int] = []
        for index in range(64):
            if tick >= section.end:
                break
            chord = tuple((section.tonic + step) % 12 for step in chords[index % len(chords)])
            held = voicing(chord, held, self._pad_low)
            self._chord(tick, beats, chord, held, phrase_end=index % 4 == 3)
            tick += beats * section.beat_ticks
        return self._notes

    def _chord(
        self, tick: int, beats: int, chord: tuple[int, ...], held: list[int], phrase_end: bool
    ) -> None:
        """Every layer that this moment's arousal brings in.

        Number of voices and density grow with arousal (Livingstone et al. 2010, table 1).
        """
        arousal = arousal_at(self._affect, tick + 2)
        middle = arousal_at(self._affect, tick + beats * self._section.beat_ticks // 2)
        level = max(arousal, middle)
        if "pad" in self._layers or level > _SPARSE_UP_TO:
            self._pad(tick, beats, held, level)
        if "bass" in self._layers or level > _SPARSE_UP_TO:
            self._bass(tick, beats, chord, level)
        if self._with_lead:
            self._lead(tick, beats, chord, level, phrase_end)
        if self._with_figure and level > 0.22:
            self._figures(tick, beats, held, level)
        if level > PULSE_FROM:
            self._motor(tick, beats, held, level)
        if level > 0.62:
            self._brass(tick, beats, held, level)
        if self._section.tense and level > 0.5:
            self._tension(tick, beats, chord, held, level)
        if level > 0.55:
            self._drums(tick, beats, chord, level)
        if self._section.valence > 0.6 and level > 0.12:
            self._sparkle(tick, beats, held, level)

    def _add(self, tick: int, ticks: int, key: int, velocity: float, program: int) -> None:
        """A note cut to the section, in its program's range; velocity 0..1."""
        end = min(tick + ticks, self._section.end)
        if end > tick and tick < self._section.end:
            self._notes.append(
                Note(
                    tick=tick,
                    ticks=end - tick,
                    key=into_range(key, program),
                    velocity=int(np.clip(velocity * 127, 8, 127)),
                    program=program,
                )
            )

    def _pad(self, tick: int, beats: int, held: list[int], level: float) -> None:
        ticks = beats * self._section.beat_ticks
        for key in held:
            self._add(tick, ticks, key, 0.24 + 0.1 * level, self._section.orchestra.pad)

    def _bass(self, tick: int, beats: int, chord: tuple[int, ...], level: float) -> None:
        root = 36 + (chord[0] - 36) % 12
        if level < 0.12:
            return
        beat = self._section.beat_ticks
        length = beat if level > 0.7 else 2 * beat if level > 0.45 else beats * beat
        for at in range(0, beats * beat, length):
            # Detached notes with arousal (Juslin & Timmers 2010, table 17.2).
            sounding = length if level < 0.7 else max(2, length - 1)
            self._add(tick + at, sounding, root, 0.55, self._section.orchestra.bass)
            if level > 0.7:
                self._add(tick + at, sounding, root - 12, 0.4, gm.TUBA)

    def _lead(
        self, tick: int, beats: int, chord: tuple[int, ...], level: float, phrase_end: bool
    ) -> None:
        orchestra = self._section.orchestra
        tones = self._melody.over(tick, 2 * beats, chord, level, phrase_end)
        for begin, ticks, key in tones:
            self._add(begin, ticks, key, 0.95, orchestra.lead)
            if level > 0.55:
                self._add(begin, ticks, key + 12, 0.6, orchestra.double)

    def _figures(self, tick: int, beats: int, held: list[int], level: float) -> None:
        """Broken chords, in quarters when calm, else in eighths."""
        keys = [*held, held[0] + 12][:4] if len(held) == 3 else held
        step = self._section.beat_ticks // (1 if level < 0.35 else 2)
        for index, at in enumerate(range(0, beats * self._section.beat_ticks, step)):
            key = keys[self._figure[index % 8] % len(keys)]
            accent = 0.42 if index % 4 == 0 else 0.32
            self._add(tick + at, step, key + 12, accent, self._section.orchestra.figure)

    def _motor(self, tick: int, beats: int, held: list[int], level: float) -> None:
        """Broken chords of short notes that go on and on, an ostinato."""
        beat = self._section.beat_ticks
        step = pulse_step(level, beat)
        for index, at in enumerate(range(0, beats * beat, step)):
            key = held[(0, 1, 0, 2)[index % 4] % len(held)] - 12
            self._stroke(tick + at, step, key, motor_velocity(level, at % beat == 0))
            if level > _MOTOR_DOUBLED_FROM:
                self._stroke(tick + at, step, key + 12, 0.5)

    def _stroke(self, tick: int, step: int, key: int, velocity: float) -> None:
        sounding = min(step - 1, LONGEST_STROKE)
        self._add(tick, sounding, key, velocity, self._section.orchestra.motor)

    def _brass(self, tick: int, beats: int, held: list[int], level: float) -> None:
        ticks = beats * self._section.beat_ticks
        for key in held:
            self._add(
                tick,
                ticks - 1,
                key - 5 if key > 74 else key,
                0.1 + 0.3 * level,
                self._section.orchestra.brass,
            )

    def _tension(
        self, tick: int, beats: int, chord: tuple[int, ...], held: list[int], level: float
    ) -> None:
        """Tremolo strings, high semitone and low repeated notes, the film's words for danger."""
        ticks = beats * self._section.beat_ticks
        for key in held:
            self._add(tick, ticks, key + 12, 0.28, gm.TREMOLO)
        self._add(tick, ticks, 84 + (chord[0] + 1 - 84) % 12, 0.14, gm.TREMOLO)
        step = self._section.beat_ticks // 2
        for at in range(0, ticks, step):
            self._add(tick + at, step, 36 + (chord[0] - 36) % 12, 0.5, gm.STRINGS)

    def _drums(self, tick: int, beats: int, chord: tuple[int, ...], level: float) -> None:
        beat = self._section.beat_ticks
        for index in range(beats):
            if index % 4 == 0:
                self._add(tick + index * beat, 2 * beat, chord[0] + 36, 0.85, gm.TIMPANI)
            if level > 0.7 and index % 2 == self._pulse_offset:
                self._add(tick + index * beat, beat, 40, 0.8, gm.TAIKO)
            if level > 0.85:
                self._add(tick + index * beat + beat // 2, beat, 43, 0.6, gm.TAIKO)

    def _sparkle(self, tick: int, beats: int, held: list[int], level: float) -> None:
        beat = self._section.beat_ticks
        for index in range(0, beats, 2):
            if self._rng.random() < 0.35:
                key = held[int(self._rng.integers(len(held)))] + 24
                self._add(tick + index * beat, 2 * beat, key, 0.35, self._section.orchestra.sparkle)
