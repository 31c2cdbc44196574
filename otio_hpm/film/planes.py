"""Picture planes: what all descriptors measure on, computed once.

Lightness is kept at full size, colour at half size; both are means over pixel boxes, so grain of
single pixels does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

FRAME_HEIGHT = 36
FRAME_WIDTH = 64
COLOR_BINS = 64
HUE_BINS = 36

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Planes:
    """N frames taken apart; every value is 0 to 1, opponent colours -1 to 1."""

    lightness: Floats
    """Rec. 601 luma of the coded values, (N, 36, 64)."""
    red_green: Floats
    """R - G, (N, 18, 32); the opponent axes of Hasler and Suesstrunk (2003)."""
    yellow_blue: Floats
    """(R + G) / 2 - B, (N, 18, 32)."""
    value: Floats
    """HSV value, (N, 18, 32)."""
    chroma: Floats
    """HSV saturation times value, (N, 18, 32): colour that is seen, not that of dark noise."""
    hues: Floats
    """Chroma-weighted hue histogram divided by the number of pixels, (N, 36)."""
    colors: Floats
    """Share of pixels in each of 4 x 4 x 4 boxes of RGB, (N, 64)."""


def planes_of(frames: NDArray[np.uint8]) -> Planes:
    """The planes of frames (N, 36, 64, 3) RGB."""
    full = np.ascontiguousarray(frames.transpose(3, 0, 1, 2)).astype(np.float32)
    full *= np.float32(1 / 255)
    red, green, blue = _halved(full)
    value = np.maximum(np.maximum(red, green), blue)
    chroma = value - np.minimum(np.minimum(red, green), blue)
    return Planes(
        lightness=0.299 * full[0] + 0.587 * full[1] + 0.114 * full[2],
        red_green=red - green,
        yellow_blue=0.5 * (red + green) - blue,
        value=value,
        chroma=chroma,
        hues=_hue_histogram(red, green, blue, chroma),
        colors=_color_histogram(frames),
    )


def per_second(values: Floats, fps: int) -> Floats:
    """Means over each second along the first axis; the last second may be shorter."""
    starts = np.arange(0, len(values), fps)
    counts = np.diff(np.append(starts, len(values))).astype(np.float32)
    sums = np.add.reduceat(values, starts, axis=0)
    return np.asarray(sums / counts.reshape(-1, *[1] * (values.ndim - 1)), np.float32)


def grid_means(plane: Floats, rows: int, columns: int) -> Floats:
    """Means of `plane` (N, height, width) over a grid, (N, rows * columns)."""
    _, height, width = plane.shape
    cells = _pooling(height, rows).T @ (plane @ _pooling(width, columns))
    return np.asarray(cells.reshape(len(plane), -1), np.float32)


@cache
def _pooling(length: int, parts: int) -> Floats:
    """Matrix (length, parts) that averages runs of equal length; products pool fastest."""
    part = np.arange(length) * parts // length
    matrix = (part[:, None] == np.arange(parts)).astype(np.float32)
    return np.asarray(matrix / matrix.sum(axis=0), np.float32)


def _halved(full: Floats) -> Floats:
    """Means over boxes of 2 x 2 pixels."""
    rows = full[:, :, ::2] + full[:, :, 1::2]
    return np.asarray((rows[..., ::2] + rows[..., 1::2]) * np.float32(0.25))


def _hue_histogram(red: Floats, green: Floats, blue: Floats, chroma: Floats) -> Floats:
    across = np.float32(3**0.5 / 2) * (green - blue)
    angle = np.arctan2(across, red - 0.5 * (green + blue))
    hue = (angle * np.float32(HUE_BINS / (2 * np.pi))).astype(np.int32) % HUE_BINS
    return _histograms(hue, HUE_BINS, chroma)


def _color_histogram(frames: NDArray[np.uint8]) -> Floats:
    high = frames[:, ::2, ::2] >> 6
    return _histograms((high[..., 0] << 4) | (high[..., 1] << 2) | high[..., 2], COLOR_BINS)


def _histograms(indices: NDArray[np.integer], bins: int, weights: Floats | None = None) -> Floats:
    """Histogram of each frame, (N, bins), divided by the number of pixels."""
    count = len(indices)
    flat = indices.reshape(count, -1) + (np.arange(count) * bins)[:, None]
    scale = None if weights is None else weights.ravel()
    totals = np.bincount(flat.ravel(), scale, minlength=count * bins).reshape(count, bins)
    return np.asarray(totals / flat.shape[1], np.float32)
