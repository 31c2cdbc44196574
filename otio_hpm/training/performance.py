"""Orchestrates a passage of a score for film and performs it with expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from otio_hpm.sketch.pulse import PULSE_FROM, pulse_step
from otio_hpm.training import orchestration as gm
from otio_hpm.training.affect import Affect
from otio_hpm.training.layers import LONGEST_STROKE, motor_velocity
from otio_hpm.training.notes import Note, Section, arousal_at
from otio_hpm.training.orchestration import Orchestra, into_range
from otio_hpm.training.scores import Passage
from otio_hpm.training.voices import BASS, INNER, LEAD, Tone, busy_parts, tones_of


@dataclass(frozen=True, kw_only=True)
class _Line:
    """Who plays a role, how high and how loud."""

    program: int
    velocity: float
    """0..1, linear in amplitude."""
    octave: int = 0
    """Semitones added, a multiple of 12."""
    above: float = 0.0
    """Joins where arousal is at least this."""


def perform(
    passage: Passage, section: Section, affect: Affect, rng: np.random.Generator
) -> tuple[Note, ...]:
    """Notes of a section, played from the passage at its tempo, in its key, by its orchestra.

    The felt beat of the piece lasts `section.beat_ticks`. Notes begin at `section.tick`, up to 16
    ticks before it where the clip begins with music under way, and end by `section.end`. Phrases
    rise and fall in level (Todd 1992, The dynamics of dynamics), and notes are joined when calm
    and detached when aroused (Juslin & Timmers 2010, table 17.2).
    """
    tones = tones_of(passage, section, rng)
    if not tones:
        return ()
    mean = float(affect.arousal[slice(*section.frames)].mean())
    layers = _arrange(section, mean, busy_parts(tones, section), rng)
    arc = _phrase_arc([tone for tone in tones if tone.role == LEAD], section.beat_ticks)
    notes: list[Note] = []
    for (role, part), lines in layers.items():
        own = [tone for tone in tones if tone.role == role and tone.part == part]
        for line in lines:
            notes.extend(_play(own, line, arc, section, affect, rng))
    notes.extend(_motor(tones, section, affect))
    notes.extend(_timpani(tones, section, affect))
    return tuple(_apart(notes))


def _arrange(
    section: Section,
    arousal: float,
    busy: dict[tuple[int, int], bool],
    rng: np.random.Generator,
) -> dict[tuple[int, int], list[_Line]]:
    """Who plays each role and part: the section's orchestra, or now and then piano or harp."""
    draw = rng.random()
    if draw < 0.12:
        solo = {LEAD: 0.95, INNER: 0.5, BASS: 0.6}
        return {layer: [_Line(program=gm.PIANO, velocity=solo[layer[0]])] for layer in busy}
    orchestra = section.orchestra
    if draw < 0.2 and arousal < 0.4:
        harp = [_Line(program=gm.HARP, velocity=0.5)]
        lead = [_Line(program=orchestra.lead, velocity=0.95)]
        return {layer: lead if layer[0] == LEAD else harp for layer in busy}
    return {
        layer: _lead(orchestra)
        if layer[0] == LEAD
        else _bass(orchestra)
        if layer[0] == BASS
        else _inner(section, is_busy)
        for layer, is_busy in busy.items()
    }


def _lead(orchestra: Orchestra) -> list[_Line]:
    return [
        _Line(program=orchestra.lead, velocity=0.95),
        _Line(program=orchestra.double, velocity=0.6, octave=12, above=0.55),
    ]


def _bass(orchestra: Orchestra) -> list[_Line]:
    return [
        _Line(program=orchestra.bass, velocity=0.55),
        _Line(program=gm.TUBA, velocity=0.4, octave=-12, above=0.7),
    ]


def _inner(section: Section, busy: bool) -> list[_Line]:
    orchestra = section.orchestra
    if busy:
        lines = [_Line(program=orchestra.figure, velocity=0.42)]
    else:
        lines = [
            _Line(program=orchestra.pad, velocity=0.34),
            _Line(program=orchestra.brass, velocity=0.34, above=0.62),
        ]
    if section.tense:
        lines.append(_Line(program=gm.TREMOLO, velocity=0.28, octave=12, above=0.5))
    return lines


