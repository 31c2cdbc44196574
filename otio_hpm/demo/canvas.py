"""A canvas that draws straight into video planes (Y'CbCr 4:2:0), in floating point.

Colours are RGB triples from 0 to 1; positions are pixels, x to the right and y downwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH, HEIGHT = 640, 360

Floats = NDArray[np.floating[Any]]
Color = tuple[float, float, float]
Painter = Callable[["Canvas", float], None]
"""Paints one frame of a scene on a canvas, given its time in seconds."""

_TO_PLANES = np.array(
    [
        [65.481, 128.553, 24.966],
        [-37.797, -74.203, 112.0],
        [112.0, -93.786, -18.214],
    ],
    np.float32,
).T
"""BT.601 studio range: RGB to Y, Cb, Cr without their offsets."""
_OFFSETS = np.array([16, 128, 128], np.float32)


@dataclass(frozen=True)
class Box:
    """A part of the canvas with even edges, and the pixel centres in it."""

    rows: slice
    columns: slice
    x: Floats
    """(1, width)."""
    y: Floats
    """(height, 1)."""


def box(left: float, top: float, right: float, bottom: float) -> Box:
    """The part of the canvas inside these edges, which may be outside it; empty if all of it is."""
    x0, x1 = _even(left, right, WIDTH)
    y0, y1 = _even(top, bottom, HEIGHT)
    x = np.arange(x0, x1, dtype=np.float32) + 0.5
    y = np.arange(y0, y1, dtype=np.float32) + 0.5
    return Box(slice(y0, y1), slice(x0, x1), x[None, :], y[:, None])


class Canvas:
    """One frame being painted."""

    def __init__(self) -> None:
        self._light = np.zeros((HEIGHT, WIDTH), np.float32)
        self._color = np.zeros((2, HEIGHT // 2, WIDTH // 2), np.float32)
        self.whole = box(0, 0, WIDTH, HEIGHT)

    def fill(self, stops: Sequence[tuple[float, Color]]) -> None:
        """Fill with a vertical gradient through (y, colour) stops."""
        planes = _planes(_ramp(stops)) + _OFFSETS
        self._light[:] = planes[:, :1]
        self._color[:] = planes[::2, 1:].T[:, :, None]

    def blend(self, area: Box, alpha: Floats, color: ArrayLike) -> None:
        """Cover an area by `color`, one or one per row, as far as alpha (0 to 1) says."""
        planes = np.atleast_2d(_planes(color) + _OFFSETS)
        light, tint = self._parts(area)
        light += alpha * (planes[:, :1] - light)
        target = planes[:: 2 if len(planes) > 1 else 1, 1:].T[:, :, None]
        tint += alpha[::2, ::2] * (target - tint)

    def shine(self, area: Box, amount: Floats, color: Color) -> None:
        """Add light of a colour to an area."""
        planes = _planes(color)
        light, tint = self._parts(area)
        light += amount * planes[0]
        tint += amount[::2, ::2] * planes[1:, None, None]

    def dim(self, factor: Floats) -> None:
        """Multiply all light by a factor per pixel, (360, 640)."""
        self._light[:] = (self._light - 16) * factor + 16
        self._color[:] = (self._color - 128) * factor[::2, ::2] + 128

    def ground(self, heights: Floats, top: Color, bottom: Color | None = None) -> None:
        """Cover all below a skyline: its y for each column; the colour may change downwards."""
        first = int(max(heights.min() - 1, 0))
        area = box(0, first, WIDTH, HEIGHT)
        colors = _ramp([(first, top), (HEIGHT, bottom or top)])[area.rows]
        self.blend(area, np.clip(area.y - heights + 0.5, 0, 1), colors)

    def disc(self, x: float, y: float, radius: float, color: Color, soft: float = 1) -> None:
        """A disc whose edge is `soft` pixels wide."""
        reach = radius + soft
        area = box(x - reach, y - reach, x + reach, y + reach)
        distance = np.hypot(area.x - x, area.y - y)
        self.blend(area, np.clip((radius - distance) / soft + 0.5, 0, 1), color)

    def stroke(
        self, start: tuple[float, float], end: tuple[float, float], radius: float, color: Color
    ) -> None:
        """A straight line with round ends."""
        (x0, y0), (x1, y1) = start, end
        reach = radius + 1
        area = box(
            min(x0, x1) - reach, min(y0, y1) - reach, max(x0, x1) + reach, max(y0, y1) + reach
        )
        dx, dy = x1 - x0, y1 - y0
        along = ((area.x - x0) * dx + (area.y - y0) * dy) / max(dx * dx + dy * dy, 1e-6)
        along = np.clip(along, 0, 1)
        distance = np.hypot(area.x - x0 - along * dx, area.y - y0 - along * dy)
        self.blend(area, np.clip(radius - distance + 0.5, 0, 1), color)

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float = 1) -> None:
        """Soft light around a point."""
        area = box(x - 2.5 * radius, y - 2.5 * radius, x + 2.5 * radius, y + 2.5 * radius)
        across = np.exp(-np.square((area.x - x) / radius))
        down = np.exp(-np.square((area.y - y) / radius))
        self.shine(area, strength * down * across, color)

    def picture(self) -> NDArray[np.uint8]:
        """The frame as yuv420p, (540, 640); a fixed dither keeps soft gradients free of bands."""
        light = np.clip(self._light + _DITHER, 16, 235).astype(np.uint8)
        tint = np.clip(self._color + 0.5, 16, 240).astype(np.uint8)
        return np.concatenate([light.ravel(), tint.ravel()]).reshape(HEIGHT * 3 // 2, WIDTH)

    def _parts(self, area: Box) -> tuple[Floats, Floats]:
        half = [slice(edge.start // 2, edge.stop // 2) for edge in (area.rows, area.columns)]
        return self._light[area.rows, area.columns], self._color[:, half[0], half[1]]


def mix(first: Color, second: Color, share: float) -> Color:
    """A colour between two."""
    share = min(max(share, 0.0), 1.0)
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def smooth(value: float) -> float:
    """0 to 1 with a soft start and end."""
    value = min(max(value, 0.0), 1.0)
    return value * value * (3 - 2 * value)


def _planes(color: ArrayLike) -> Floats:
    return np.asarray(np.asarray(color, np.float32) @ _TO_PLANES)


def _ramp(stops: Sequence[tuple[float, Color]]) -> Floats:
    """Colours of all rows, (360, 3), through (y, colour) stops."""
    at = [y for y, _ in stops]
    rows = np.arange(HEIGHT)
    channels = [np.interp(rows, at, [color[c] for _, color in stops]) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)


def _even(first: float, last: float, size: int) -> tuple[int, int]:
    """Even edges within 0 and `size` that hold everything between first and last."""
    start = min(max(int(first) // 2 * 2, 0), size)
    return start, max(min(int(last) // 2 * 2 + 2, size), start)


_DITHER = np.random.default_rng(2).random((HEIGHT, WIDTH), np.float32)
