"""Movement and cutting of a run of frames: what lies between neighbouring frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH, Floats, Planes, grid_means

CUT_THRESHOLD = 0.32
CUT_PROMINENCE = 2.5
FLASH_STEP = 0.10
CUTTING_WINDOW_S = 5
LONGEST_SHOT_S = 10
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
    flashes = _flashes(light.mean(axis=(1, 2)))
    difference = np.zeros_like(light)
    np.subtract(light[1:], light[:-1], out=difference[1:])
    cuts = _cuts(planes) & ~_near(flashes)
    difference[cuts] = 0.0
    brightness = difference.mean(axis=(1, 2))
    np.abs(difference, out=difference)
    return Motion(
        cuts=cuts,
        change=grid_means(difference, 3, 3),
        moving=(difference > 0.05).mean(axis=(1, 2), dtype=np.float32),
        brightness_change=brightness,
        flashes=flashes,
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
    """Hard cuts: large histogram and layout differences that stand out among their neighbours.

    Histogram difference after Zhang, Kankanhalli and Smoliar (1993); the threshold moves with the
    median of seven neighbours, so that fast movement is not taken for cuts; of a run of large
    differences the largest is the cut.
    """
    layout = grid_means(planes.lightness, 6, 8)
    distance = np.zeros(len(layout), np.float32)
    distance[1:] = 0.5 * np.abs(np.diff(planes.colors, axis=0)).sum(axis=1)
    distance[1:] += 2.0 * np.abs(np.diff(layout, axis=0)).mean(axis=1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(distance, 3), 7)
    threshold = np.maximum(CUT_PROMINENCE * np.median(around, axis=1), CUT_THRESHOLD)
    return np.asarray((distance > threshold) & (distance == around[:, 2:5].max(axis=1)))


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


def _near(flashes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The frames of a flash and the three after it, where light falls back."""
    return np.asarray(np.convolve(flashes, np.ones(4))[: len(flashes)] > 0)


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
