"""Dynamics of a composed sketch: the picture's arousal, phrases that breathe, and stings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from otio_hpm.sketch.course import AffectCourse, along
from otio_hpm.sketch.metre import Phrase
from otio_hpm.sketch.model import (
    FRAME_SAMPLES,
    LOUDEST_DB,
    SOFTEST_DB,
    TICK_SAMPLES,
    DynamicsPoint,
)
from otio_hpm.timing import SAMPLE_RATE

Levels = NDArray[np.float64]
"""(frames,) dB of full scale on the frame grid, the first at sample 0."""

CALM_DB, VIOLENT_DB = -45.5, -9.5
"""At arousal 0 and 1. The training corpus's medians lie on a line from -43.5 to -13; arousal as it
is measured lies nearer to its middle than what it stands for, so that levels spread more."""
_COMPOSED_TOP_DB = -9.0
_SWELL_DB = 1.5
_STING_S = (-0.7, -0.3, -0.016, 0.05, 0.4, 1.6)
_STING_DB = (0.0, -7.0, -7.0, 5.0, 4.0, 0.0)
_EASE_S = 2.0
_TOLERANCE_DB = 0.4


def compose_dynamics(
    course: AffectCourse,
    phrases: list[Phrase],
    hits: tuple[int, ...],
    drawn: tuple[DynamicsPoint, ...],
    samples: int,
) -> tuple[DynamicsPoint, ...]:
    """Points of level for a whole cue.

    Level rises with arousal, beside tempo its strongest cue (Gabrielsson & Lindström 2010;
    Dean, Bailes & Schubert 2011, PLoS ONE 6(4)); each phrase swells and recedes (Todd 1992, The
    dynamics of dynamics, JASA 91(6)). Before a hit it dips, so that the hit is heard.

    drawn: dB against the cue's own mean; between the first and the last, they are all there is,
    and around them, so around a single one too, they pass into the composed level within two
    seconds.
    """
    frames = np.arange(-(-samples // FRAME_SAMPLES))
    seconds = frames * FRAME_SAMPLES / SAMPLE_RATE
    felt = along(course.arousal, seconds)
    level = CALM_DB + (VIOLENT_DB - CALM_DB) * felt + _swell(phrases, frames)
    level = np.minimum(level + _sting(hits, seconds), _COMPOSED_TOP_DB)
    level = np.clip(_with_drawn(level, drawn, frames), SOFTEST_DB, LOUDEST_DB)
    kept = _corners(level, {hit // FRAME_SAMPLES for hit in hits})
    return tuple(
        DynamicsPoint(at_samples=int(frame) * FRAME_SAMPLES, level_db=round(float(level[frame]), 2))
        for frame in kept
    )


def _swell(phrases: list[Phrase], frames: NDArray[np.int64]) -> Levels:
    """Rises to the middle of each phrase and falls to its end."""
    swell = np.zeros(len(frames))
    per_tick = TICK_SAMPLES // FRAME_SAMPLES
    for phrase in phrases:
        first, last = phrase.start * per_tick, min(phrase.end * per_tick, len(frames))
        arch = np.sin(np.pi * np.linspace(0.0, 1.0, max(last - first, 0)))
        swell[first:last] = _SWELL_DB * (2 * arch - 1)
    return swell


def _sting(hits: tuple[int, ...], seconds: Levels) -> Levels:
    """A dip before each hit and a peak from it on."""
    sting = np.zeros(len(seconds))
    for hit in hits:
        sting += np.interp(seconds - hit / SAMPLE_RATE, _STING_S, _STING_DB)
    return np.clip(sting, min(_STING_DB), max(_STING_DB))


def _with_drawn(
    level: Levels, drawn: tuple[DynamicsPoint, ...], frames: NDArray[np.int64]
) -> Levels:
    if not drawn:
        return level
    points = sorted(drawn, key=lambda point: point.at_samples)
    times = [point.at_samples / FRAME_SAMPLES for point in points]
    relative = np.interp(frames, times, [point.level_db for point in points])
    away = np.maximum(np.maximum(times[0] - frames, frames - times[-1]), 0.0)
    share = np.clip(1 - away * FRAME_SAMPLES / (_EASE_S * SAMPLE_RATE), 0.0, 1.0)
    return np.asarray(share * (level.mean() + relative) + (1 - share) * level)


def _corners(level: Levels, needed: set[int]) -> list[int]:
    """Frames between which the level is straight within a tolerance (Douglas & Peucker 1973)."""
    kept = {0, len(level) - 1, *(frame for frame in needed if frame < len(level))}
    edges = sorted(kept)
    spans = list(pairwise(edges))
    while spans:
        first, last = spans.pop()
        straight = np.linspace(level[first], level[last], last - first + 1)
        off = np.abs(level[first : last + 1] - straight)
        middle = first + int(off.argmax())
        if off.max() > _TOLERANCE_DB:
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return sorted(kept)
