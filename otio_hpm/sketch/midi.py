"""Sketches as Standard MIDI Files, format 1: a conductor's track and one with the melody.

A MIDI tick of a composed sketch is 96 samples (2 ms), so that notes, frames and hits are met
exactly. Levels are controller 11 (expression) on General MIDI's curve, 40 log10(value / 127) dB,
with 127 at LOUDEST_DB. As MIDI has no ramps, each step of the controller is written where the
line of dB crosses it: levels down to -40 dB come back within half a dB, where they leap within one.
"""

from __future__ import annotations

import io
import math
from fractions import Fraction
from itertools import pairwise

import mido

from otio_hpm.sketch.model import LOUDEST_DB, Sketch

EXPRESSION = 11
SAMPLES_TEXT, KEY_TEXT, HIT_TEXT = "samples ", "key ", "HIT"
_TICK_SAMPLES = 96
_VELOCITY = 96
"""The same for all: dynamics are the controller's."""
_LARGEST_PPQ, _LONGEST_TEMPO_US = 32_767, 16_777_215
_US_PER_SAMPLE = Fraction(1_000_000, 48_000)
_SIGNATURES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B", "C#", "F#")
MINOR_MODES = ("minor", "dorian")
_MINOR_SIGNATURES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B", "Ab")

Event = tuple[int, int, mido.MetaMessage | mido.Message]
"""(tick, order at one tick, message)"""


def sketch_midi(sketch: Sketch) -> bytes:
    """A sketch as the content of a .mid file, hits as markers named HIT."""
    beat_us = min(max(1, round(sketch.beat_samples * _US_PER_SAMPLE)), _LONGEST_TEMPO_US)
    ppq = min(max(1, round(sketch.beat_samples / _TICK_SAMPLES)), _LARGEST_PPQ)
    tick = Fraction(beat_us, ppq) / _US_PER_SAMPLE
    length = math.ceil(sketch.samples / tick)
    file = mido.MidiFile(type=1, ticks_per_beat=ppq)
    file.tracks.append(_track(_conductor(sketch, beat_us, tick), length))
    file.tracks.append(_track(_melody(sketch, tick) + _expression(sketch, tick), length))
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


def level_of(value: int) -> float:
    """Level in dB of full scale of a controller or velocity; 0 counts as half a step."""
    return LOUDEST_DB + 40 * math.log10(max(value, 0.5) / 127)


def _conductor(sketch: Sketch, beat_us: int, tick: Fraction) -> list[Event]:
    events: list[Event] = [
        (0, 0, mido.MetaMessage("track_name", name="otio-hpm sketch")),
        (0, 0, mido.MetaMessage("text", text=f"{SAMPLES_TEXT}{sketch.samples}")),
        (0, 0, mido.MetaMessage("set_tempo", tempo=beat_us)),
    ]
    if signature := _signature(sketch.key_name):
        # A key signature knows no dorian; the text does.
        events.append((0, 0, mido.MetaMessage("text", text=f"{KEY_TEXT}{sketch.key_name}")))
        events.append((0, 0, mido.MetaMessage("key_signature", key=signature)))
    return events + [
        (round(hit / tick), 0, mido.MetaMessage("marker", text=HIT_TEXT))
        for hit in sketch.hits_samples
    ]


def _signature(key_name: str) -> str:
    """MIDI's name of a key, such as "Dm", or nothing where there is none."""
    tonic, _, mode = key_name.partition(" ")
    if mode == "major":
        return tonic if tonic in _SIGNATURES else ""
    return f"{tonic}m" if mode in MINOR_MODES and tonic in _MINOR_SIGNATURES else ""


def _melody(sketch: Sketch, tick: Fraction) -> list[Event]:
    events: list[Event] = [(0, 0, mido.MetaMessage("track_name", name="Melody"))]
    for note in sketch.notes:
        start = round(note.start_samples / tick)
        end = max(start + 1, round(note.end_samples / tick))
        events.append((start, 3, mido.Message("note_on", note=note.key, velocity=_VELOCITY)))
        events.append((end, 1, mido.Message("note_off", note=note.key, velocity=0)))
    return events


def _expression(sketch: Sketch, tick: Fraction) -> list[Event]:
    """Controller 11 at each point, and between points wherever the line crosses a step."""
    points = {round(p.at_samples / tick): round(_value_of(p.level_db)) for p in sketch.dynamics}
    steps = _stepped(points)
    # A steep line may leave out a step, which would only be filled in when it is written again.
    while (filled := _stepped(steps)) != steps:
        steps = filled
    return [
        (at, 2, mido.Message("control_change", control=EXPRESSION, value=value))
        for at, value in steps.items()
    ]


def _stepped(points: dict[int, int]) -> dict[int, int]:
    """Value by tick, of the points and of each step between them that has a tick of its own."""
    steps: dict[int, int] = {}
    for (first, begin), (second, end) in pairwise(sorted(points.items())):
        for value in _between(begin, end):
            share = (level_of(value) - level_of(begin)) / (level_of(end) - level_of(begin))
            steps[first + round(share * (second - first))] = value
    return steps | points


def _value_of(level_db: float) -> float:
    """Value 1 to 127 of a level, not rounded."""
    return min(max(127 * 10 ** ((level_db - LOUDEST_DB) / 40), 1.0), 127.0)


def _between(first: int, second: int) -> range:
    """Values between two, in the order in which they are passed."""
    return range(first + 1, second) if first < second else range(first - 1, second, -1)


def _track(events: list[Event], length: int) -> mido.MidiTrack:
    """A track with the time between events, that ends with the cue."""
    track = mido.MidiTrack()
    at = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - at))
        at = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, length - at)))
    return track
