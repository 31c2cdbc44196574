"""Kinds of shots in which nothing or little moves: what calm films are full of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from otio_hpm.training.shots import HEIGHT, TILE, WIDTH, Kind, Moves, Plane, blob, clouds_tile

Still = NDArray[np.float32]
"""(36, 64), 0..1."""
_DIGIT_FRAMES = 10
"""A counter's last digit changes once a second."""


def card(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """A title card or a plain field of one colour; now and then with lines of text."""
    light = np.full((HEIGHT, WIDTH), rng.uniform(0.1, 0.9), np.float32)
    if rng.random() < 0.5:
        light += rng.uniform(-0.3, 0.3) * np.linspace(-0.5, 0.5, HEIGHT)[:, None]
    for _ in range(int(rng.choice((0, 0, 1, 2, 3)))):
        _write(light, rng)
    return _held(light, moves), _held(np.full_like(light, rng.uniform(0.0, 1.0)), moves)


def counter(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """A still picture with running figures, as a slate or a burnt-in timecode has."""
    light = _held(_backdrop(rng), moves).copy()
    top, left = int(rng.integers(2, HEIGHT - 8)), int(rng.integers(2, WIDTH - 26))
    light[:, top : top + 6, left : left + 24] = 0.05
    for digit in range(6):
        every = _DIGIT_FRAMES * 10 ** ((5 - digit) // 2) if digit < 5 else 1
        shapes = rng.random((len(light) // every + 1, 4, 3)) < 0.6
        at = left + 1 + 4 * digit
        for frame in range(len(light)):
            light[frame, top + 1 : top + 5, at : at + 3][shapes[frame // every]] = 0.95
    return light, 0.5 * light


def someone(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Somebody small, standing or breathing before a plain ground."""
    ground = _held(_backdrop(rng), moves)
    sway = np.sin(moves.way / rng.uniform(6, 14))
    x, y = rng.uniform(14, 50) + 0.7 * sway, np.full(len(moves.way), rng.uniform(18, 26))
    size, shade = rng.uniform(2.0, 7.0), np.float32(rng.uniform(0.0, 1.0))
    body = blob(x, y + 0.2 * sway, size * 0.6, size * 1.6)
    head = blob(x, y - 1.9 * size, size * 0.45, size * 0.5)
    shape = np.maximum(body, head)
    return ground + shape * (shade - ground), np.float32(0.2) + np.float32(0.7) * shape


STILL_KINDS: tuple[Kind, ...] = (card, counter, someone)


def _backdrop(rng: np.random.Generator) -> Still:
    """A plain or softly lit wall. (36, 64)"""
    row, column = int(rng.integers(TILE - HEIGHT)), int(rng.integers(TILE - WIDTH))
    clouds = clouds_tile(int(rng.integers(20)))[row : row + HEIGHT, column : column + WIDTH]
    return np.asarray(rng.uniform(0.15, 0.8) + rng.uniform(0.0, 0.4) * (clouds - 0.5), np.float32)


def _write(light: Still, rng: np.random.Generator) -> None:
    """A line of text, in place: short strokes in another light."""
    top, length = int(rng.integers(4, HEIGHT - 6)), int(rng.integers(8, 40))
    left = (WIDTH - length) // 2
    strokes = rng.random((3, length)) < 0.55
    light[top : top + 3, left : left + length][strokes] = 1.0 if light.mean() < 0.5 else 0.05


def _held(picture: Still, moves: Moves) -> Plane:
    """One picture for the whole shot. (36, 64) -> (frames, 36, 64)"""
    return np.broadcast_to(picture, (len(moves.way), *picture.shape))
