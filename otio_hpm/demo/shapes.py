"""What the scenes are made of: skylines, trees, clouds, falling drops, people."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from otio_hpm.demo.canvas import HEIGHT, WIDTH, Canvas, Color, Floats


def noise(rows: int, columns: int, height: int, width: int, seed: int) -> Floats:
    """Smooth random field (height, width), 0 to 1, with rows x columns bumps; it repeats across."""
    values = np.random.default_rng(seed).random((rows + 1, columns + 1))
    values[:, -1] = values[:, 0]
    return np.asarray(_steps(height, rows) @ values @ _steps(width, columns).T, np.float32)


def skyline(base: float, height: float, seed: int, bumps: int = 8, width: int = WIDTH) -> Floats:
    """y of a range of hills for each column: octaves of noise above `base`."""
    octaves = sum((noise(1, bumps * 2**n, 2, width, seed + n)[0] - 0.5) * 2.0**-n for n in range(5))
    return np.asarray(base - height * (0.5 + np.asarray(octaves)), np.float32)


def clouds(seed: int, width: int = 2 * WIDTH, cover: float = 0.5) -> Floats:
    """Cloud alpha (360, width), flat beneath and thinning upwards."""
    field = sum(
        noise(3 * 2**n, 4 * 2**n, HEIGHT, width, seed + n) * 0.5 ** (n + 1) for n in range(5)
    )
    return np.clip((np.asarray(field) - 1 + cover) * 3.5, 0, 1).astype(np.float32)


def drops(seed: int, count: int, length: int, strength: float) -> Floats:
    """A tile (720, 640) of falling streaks, bright at their lower end, that repeats downwards."""
    rng = np.random.default_rng(seed)
    tile = np.zeros((2 * HEIGHT, WIDTH), np.float32)
    rows, columns = rng.integers(0, 2 * HEIGHT, count), rng.integers(0, WIDTH, count)
    depth = rng.uniform(0.3, 1, count) * strength
    for step in range(length):
        level = depth * (step + 1) / length
        np.maximum.at(tile, ((rows + step) % (2 * HEIGHT), columns), level)
    return tile


def falling(tile: Floats, offset: float) -> Floats:
    """The part of a tile of drops seen after it has fallen by `offset` pixels, (360, 640)."""
    top = -int(offset) % (2 * HEIGHT)
    rows = np.arange(top, top + HEIGHT) % (2 * HEIGHT)
    return np.asarray(tile[rows])


def pine(x: Floats, y: Floats, at: float, ground: float, height: float) -> Floats:
    """Alpha of a pine on the grid of x and y."""
    down = (y - (ground - height)) / height
    width = height * 0.17 * np.clip(down, 0, 1) * (0.62 + 0.38 * (down * 6 % 1))
    width = np.where(down > 0.92, height * 0.025, width)
    inside = np.clip(width - np.abs(x - at) + 0.5, 0, 1)
    return np.asarray(inside * (down > 0) * (down < 1), np.float32)


def pine_row(seed: int, ground: Floats, spacing: float, height: float) -> Floats:
    """Alpha (360, width) of a row of pines that stand on a skyline."""
    rng = np.random.default_rng(seed)
    width = len(ground)
    alpha = np.zeros((HEIGHT, width), np.float32)
    y = np.arange(HEIGHT, dtype=np.float32)[:, None] + 0.5
    for at in rng.uniform(0, width, int(width / spacing)):
        tall = height * rng.uniform(0.6, 1.2)
        left, right = int(max(at - tall * 0.2, 0)), int(min(at + tall * 0.2, width))
        x = np.arange(left, right, dtype=np.float32)[None, :] + 0.5
        foot = ground[min(int(at), width - 1)] + 4
        np.maximum(alpha[:, left:right], pine(x, y, at, foot, tall), out=alpha[:, left:right])
    return np.maximum(alpha, np.clip(y - ground + 0.5, 0, 1))


def trunks(seed: int, count: int, width: int, thickness: float) -> Floats:
    """Alpha (1, width) of bare trunks that reach from edge to edge."""
    rng = np.random.default_rng(seed)
    x = np.arange(width, dtype=np.float32)
    alpha = np.zeros(width, np.float32)
    for at, radius in zip(
        rng.uniform(0, width, count), rng.uniform(0.4, 1, count) * thickness, strict=True
    ):
        np.maximum(alpha, np.clip(radius - np.abs(x - at) + 0.5, 0, 1), out=alpha)
    return alpha[None, :]


def smear(alpha: Floats, pixels: int) -> Floats:
    """Motion blur: the mean over `pixels` neighbouring columns, running round the edge."""
    wrapped = np.concatenate([alpha[:, -pixels:], alpha], axis=1).cumsum(axis=1, dtype=np.float64)
    return np.asarray((wrapped[:, pixels:] - wrapped[:, :-pixels]) / pixels, np.float32)


def passing(strip: Floats, offset: float) -> Floats:
    """The 640 columns of a strip seen after the camera moved by `offset` pixels; it repeats."""
    width = strip.shape[-1]
    start = int(offset) % width
    if start + WIDTH <= width:
        return strip[..., start : start + WIDTH]
    return np.concatenate([strip[..., start:], strip[..., : start + WIDTH - width]], axis=-1)


def person(
    canvas: Canvas, x: float, ground: float, size: float, phase: float, color: Color, run: float
) -> tuple[float, float]:
    """A silhouette walking (run 0) or running (run 1) to the right; returns where a hand is.

    `phase` is the angle of the stride: two steps are 2 pi.
    """
    bounce = abs(np.sin(phase)) * (0.02 + 0.03 * run)
    hip = np.array([x, ground - size * (0.5 + bounce)])
    shoulder = hip + size * np.array([0.03 + 0.12 * run, -0.29])
    hand = shoulder
    for side in (0.0, np.pi):
        swing = np.sin(phase + side)
        thigh = swing * (0.42 + 0.45 * run) + 0.15 * run
        shin = thigh - max(0.0, np.cos(phase + side + 0.4)) * (0.6 + 1.1 * run)
        knee = hip + 0.26 * size * np.array([np.sin(thigh), np.cos(thigh)])
        foot = knee + 0.26 * size * np.array([np.sin(shin), np.cos(shin)])
        toe = foot + 0.075 * size * np.array([np.cos(shin), -np.sin(shin)])
        _limb(canvas, (hip, knee), 0.058 * size, color)
        _limb(canvas, (knee, foot), 0.04 * size, color)
        _limb(canvas, (foot, toe), 0.032 * size, color)
        arm = -swing * (0.45 + 0.5 * run)
        elbow = shoulder + 0.17 * size * np.array([np.sin(arm), np.cos(arm)])
        bend = arm + 0.3 + 1.2 * run
        hand = elbow + 0.15 * size * np.array([np.sin(bend), np.cos(bend)])
        _limb(canvas, (shoulder, elbow, hand), 0.03 * size, color)
    canvas.stroke(_point(hip), _point(shoulder), 0.075 * size, color)
    head = shoulder + size * np.array([0.03 + 0.03 * run, -0.13])
    canvas.disc(head[0], head[1], 0.065 * size, color)
    return _point(hand)


def _limb(canvas: Canvas, joints: tuple[Floats, ...], radius: float, color: Color) -> None:
    for start, end in pairwise(joints):
        canvas.stroke(_point(start), _point(end), radius, color)


def _point(position: Floats) -> tuple[float, float]:
    return float(position[0]), float(position[1])


def _steps(length: int, parts: int) -> Floats:
    """Matrix (length, parts + 1) that interpolates softly between parts + 1 values."""
    at = np.linspace(0, parts, length, endpoint=False)
    share = at % 1
    share = share * share * (3 - 2 * share)
    matrix = np.zeros((length, parts + 1))
    rows, whole = np.arange(length), at.astype(int)
    matrix[rows, whole] = 1 - share
    matrix[rows, whole + 1] = share
    return np.asarray(matrix)
