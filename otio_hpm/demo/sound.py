"""Production sound of the demo film: wind, sea, rain, steps, made of filtered noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from otio_hpm.demo.canvas import Floats
from otio_hpm.demo.shapes import noise
from otio_hpm.timing import SAMPLE_RATE

Recorder = Callable[[float], Floats]
"""Sound of a scene for a length in seconds: mono samples, -1 to 1."""


def sea(seconds: float) -> Floats:
    """Waves that come and go, wind over them."""
    waves = _band(seconds, 60, 700, 1) * _swell(seconds, 3.1, 2) ** 2
    return _level(waves + 0.25 * _band(seconds, 300, 900, 3), -32)


def room(seconds: float) -> Floats:
    """Rain on a pane, a lamp's hum, thunder."""
    t = _clock(seconds)
    hum = sum(np.sin(2 * np.pi * 100 * n * t) / n**2 for n in (1, 2, 3))
    mains = 0.15 * np.asarray(hum) * (0.5 + _swell(seconds, 0.2, 5))
    thunder = _strokes(seconds, (3.0, 5.9), 1.4) * _band(seconds, 25, 160, 6)
    return _level(0.35 * _band(seconds, 2500, 9000, 4) + mains + 1.5 * thunder, -30)


def morning(seconds: float) -> Floats:
    """A light wind, and birds that wake."""
    air = 0.25 * _band(seconds, 150, 600, 7) * _swell(seconds, 2.3, 8)
    return _level(air + _birdsong(seconds, 9, 1.6), -36)


def field(seconds: float) -> Floats:
    """Open air, hardly any wind, a bird now and then."""
    air = 0.3 * _band(seconds, 200, 1200, 10) * _swell(seconds, 2.9, 11)
    return _level(air + _birdsong(seconds, 12, 0.7), -38)


def ridge(seconds: float) -> Floats:
    """Wind, and steps on earth at the pace of the walk."""
    steps = np.arange(0, seconds, 1 / 1.7)
    return _level(0.3 * _wind(seconds, 13) + _steps(seconds, steps, 90, 900, 14), -30)


def wood(seconds: float) -> Floats:
    """Wind that grows, and steps that hurry."""
    steps = [float(n * 0.62 * 0.93**n) for n in range(9)]
    while steps[-1] < seconds:
        steps.append(steps[-1] + 0.27)
    rising = np.linspace(0.2, 1.2, len(_clock(seconds))) ** 2
    return _level(_wind(seconds, 15) * rising + _steps(seconds, steps, 70, 700, 16), -28)


def flight(seconds: float) -> Floats:
    """A run: hard steps and breath."""
    breath = _band(seconds, 900, 3500, 17) * _strokes(seconds, np.arange(0.1, seconds, 0.5), 0.12)
    return _level(_steps(seconds, _running(seconds), 80, 1500, 18) + 0.35 * breath, -25)


def flames(seconds: float) -> Floats:
    """Torches: a rush of fire, crackling, many feet."""
    crackle = np.random.default_rng(19).random(len(_clock(seconds))) > 0.9995
    fire = 0.3 * _band(seconds, 100, 800, 20) + 3.0 * crackle
    return _level(fire + 0.6 * _steps(seconds, _running(seconds), 60, 600, 21), -26)


def splashes(seconds: float) -> Floats:
    """Running through water."""
    return _level(_steps(seconds, _running(seconds), 500, 6000, 22, 0.11), -24)


def gusts(seconds: float) -> Floats:
    """A strong wind in which cloth flaps."""
    flap = _band(seconds, 200, 2500, 23) * np.abs(np.sin(2 * np.pi * 9 * _clock(seconds))) ** 3
    return _level(_wind(seconds, 24) + 0.5 * flap * _swell(seconds, 0.7, 25), -28)


def silence(seconds: float) -> Floats:
    """Snow: the softest wind, and crunching steps."""
    steps = _steps(seconds, np.arange(0, seconds, np.pi / 5), 1200, 5000, 27, 0.09)
    return _level(0.6 * _wind(seconds, 26) + 0.8 * steps, -42)


def _clock(seconds: float) -> Floats:
    return np.arange(round(seconds * SAMPLE_RATE), dtype=np.float64) / SAMPLE_RATE


def _band(seconds: float, low: float, high: float, seed: int) -> Floats:
    """Noise around a band of frequencies in Hz, of unit power."""
    count = len(_clock(seconds))
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    octave = np.log2(np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 1))
    middle, width = np.log2(low * high) / 2, np.log2(high / low) / 2
    sound = np.fft.irfft(spectrum * np.exp(-np.square((octave - middle) / width)), count)
    return np.asarray(sound / sound.std())


def _swell(seconds: float, period: float, seed: int) -> Floats:
    """A slow curve, 0 to 1, that turns about once in `period` seconds."""
    parts = max(int(2 * seconds / period), 1)
    return np.asarray(noise(1, parts, 2, len(_clock(seconds)), seed)[0])


def _wind(seconds: float, seed: int) -> Floats:
    return np.asarray(_band(seconds, 120, 900, seed) * (0.2 + _swell(seconds, 1.9, seed + 100)))


def _running(seconds: float) -> Floats:
    """Times of the steps of those who run."""
    return np.arange(0, seconds, np.pi / 12.5)


def _strokes(seconds: float, times: Iterable[float], decay_s: float) -> Floats:
    """An envelope that jumps up at each time and dies away."""
    t = _clock(seconds)
    envelope = np.zeros_like(t)
    for at in times:
        since = t - at
        envelope += np.where(since > 0, np.exp(-since / decay_s) * np.minimum(since / 0.004, 1), 0)
    return envelope


def _steps(
    seconds: float,
    times: Iterable[float],
    low: float,
    high: float,
    seed: int,
    decay_s: float = 0.06,
) -> Floats:
    return 3 * _band(seconds, low, high, seed) * _strokes(seconds, times, decay_s)


def _birdsong(seconds: float, seed: int, per_second: float) -> Floats:
    """Short chirps that sweep upwards."""
    rng = np.random.default_rng(seed)
    t = _clock(seconds)
    song = np.zeros_like(t)
    for at in rng.uniform(0, seconds, int(seconds * per_second)):
        since = np.maximum(t - at, 0)
        pitch = rng.uniform(2400, 4200) * (1 + 2 * since)
        song += np.sin(2 * np.pi * pitch * since) * np.exp(-since / 0.05) * rng.uniform(0.2, 0.8)
    return song


def _level(sound: Floats, rms_dbfs: float) -> Floats:
    """Sound at a root mean square level, with its few peaks rounded off."""
    scaled = sound / sound.std() * 10 ** (rms_dbfs / 20)
    return np.asarray(np.tanh(scaled), np.float32)