def _play(
    tones: list[Tone],
    line: _Line,
    arc: dict[int, float],
    section: Section,
    affect: Affect,
    rng: np.random.Generator,
) -> Iterator[Note]:
    octave = line.octave + _fitting_octave([tone.key + line.octave for tone in tones], line.program)
    touch = rng.normal(1.0, 0.03, len(tones))
    for tone, chance in zip(tones, touch, strict=True):
        arousal = arousal_at(affect, tone.tick)
        if arousal < line.above:
            continue
        accent = 1.0 if tone.downbeat else 0.95
        velocity = line.velocity * arc.get(tone.tick, 0.9) * accent * chance
        end = min(tone.tick + _sounding(tone.ticks, arousal), section.end)
        yield Note(
            tick=tone.tick,
            ticks=end - tone.tick,
            key=into_range(tone.key + octave, line.program),
            velocity=int(np.clip(velocity * 127, 8, 127)),
            program=line.program,
        )


def _fitting_octave(keys: list[int], program: int) -> int:
    """The octave that brings most keys of a line into an instrument's range, the least move."""
    low, high = gm.RANGES[program]
    return min(
        (0, 12, -12, 24, -24, 36, -36),
        key=lambda octave: sum(not low <= key + octave <= high for key in keys),
    )


def _sounding(ticks: int, arousal: float) -> int:
    if arousal > 0.7 and ticks > 2:
        return ticks - 1
    return ticks + 1 if arousal < 0.35 else ticks


def _phrase_arc(melody: list[Tone], beat_ticks: int) -> dict[int, float]:
    """Level 0.78..1 at each tick of the melody: every phrase rises and falls.

    A phrase ends with a rest or a long note, but not within four beats.
    """
    starts: list[int] = []
    previous: Tone | None = None
    for tone in melody:
        rested = previous is not None and (
            tone.tick - previous.tick - previous.ticks >= beat_ticks // 2
            or previous.ticks >= 2 * beat_ticks
        )
        if previous is None or (rested and tone.tick - starts[-1] >= 4 * beat_ticks):
            starts.append(tone.tick)
        previous = tone
    if previous is None:
        return {}
    ends = [*starts[1:], previous.tick + previous.ticks]
    return {
        tick: 1.0 - 0.22 * (2.0 * (tick - start) / (end - start) - 1.0) ** 2
        for start, end in zip(starts, ends, strict=True)
        for tick in range(start, end)
    }


def _motor(tones: list[Tone], section: Section, affect: Affect) -> Iterator[Note]:
    """Inner voices, or the bass where there are none, in the short notes of lively music."""
    program = section.orchestra.motor
    inner = [tone for tone in tones if tone.role == INNER]
    for tone in inner or [tone for tone in tones if tone.role == BASS]:
        tick = tone.tick
        while tick < min(tone.tick + tone.ticks, section.end):
            level = arousal_at(affect, tick)
            step = pulse_step(level, section.beat_ticks)
            if level > PULSE_FROM:
                strength = motor_velocity(level, (tick - section.tick) % section.beat_ticks == 0)
                yield Note(
                    tick=tick,
                    ticks=min(step - 1, LONGEST_STROKE, section.end - tick),
                    key=into_range(tone.key, program),
                    velocity=min(127, int(strength * 127)),
                    program=program,
                )
            tick += step


def _timpani(tones: list[Tone], section: Section, affect: Affect) -> Iterator[Note]:
    """Timpani under the bass on the downbeats of loud passages."""
    for tone in tones:
        if tone.role == BASS and tone.downbeat and arousal_at(affect, tone.tick) > 0.6:
            yield Note(
                tick=tone.tick,
                ticks=min(2 * section.beat_ticks, section.end - tone.tick),
                key=into_range(tone.key, gm.TIMPANI),
                velocity=104,
                program=gm.TIMPANI,
            )


def _apart(notes: list[Note]) -> Iterator[Note]:
    """No instrument strikes a key again before it is released, and at one tick only once."""
    last: Note | None = None
    for note in sorted(notes, key=lambda note: (note.program, note.key, note.tick, -note.ticks)):
        if last is None or (last.program, last.key) != (note.program, note.key):
            if last is not None:
                yield last
            last = note
        elif note.tick > last.tick:
            yield replace(last, ticks=min(last.ticks, note.tick - last.tick))
            last = note
    if last is not None:
        yield last
