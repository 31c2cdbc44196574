"""The demo's maestro cue: a short theme in D, composed and played here.

Sixteen beats at 80 a minute, four bars that grow to the third and die away: a melody of strings
over a bass, chords and a plucked accompaniment, by additive synthesis.
"""

from __future__ import annotations

import wave
from typing import IO

import numpy as np
from numpy.typing import NDArray

from otio_hpm.timing import SAMPLE_RATE

THEME_NAME = "demo_theme.wav"
BEAT_S = 0.75
BEATS = 16
TAIL_S = 0.5

Sound = NDArray[np.float64]

MELODY = (
    (69, 0, 2), (74, 2, 1), (76, 3, 1),
    (78, 4, 2), (76, 6, 1), (74, 7, 1),
    (83, 8, 1.5), (81, 9.5, 0.5), (79, 10, 1), (78, 11, 1),
    (76, 12, 1), (78, 13, 0.5), (76, 13.5, 0.5), (74, 14, 2),
)  # fmt: skip
"""(MIDI pitch, first beat, beats)."""
CHORDS = (
    (0, 4, (50, 57, 62, 66)),
    (4, 4, (47, 59, 62, 66)),
    (8, 4, (43, 59, 62, 67)),
    (12, 2, (45, 57, 61, 64)),
    (14, 2, (50, 57, 62, 66)),
)
"""(first beat, beats, MIDI pitches with the bass first)."""
DYNAMICS = ((0, -20), (4, -13), (8, -4), (10, 0), (12, -6), (14, -12), (16, -24))
"""(beat, dB)."""


def write_theme(target: IO[bytes]) -> None:
    """Write the theme as 48 kHz 16-bit mono WAV of 12.5 seconds."""
    samples = np.round(play_theme() * 32767).astype("<i2")
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())


def play_theme() -> Sound:
    """The theme's samples, -1 to 1."""
    mixed = np.zeros(round((BEATS * BEAT_S + TAIL_S) * SAMPLE_RATE))
    for pitch, beat, beats in MELODY:
        _add(mixed, beat, 1.0 * _bowed(pitch, beats))
    for beat, beats, pitches in CHORDS:
        for pitch in pitches:
            _add(mixed, beat, 0.22 * _bowed(pitch, beats))
        for n in range(2 * beats):
            _add(mixed, beat + n / 2, 0.35 * _plucked(pitches[(0, 2, 3, 2)[n % 4]]))
    at, levels = zip(*DYNAMICS, strict=True)
    beats_now = np.arange(len(mixed)) / SAMPLE_RATE / BEAT_S
    mixed *= 10 ** (np.interp(beats_now, at, levels) / 20)
    return np.asarray(mixed * (0.7 / np.abs(mixed).max()))


def _bowed(pitch: int, beats: float) -> Sound:
    """A string section's note: partials with vibrato, slow to speak and to fade."""
    length_s = beats * BEAT_S + 0.25
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    vibrato = 0.004 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(t / 0.4, 1)
    phase = 2 * np.pi * _hertz(pitch) * np.cumsum(1 + vibrato) / SAMPLE_RATE
    tone = sum(np.sin(n * phase) / n**1.4 for n in range(1, 9))
    return np.asarray(tone * np.minimum(t / 0.09, 1) * np.minimum((length_s - t) / 0.25, 1))


def _plucked(pitch: int) -> Sound:
    """A struck string: higher partials die sooner."""
    t = np.arange(round(0.9 * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = _hertz(pitch)
    tone = sum(
        np.sin(2 * np.pi * n * hertz * t) * np.exp(-t * (3 + 1.5 * n)) / n for n in range(1, 7)
    )
    return np.asarray(tone * np.minimum(t / 0.003, 1) * np.minimum((0.9 - t) / 0.05, 1))


def _add(mixed: Sound, beat: float, sound: Sound) -> None:
    start = round(beat * BEAT_S * SAMPLE_RATE)
    part = mixed[start : start + len(sound)]
    part += sound[: len(part)]


def _hertz(pitch: int) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))
