"""Sketches out of MIDI files: our own, and those that composers write elsewhere."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

import mido

from otio_hpm.sketch.midi import (
    EXPRESSION,
    HIT_TEXT,
    KEY_TEXT,
    MINOR_MODES,
    SAMPLES_TEXT,
    level_of,
)
from otio_hpm.sketch.model import (
    FRAME_SAMPLES,
    LONGEST_SAMPLES,
    MOST_NOTES,
    DynamicsPoint,
    Sketch,
    SketchNote,
)
from otio_hpm.sketch.skyline import melody_line

_DRUMS = 9
_DEFAULT_BEAT_US = 500_000
_SAMPLES_PER_US = (6, 125)
"""48 kHz over 1 MHz as numerator and denominator."""
_HOLD_SAMPLES = 4800
_RESET = 127
"""Controllers stand here until somebody moves them."""
# A length of more than four such bytes is never right; the library would count on for minutes.
_ENDLESS_NUMBER = re.compile(rb"[\x80-\xff]{4096}")


@dataclass(frozen=True, kw_only=True)
class _Played:
    """What a file holds, times in MIDI ticks."""

    beats: list[tuple[int, int]] = field(default_factory=list)
    """(tick, microseconds of a beat)"""
    notes: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(first tick, one past the last, key, velocity)"""
    expression: dict[tuple[int, int], dict[int, int]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By track and channel: tick to value of controller 11."""
    hits: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Last tick of each track."""


class _Clock:
    """MIDI ticks to samples, exactly, through all changes of tempo."""

    def __init__(self, beats: list[tuple[int, int]], ppq: int) -> None:
        self._whole = _SAMPLES_PER_US[1] * ppq
        self._starts, self._passed, self._paces = [0], [0], [_DEFAULT_BEAT_US * _SAMPLES_PER_US[0]]
        for tick, beat_us in sorted(beats, key=lambda beat: beat[0]):
            self._passed.append(self._passed[-1] + (tick - self._starts[-1]) * self._paces[-1])
            self._starts.append(tick)
            self._paces.append(beat_us * _SAMPLES_PER_US[0])

    def samples(self, tick: int) -> int:
        """The sample nearest to a tick."""
        index = bisect_right(self._starts, tick) - 1
        passed = self._passed[index] + (tick - self._starts[index]) * self._paces[index]
        return (2 * passed + self._whole) // (2 * self._whole)


def sketch_from_midi(content: bytes) -> Sketch:
    """The highest line of a MIDI file of format 0 or 1, with its dynamics.

    Dynamics come from controller 11 if it is ever moved, else from velocities if they differ,
    else there are none. Markers that begin with HIT are hits. Raises ValueError.
    """
    file = _parsed(content)
    played = _Played()
    for number, track in enumerate(file.tracks):
        _play(number, track, played)
    if not played.notes:
        raise ValueError("it has no notes")
    if len(played.notes) > MOST_NOTES:
        raise ValueError(f"it has more than {MOST_NOTES} notes")
    clock = _Clock(played.beats, file.ticks_per_beat)
    samples = _length(played, clock)
    notes = [
        SketchNote(start_samples=start, samples=max(1, end - start), key=key)
        for start, end, key in (
            (clock.samples(first), clock.samples(last), key) for first, last, key, _ in played.notes
        )
    ]
    line = melody_line(notes, samples)
    hits = {clock.samples(tick) for tick in played.hits}
    return Sketch(
        samples=samples,
        key_name=_key_name(played),
        beat_samples=_beat_samples(played),
        notes=line,
        dynamics=_dynamics(played, clock, line, samples),
        hits_samples=tuple(sorted(hit for hit in hits if hit < samples)),
    )


def _parsed(content: bytes) -> mido.MidiFile:
    if _ENDLESS_NUMBER.search(content):
        raise ValueError("it is not a MIDI file")
    try:
        file = mido.MidiFile(file=io.BytesIO(content), clip=True)
    except Exception as error:  # the library raises whatever broken bytes lead it to
        raise ValueError("it is not a MIDI file, or a damaged one") from error
    if file.type not in (0, 1):
        raise ValueError("it is a MIDI file of format 2, whose tracks have no common time")
    if file.ticks_per_beat <= 0:
        raise ValueError("it counts SMPTE frames instead of beats")
    return file


def _play(number: int, track: mido.MidiTrack, played: _Played) -> None:
    """Sort one track's messages into `played`."""
    sounding: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    tick = 0
    for message in track:
        tick += message.time
        if message.type in ("note_on", "note_off"):
            _key(message, tick, sounding, played)
        elif message.type == "control_change" and message.control == EXPRESSION:
            played.expression[number, message.channel][tick] = message.value
        elif message.is_meta:
            _meta(message, tick, played)
    played.ends.append(tick)
    # A key that nobody lets go sounds to the end.
    for (_, key), begun in sounding.items():
        played.notes.extend((first, tick, key, v) for first, v in begun if tick > first)


def _key(
    message: mido.Message,
    tick: int,
    sounding: dict[tuple[int, int], list[tuple[int, int]]],
    played: _Played,
) -> None:
    """A key pressed or let go; drums have no melody."""
    if message.channel == _DRUMS:
        return
    begun = sounding[message.channel, message.note]
    if message.type == "note_on" and message.velocity:
        begun.append((tick, message.velocity))
    elif begun:
        first, velocity = begun.pop(0)
        if tick > first:  # a note of no length is never heard, and must not end another
            played.notes.append((first, tick, message.note, velocity))


def _meta(message: mido.MetaMessage, tick: int, played: _Played) -> None:
    if message.type == "set_tempo":
        played.beats.append((tick, message.tempo))
    elif message.type == "marker" and message.text.upper().startswith(HIT_TEXT):
        played.hits.append(tick)
    elif message.type == "text":
        played.texts.append(message.text)
    elif message.type == "key_signature":
        played.signatures.append(message.key)


def _length(played: _Played, clock: _Clock) -> int:
    """Where the longest track ends; to the sample, where the file tells it and still means it."""
    last = max(played.ends)
    samples = clock.samples(last)
    for text in _told(played, SAMPLES_TEXT):
        if text.isdecimal() and clock.samples(max(0, last - 1)) < int(text[:18]) <= samples:
            samples = int(text)
    if not 1 <= samples <= LONGEST_SAMPLES:
        raise ValueError("its length is not between one sample and a day")
    return samples


def _key_name(played: _Played) -> str:
    """From the first key signature; by our own text, where that speaks of the same tonic."""
    if not played.signatures:
        return ""
    signature = played.signatures[0]
    tonic, minor = signature.removesuffix("m"), signature.endswith("m")
    for text in _told(played, KEY_TEXT):
        name, _, mode = text.partition(" ")
        if name == tonic and mode in (MINOR_MODES if minor else ("major",)):
            return text
    return f"{tonic} {'minor' if minor else 'major'}"


def _told(played: _Played, begin: str) -> list[str]:
    return [text.removeprefix(begin) for text in played.texts if text.startswith(begin)]


def _beat_samples(played: _Played) -> int:
    beat_us = min(played.beats)[1] if played.beats else _DEFAULT_BEAT_US
    over, under = _SAMPLES_PER_US
    return max(1, round(beat_us * over / under))


def _dynamics(
    played: _Played, clock: _Clock, line: tuple[SketchNote, ...], samples: int
) -> tuple[DynamicsPoint, ...]:
    moved = [c for c in played.expression.values() if any(v != _RESET for v in c.values())]
    if moved:
        return _from_controller(max(moved, key=len), clock, samples)
    velocities = {(clock.samples(tick), key): v for tick, _, key, v in played.notes}
    values = [velocities[note.start_samples, note.key] for note in line]
    if len(set(values)) < 2:
        return ()
    return tuple(
        DynamicsPoint(at_samples=note.start_samples, level_db=level_of(value))
        for note, value in zip(line, values, strict=True)
    )


def _from_controller(
    values: dict[int, int], clock: _Clock, samples: int
) -> tuple[DynamicsPoint, ...]:
    """A point for each value; one that leaps after a while is held until shortly before."""
    points: list[DynamicsPoint] = []
    before = None
    for tick in sorted(values):
        at, value = clock.samples(tick), values[tick]
        if at > samples:
            break
        leaps = before is not None and abs(value - before) > 1
        if leaps and at - points[-1].at_samples > _HOLD_SAMPLES:
            points.append(
                DynamicsPoint(at_samples=at - FRAME_SAMPLES, level_db=points[-1].level_db)
            )
        points.append(DynamicsPoint(at_samples=at, level_db=level_of(value)))
        before = value
    return tuple(points)
