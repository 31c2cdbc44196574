"""Joining windows of audio, and the ends of a file. All ramps are raised cosines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from otio_hpm.timing import SAMPLE_RATE

DECLICK_S = Fraction(5, 1000)
"""Length of the ramp at both ends of every file."""


def crossfade(
    windows: Sequence[NDArray[np.floating]], starts_samples: Sequence[int]
) -> NDArray[np.float32]:
    """Windows (..., samples), each placed at its start, crossfaded where neighbours overlap.

    Gains a and b are divided by sqrt(a² + b² + 2abr), r the correlation of the two in the overlap,
    which keeps the power: equal power for unrelated material, equal gain for equal material.
    Raises ValueError for windows that are not in order or leave a hole.
    """
    ends = [start + w.shape[-1] for start, w in zip(starts_samples, windows, strict=True)]
    joined = np.zeros((*windows[0].shape[:-1], max(ends) - starts_samples[0]), np.float32)
    filled = 0
    for window, start in zip(windows, starts_samples, strict=True):
        begin = start - starts_samples[0]
        overlap, end = filled - begin, begin + window.shape[-1]
        if begin < 0 or overlap < 0 or end < filled:
            raise ValueError(f"the window at sample {start} does not follow the one before it")
        if overlap:
            joined[..., begin:filled] = _mix(joined[..., begin:filled], window[..., :overlap])
        joined[..., filled:end] = window[..., overlap:]
        filled = end
    return joined


def declick(audio: NDArray[np.floating], seconds: Fraction = DECLICK_S) -> NDArray[np.float32]:
    """Audio (..., samples) with both ends ramped, so that a file starts and stops without click."""
    samples = round(seconds * SAMPLE_RATE)
    return fade(audio, samples, samples)


def fade(audio: NDArray[np.floating], in_samples: int, out_samples: int) -> NDArray[np.float32]:
    """Audio (..., samples) faded in and out; a fade longer than the audio is cut to its length."""
    faded = np.array(audio, np.float32)
    length = faded.shape[-1]
    in_samples, out_samples = min(in_samples, length), min(out_samples, length)
    faded[..., :in_samples] *= _ramp(in_samples)
    faded[..., length - out_samples :] *= _ramp(out_samples)[::-1]
    return faded


def _mix(old: NDArray[np.floating], new: NDArray[np.floating]) -> NDArray[np.floating]:
    """From one stretch of audio to another of the same length."""
    b = _ramp(new.shape[-1])
    a = 1 - b
    power = np.sqrt(a**2 + b**2 + 2 * a * b * _correlation(old, new))
    return (a * old + b * new) / power


def _correlation(old: NDArray[np.floating], new: NDArray[np.floating]) -> float:
    """0 unrelated to 1 equal; what is opposed counts as unrelated, or the mix would be boosted."""
    x, y = old.astype(np.float64).ravel(), new.astype(np.float64).ravel()
    power = np.sqrt(x.dot(x) * y.dot(y))
    return float(np.clip(x.dot(y) / power, 0.0, 1.0)) if power > 0 else 1.0


def _ramp(samples: int) -> NDArray[np.float32]:
    """From 0 to 1; with its mirror image it adds up to 1."""
    phase = (np.arange(samples) + 0.5) / max(samples, 1)
    return (0.5 - 0.5 * np.cos(np.pi * phase)).astype(np.float32)
