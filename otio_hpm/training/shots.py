"""Kinds of shots: each draws two planes, light and tint, that a palette turns into colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 36
Plane = NDArray[np.float32]
"""(frames, 36, 64), 0..1."""

TILE = 256
"""Sides of a tile of noise, pixels."""
_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
Track = NDArray[np.floating[Any]]
"""(frames,) a coordinate over time."""


@dataclass(frozen=True, kw_only=True)
class Moves:
    """How the camera and things move in a shot, per frame."""

    way: NDArray[np.float32]
    """(frames,) distance that things cover in pixels, grows faster with arousal."""
    pan: NDArray[np.float32]
    """(frames,) distance that the camera covers in pixels; all 0 where it is locked."""
    shake: NDArray[np.float32]
    """(frames, 2) camera shake in pixels."""
    flicker: NDArray[np.float32]
    """(frames,) restless light, around 1."""


@cache
def clouds_tile(index: int) -> NDArray[np.float32]:
    """A tile of smooth noise that wraps, (256, 256), 0..1; its grain differs with the index."""
    rng = np.random.default_rng([40, index])
    frequency = (
        np.hypot(*np.meshgrid(np.fft.fftfreq(TILE), np.fft.rfftfreq(TILE), indexing="ij")) * TILE
    )
    falloff = (1.2 + 0.25 * (index % 5), 3.0 + 2.0 * (index % 4))
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    spectrum *= 1.0 / (falloff[1] + frequency) ** falloff[0]
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum)
    tile = np.clip(0.5 + 0.22 * field / field.std(), 0.0, 1.0)
    return np.asarray(tile, np.float32)


def _scroll(rng: np.random.Generator, x: Track, y: Track, zoom: float = 1.0) -> Plane:
    """A window onto noise at per-frame offsets in pixels."""
    tile = clouds_tile(int(rng.integers(20)))
    columns = ((np.arange(WIDTH) * zoom)[None] + x[:, None]).astype(np.int32) + int(
        rng.integers(TILE)
    )
    rows = ((np.arange(HEIGHT) * zoom)[None] + y[:, None]).astype(np.int32) + int(
        rng.integers(TILE)
    )
    return tile[(rows % TILE)[:, :, None], (columns % TILE)[:, None, :]]


def blob(x: Track, y: Track, wide: float, high: float, soft: float = 3.0) -> Plane:
    """A soft ellipse centred at per-frame (x, y) pixels, made of two profiles."""
    across = ((_X[0][None] - x[:, None]) / wide) ** 2
    down = ((_Y[:, 0][None] - y[:, None]) / high) ** 2
    inside = soft * (1.0 - (down[:, :, None] + across[:, None, :]))
    return np.asarray(np.clip(inside, 0.0, 1.0), np.float32)


def landscape(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Sky over hills that pass by."""
    x, y = moves.pan + moves.shake[:, 0], moves.shake[:, 1]
    ridge = clouds_tile(int(rng.integers(20)))[int(rng.integers(TILE))]
    horizon = rng.uniform(12, 26)
    columns = (np.arange(WIDTH)[None] + x[:, None]).astype(np.int32) % TILE
    edge = horizon + y[:, None] + 12 * (ridge[columns] - 0.5)
    sky = np.clip(edge[:, None, :] - _Y[None] + 0.5, 0.0, 1.0)
    clouds = _scroll(rng, moves.pan * 0.5 + moves.way * 0.1, y)
    ground = _scroll(rng, x * 1.5, y, 2.0)
    height = (_Y / HEIGHT)[None]
    light = sky * (0.55 + 0.35 * height + 0.25 * clouds) + (1 - sky) * (0.15 + 0.4 * ground)
    return light, sky * (0.75 + 0.25 * clouds) + (1 - sky) * 0.2 * ground


