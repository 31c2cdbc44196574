"""Movement and cutting of a run of frames: what lies between neighbouring frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH, Floats, Planes, grid_means

CUT_THRESHOLD = 0.07
CUT_PROMINENCE = 1.8
SHORTEST_SHOT = 3
"""Frames a shot lasts at least; nearer to either end no cut is looked for."""
FLASH_STEP = 0.06
CUTTING_WINDOW_S = 5
LONGEST_SHOT_S = 10
_CONTRAST_FLOOR = np.float32(1e-4)
_REACH = 6
"""Largest shift that is looked for, in pixels of 64 x 36 per frame."""


@dataclass(frozen=True, kw_only=True)
class Motion:
    """Per frame: how it differs from the one before. First frames and cuts count as no motion."""

    cuts: NDArray[np.bool_]
    """Whether a shot begins here (the first frame does not count), (N,)."""
    change: Floats
    """Mean absolute lightness difference in each of 3 x 3 fields, (N, 9)."""
    moving: Floats
    """Share of pixels that change by more than 5 %, (N,)."""
    brightness_change: Floats
    """Change of the mean lightness, (N,)."""
    flashes: NDArray[np.bool_]
    """Whether light jumps up and falls back within 0.3 s, (N,)."""
    shift_x: Floats
    """Movement of the whole picture to the right, in picture widths per frame, (N,)."""
    shift_y: Floats
    """Movement of the whole picture downwards, in picture heights per frame, (N,)."""


def motion_of(planes: Planes) -> Motion:
    """Movement of N frames."""
    light = planes.lightness
    difference = np.zeros_like(light)
    np.subtract(light[1:], light[:-1], out=difference[1:])
    cuts = _cuts(planes)
    difference[cuts] = 0.0
    brightness = difference.mean(axis=(1, 2))
    np.abs(difference, out=difference)
    return Motion(
        cuts=cuts,
        change=grid_means(difference, 3, 3),
        moving=(difference > 0.05).mean(axis=(1, 2), dtype=np.float32),
        brightness_change=brightness,
        flashes=_flashes(light.mean(axis=(1, 2))),
        shift_x=_shift(light.mean(axis=1), cuts) / np.float32(FRAME_WIDTH),
        shift_y=_shift(light.mean(axis=2), cuts) / np.float32(FRAME_HEIGHT),
    )


def cutting_rate(cuts: NDArray[np.bool_], fps: int) -> Floats:
    """Cuts per second around each frame, over a window of five seconds (triangular weights).

    Where the window reaches past the frames, what is inside stands for all of it.
    """
    half = CUTTING_WINDOW_S * fps // 2
    weights = np.bartlett(2 * half + 3)[1:-1]
    inside = np.convolve(np.ones(len(cuts)), weights)[half : half + len(cuts)]
    found = np.convolve(cuts.astype(float), weights)[half : half + len(cuts)]
    return (found / inside * fps).astype(np.float32)


def since_cut(cuts: NDArray[np.bool_], fps: int) -> Floats:
    """Seconds since the last cut (or the first frame), at most ten."""
    index = np.arange(len(cuts))
    last = np.maximum.accumulate(np.where(cuts, index, 0))
    return np.minimum((index - last) / fps, LONGEST_SHOT_S).astype(np.float32)


def _cuts(planes: Planes) -> NDArray[np.bool_]:
    """Hard cuts: the three frames before all differ from the three that begin there.

    So flashes, flicker and fades are no cuts. A cut must also stand out among its neighbours,
    which the movement of a fast pan does not.
    """
    layout = grid_means(planes.lightness, 6, 8)
    cuts = np.zeros(len(layout), bool)
    frames = np.arange(SHORTEST_SHOT, len(layout) - SHORTEST_SHOT + 1)
    if not len(frames):
        return cuts
    difference = np.minimum.reduce(
        [
            _difference(planes.colors, layout, frames - back, frames + ahead)
            for back in range(1, SHORTEST_SHOT + 1)
            for ahead in range(SHORTEST_SHOT)
        ]
    )
    around = np.lib.stride_tricks.sliding_window_view(np.pad(difference, 3, "reflect"), 7)
    threshold = np.maximum(CUT_PROMINENCE * np.median(around, axis=1), CUT_THRESHOLD)
    peaks = difference == around[:, 1:6].max(axis=1)
    cuts[frames] = peaks & (difference > threshold)
    return cuts


def _difference(
    colors: Floats, layout: Floats, first: NDArray[np.intp], second: NDArray[np.intp]
) -> Floats:
    """How much frames `first` and `second` look like different shots.

    Histogram and layout difference (Zhang, Kankanhalli and Smoliar 1993), less where the layout
    is the same in other light, or where only a part of the picture changes.
    """
    step = np.abs(layout[first] - layout[second])
    level = layout - layout.mean(axis=1, keepdims=True)
    contrast = np.sqrt(np.square(level).mean(axis=1) + _CONTRAST_FLOOR)
    likeness = (level[first] * level[second]).mean(axis=1) + _CONTRAST_FLOOR
    likeness /= contrast[first] * contrast[second]
    changed = step > 0.125 * (contrast[first] + contrast[second])[:, None]
    histogram = 0.5 * np.abs(colors[first] - colors[second]).sum(axis=1)
    unlike = np.sqrt(np.maximum(1 - likeness, 0)) * changed.mean(axis=1)
    return np.asarray((histogram + 2 * step.mean(axis=1)) * unlike, np.float32)


def _flashes(brightness: Floats) -> NDArray[np.bool_]:
    """Frames where light rises by a step and has fallen back by most of it within three frames."""
    flashes = np.zeros(len(brightness), bool)
    if len(brightness) < 3:
        return flashes
    rise = np.diff(brightness)[:-1]
    later = np.lib.stride_tricks.sliding_window_view(np.pad(brightness[2:], (0, 2), "edge"), 3)
    fall = brightness[1:-1] - later.min(axis=1)
    flashes[1:-1] = (rise > FLASH_STEP) & (fall > 0.7 * rise)
    return flashes


def _shift(profile: Floats, cuts: NDArray[np.bool_]) -> Floats:
    """Shift in pixels between neighbouring profiles (N, length), by least squared difference.

    It is weighted by how much better the best shift fits than none: where nothing moves, or
    where the picture has no structure, it is 0.
    """
    shape = np.diff(profile, axis=1)
    inner = shape.shape[1] - 2 * _REACH
    before = np.lib.stride_tricks.sliding_window_view(shape[:-1], inner, axis=1)
    after = shape[1:, None, _REACH : _REACH + inner]
    error = np.square(before - after).mean(axis=2)
    best = error.argmin(axis=1)
    rows = np.arange(len(best))
    gain = 1 - (error[rows, best] + 1e-7) / (error[:, _REACH] + 1e-7)
    shifts = np.zeros(len(profile), np.float32)
    shifts[1:] = (_REACH - best) * gain
    shifts[cuts] = 0
    return shifts
