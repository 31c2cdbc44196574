"""Constructed sounds whose measures are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float32]


def tone(hz: float, seconds: float = 4.0, level: float = 0.3) -> Sound:
    """A sine with two softer partials."""
    time = np.arange(round(seconds * RATE)) / RATE
    partials = sum(np.sin(2 * np.pi * hz * h * time) / h**2 for h in (1, 2, 3))
    return (level * partials).astype(np.float32)


def chord(keys: Sequence[int], seconds: float = 4.0) -> Sound:
    """MIDI keys at A4 = 440 Hz, together."""
    return sum((tone(key_hz(key), seconds, 0.1) for key in keys), np.zeros(1, np.float32))


def key_hz(key: float) -> float:
    """Frequency of a MIDI key."""
    return float(440 * 2 ** ((key - 69) / 12))


def noise(seconds: float = 10.0, seed: int = 0) -> Sound:
    """White noise."""
    drawn = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (0.1 * drawn).astype(np.float32)


def struck(times_s: Sequence[float], seconds: float = 10.0, level: float = 0.3) -> Sound:
    """Notes that begin at once and ring out, each of another pitch."""
    sound = np.zeros(round(seconds * RATE), np.float32)
    for number, at in enumerate(times_s):
        note = tone(key_hz(60 + 7 * number % 12), 1.0, level)
        note *= np.exp(-np.arange(len(note)) / (0.25 * RATE)).astype(np.float32)
        note *= np.linspace(1, 0, len(note), dtype=np.float32)
        begin = round(at * RATE)
        sound[begin : begin + len(note)] += note[: len(sound) - begin]
    return sound
