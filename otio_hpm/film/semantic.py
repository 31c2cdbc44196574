"""Semantic descriptors: what is in the picture, as far as 64 x 36 pixels show it.

Colour layout and edge directions after MPEG-7's visual descriptors (Manjunath et al. 2001),
movement and cutting after Wang and Cheong (2006). They stand where full-size models have CLIP.
"""

from __future__ import annotations

import numpy as np

from otio_hpm.film.motion import Motion, cutting_rate, since_cut
from otio_hpm.film.planes import Floats, Planes, grid_means, per_second

_ROWS, _COLUMNS = 3, 4
_CELLS = tuple(f"{row + 1}{column + 1}" for row in range(_ROWS) for column in range(_COLUMNS))
SEMANTIC_NAMES: tuple[str, ...] = (
    *(f"lightness_{cell}" for cell in _CELLS),
    *(f"red_green_{cell}" for cell in _CELLS),
    *(f"yellow_blue_{cell}" for cell in _CELLS),
    "contrast",
    "edges_upright",
    "edges_level",
    "edges_rising",
    "edges_falling",
    "detail_fine",
    "detail_coarse",
    "motion_left",
    "motion_middle",
    "motion_right",
    "motion_top",
    "motion_bottom",
    "motion_area",
    "brightness_trend",
    "flicker",
    "flashes",
    "shift_right",
    "shift_down",
    "shift_speed",
    "cuts",
    "cutting_rate",
    "since_cut",
    "motion_peak",
)
"""Names of the values, in order; a cell is row and column, 11 at the top left."""
SEMANTIC_SIZE = len(SEMANTIC_NAMES)


def semantic(planes: Planes, motion: Motion, fps: int) -> Floats:
    """Semantic values per second, (S, SEMANTIC_SIZE)."""
    frames = [_layout(planes), _texture(planes), _movement(motion), _cutting(motion, fps)]
    means = per_second(np.hstack(frames), fps)
    peaks = np.maximum.reduceat(motion.change.mean(axis=1), np.arange(0, len(motion.cuts), fps))
    return np.hstack([means, peaks[:, None]])


def _layout(planes: Planes) -> Floats:
    """Lightness and opponent colours on a 3 x 4 grid (after MPEG-7 colour layout)."""
    shown = (planes.lightness, planes.red_green, planes.yellow_blue)
    return np.hstack([grid_means(plane, _ROWS, _COLUMNS) for plane in shown])


def _texture(planes: Planes) -> Floats:
    """Contrast, edges in four directions (after MPEG-7 edge histogram), fine and coarse detail."""
    light = planes.lightness
    across = np.diff(light, axis=2)[:, 1:]
    down = np.diff(light, axis=1)[:, :, 1:]
    coarse = grid_means(light, 9, 16)
    fine = light[:, 1:, 1:] - 0.25 * (
        light[:, :-1, 1:] + light[:, 1:, :-1] + light[:, :-1, :-1] + light[:, 1:, 1:]
    )
    columns = (
        light.std(axis=(1, 2)),
        _mean_abs(across),
        _mean_abs(down),
        _mean_abs(across - down),
        _mean_abs(across + down),
        _mean_abs(fine),
        coarse.std(axis=1),
    )
    return np.stack(columns, axis=1)


def _movement(motion: Motion) -> Floats:
    """Where the picture moves, how its light changes, and how the camera seems to move."""
    fields = motion.change.reshape(-1, 3, 3)
    across, down = fields.mean(axis=1), fields.mean(axis=2)
    trend = motion.brightness_change
    flicker = np.abs(np.diff(trend, prepend=trend[:1]))
    columns = (
        across[:, 0],
        across[:, 1],
        across[:, 2],
        down[:, 0],
        down[:, 2],
        motion.moving,
        trend,
        flicker,
        motion.flashes.astype(np.float32),
        motion.shift_x,
        motion.shift_y,
        np.hypot(motion.shift_x, motion.shift_y),
    )
    return np.stack(columns, axis=1)


def _cutting(motion: Motion, fps: int) -> Floats:
    """Cuts per second, their rate over five seconds, and the time since the last."""
    cuts = motion.cuts.astype(np.float32) * fps
    columns = (cuts, cutting_rate(motion.cuts, fps), since_cut(motion.cuts, fps))
    return np.stack(columns, axis=1)


def _mean_abs(values: Floats) -> Floats:
    return np.asarray(np.abs(values).mean(axis=(1, 2)))