def face(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """A head with eyes and mouth before a blurred room."""
    sway = rng.uniform(2, 6)
    x = rng.uniform(22, 42) + sway * np.sin(moves.way / 9) + moves.shake[:, 0]
    y = rng.uniform(15, 20) + moves.shake[:, 1] + np.cos(moves.way / 7)
    size = rng.uniform(8, 16)
    head = blob(x, y, size * 0.8, size * 1.1)
    dark = sum(
        (
            blob(x + dx * size, y + dy * size, size * w, size * h)
            for dx, dy, w, h in (
                (-0.3, -0.2, 0.14, 0.1),
                (0.3, -0.2, 0.14, 0.1),
                (0.0, 0.5, 0.3, 0.1),
            )
        ),
        start=np.zeros_like(head),
    )
    room = _scroll(rng, moves.pan + moves.shake[:, 0], moves.shake[:, 1], 0.5)
    light = (0.15 + 0.5 * room) * (1 - head) + head * (0.8 - 0.5 * dark)
    return light, 0.3 * room * (1 - head) + 0.8 * head


def objects(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Things of several sizes crossing the picture."""
    light = 0.2 + 0.3 * _scroll(rng, moves.shake[:, 0] + moves.pan, moves.shake[:, 1], 0.7)
    tint = light * 0.5
    for _ in range(int(rng.integers(2, 6))):
        pace = rng.uniform(-1.3, 1.3)
        size = rng.uniform(2.5, 10)
        x = (rng.uniform(0, 90) + pace * moves.way) % (WIDTH + 26) - 13
        y = rng.uniform(6, 30) + 5 * np.sin(moves.way / 12 + rng.uniform(0, 6)) + moves.shake[:, 1]
        thing = blob(x, y, size, size * rng.uniform(0.5, 1.4))
        light = light + thing * (rng.uniform(0.3, 1.0) - light)
        tint = tint + thing * (rng.uniform(0.0, 1.0) - tint)
    return light, tint


def texture(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """A field, crowd or wall passing the camera."""
    angle = rng.uniform(0, 2 * np.pi)
    x = np.cos(angle) * moves.way + moves.shake[:, 0]
    y = np.sin(angle) * moves.way + moves.shake[:, 1]
    zoom = rng.uniform(0.5, 3.0)
    return _scroll(rng, x, y, zoom), _scroll(rng, 0.7 * x, 0.7 * y, 0.5)


def water(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Waves under a sky."""
    depth = (_Y / HEIGHT)[None]
    phase = moves.way[:, None, None]
    slope, pitch = rng.uniform(0.05, 0.3), rng.uniform(0.3, 0.9)
    waves = np.sin(_Y[None] * pitch + slope * _X[None] + phase * 0.25)
    waves = waves * np.cos(slope * 1.7 * _X[None] - phase * 0.17)
    ripple = _scroll(rng, moves.way * 0.5, moves.shake[:, 1], 1.5)
    light = 0.75 - 0.4 * depth + 0.22 * waves * depth + 0.2 * (ripple - 0.5)
    return light.astype(np.float32), (0.9 - 0.6 * depth + 0.1 * waves).astype(np.float32)


def interior(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """A room with one spot of light."""
    x = rng.uniform(10, 54) + 0.2 * moves.pan + moves.shake[:, 0]
    y = rng.uniform(8, 26) + moves.shake[:, 1]
    spot = blob(x, y, rng.uniform(14, 30), rng.uniform(10, 24), 1.0)
    walls = _scroll(rng, moves.pan + moves.shake[:, 0], moves.shake[:, 1], 0.4)
    light = (0.1 + 0.25 * walls + 0.75 * spot) * moves.flicker[:, None, None]
    return light, 0.2 + 0.7 * spot


def fire(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Flames or smoke rising."""
    rise = _scroll(rng, moves.shake[:, 0], moves.way, rng.uniform(0.8, 2.5))
    base = (_Y / HEIGHT)[None] ** 0.8
    light = np.clip(2.0 * (rise + base - 0.75), 0.0, 1.0) * moves.flicker[:, None, None]
    return light, np.clip(light * 1.2, 0.0, 1.0)


def city(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Lit windows and lamps passing in the dark."""
    lights = np.zeros((HEIGHT, TILE), np.float32)
    lights[rng.integers(4, 34, 260), rng.integers(0, TILE, 260)] = rng.uniform(0.4, 1.0, 260)
    lights[:, 1:] = np.maximum(lights[:, 1:], 0.6 * lights[:, :-1])
    columns = (np.arange(WIDTH)[None] + (moves.pan + moves.shake[:, 0])[:, None]).astype(np.int32)
    shown = lights[:, columns % TILE].transpose(1, 0, 2)
    blocks = _scroll(rng, moves.pan * 0.5, moves.shake[:, 1], 0.8)
    return 0.1 + 0.3 * blocks + 0.6 * shown, 0.2 * blocks + 0.8 * shown


def rain(rng: np.random.Generator, moves: Moves) -> tuple[Plane, Plane]:
    """Rain or snow before a still background."""
    count, long = int(rng.integers(60, 200)), int(rng.integers(1, 5))
    drops = np.zeros((TILE, TILE), np.float32)
    rows, columns = rng.integers(0, TILE, (2, count * 6))
    for step in range(long):
        drops[(rows + step) % TILE, columns] = 0.9
    down = (np.arange(HEIGHT)[None] - (moves.way * 1.5)[:, None]).astype(np.int32) % TILE
    across = (np.arange(WIDTH)[None] + (0.3 * moves.way)[:, None]).astype(np.int32) % TILE
    falling = drops[down[:, :, None], across[:, None, :]]
    back = _scroll(rng, moves.shake[:, 0] + moves.pan, moves.shake[:, 1], 0.6)
    return 0.2 + 0.45 * back + 0.35 * falling, 0.6 * back + 0.3 * falling


Kind = Callable[[np.random.Generator, Moves], tuple[Plane, Plane]]
KINDS: tuple[Kind, ...] = (
    landscape,
    face,
    objects,
    texture,
    water,
    interior,
    fire,
    city,
    rain,
)
