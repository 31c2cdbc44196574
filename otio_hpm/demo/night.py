"""The night scenes: a lighthouse, a room with a failing lamp, a village in the snow."""

from __future__ import annotations

import numpy as np

from otio_hpm.demo.canvas import HEIGHT, WIDTH, Canvas, Painter, box
from otio_hpm.demo.shapes import drops, falling, noise, passing, person, skyline

BLACK = (0.008, 0.01, 0.016)
LIGHTNING_S = (2.3, 5.2)
"""When lightning strikes outside the room; the first flashes once more."""


def lighthouse() -> Painter:
    """Slow and dark: a light turns over a black sea."""
    rng = np.random.default_rng(11)
    stars = np.column_stack([rng.uniform(0, WIDTH, 90), rng.uniform(0, 190, 90), rng.random(90)])
    headland = skyline(252, 60, 5, 4, 900)
    headland += (np.maximum(0, np.abs(np.arange(900) - 520) - 70) * 0.7).astype(np.float32)
    waves = noise(60, 22, 160, 1280, 8) - 0.5

    def paint(canvas: Canvas, t: float) -> None:
        drift = 3.0 * t
        canvas.fill(
            [(0, (0.01, 0.015, 0.04)), (200, (0.03, 0.06, 0.11)), (232, (0.07, 0.11, 0.16))]
        )
        canvas.glow(150, 70, 16, (0.75, 0.8, 0.9), 0.5)
        canvas.disc(150, 70, 9, (0.85, 0.87, 0.85))
        for x, y, size in stars:
            canvas.glow(
                x - 0.2 * drift,
                y,
                1.1,
                (0.8, 0.85, 1),
                size * (0.6 + 0.3 * np.sin(3 * t + 9 * size)),
            )
        _sea(canvas, waves, t)
        _beam(canvas, 446 - drift, 110, 2 * np.pi * t / 6 + 0.6)
        canvas.ground(passing(headland, 40 + drift), BLACK)
        _tower(canvas, 446 - drift)

    return paint


def _sea(canvas: Canvas, waves: np.ndarray, t: float) -> None:
    sea = box(0, 232, WIDTH, HEIGHT)
    rows = len(sea.y)
    depth = (sea.y - 232) / (HEIGHT - 232)
    canvas.blend(sea, np.ones((rows, 1), np.float32), (0.02, 0.04, 0.07))
    swell = passing(waves, 9 * t)[:rows] + passing(waves, 500 - 6 * t)[:rows]
    path = np.exp(-np.square((sea.x - 150) / (25 + 60 * depth)))
    canvas.shine(
        sea, np.clip(swell, 0, 1) * (0.14 + 0.75 * path * (1 - 0.5 * depth)), (0.6, 0.7, 0.8)
    )


def _beam(canvas: Canvas, x: float, y: float, turn: float) -> None:
    """Two opposite cones of light, seen from the side as they turn about a mast."""
    across = float(np.cos(turn))
    toward = max(0.0, float(np.sin(turn)))
    whole = canvas.whole
    for side in (1.0, -1.0):
        along = np.maximum((whole.x - x) * np.sign(across) * side, 0)
        reach = 60 + 420 * abs(across)
        spread = 3 + along * (0.035 + 0.05 * (1 - abs(across)))
        fade = np.exp(-along / reach) * (along > 0) * abs(across) ** 0.5
        cone = np.exp(-np.square((whole.y - y) / spread)) * fade
        canvas.shine(whole, (0.42 * cone).astype(np.float32), (1.0, 0.93, 0.7))
    canvas.glow(x, y, 9, (1, 0.95, 0.8), 0.9)
    canvas.glow(x, y, 34 + 60 * toward**8, (1, 0.9, 0.65), 0.25 + 0.6 * toward**8)


def _tower(canvas: Canvas, x: float) -> None:
    area = box(x - 14, 118, x + 14, 250)
    width = 6.5 + (area.y - 118) * 0.045
    canvas.blend(area, np.clip(width - np.abs(area.x - x) + 0.5, 0, 1), (0.035, 0.04, 0.055))
    canvas.stroke((x - 8, 117), (x + 8, 117), 1.6, (0.03, 0.03, 0.04))
    canvas.stroke((x - 5, 104), (x + 5, 104), 1.6, (0.03, 0.03, 0.04))


def lamp() -> Painter:
    """Night inside: a lamp that fails, rain on the pane, lightning, somebody who waits."""
    rain = drops(3, 1500, 14, 0.5)
    flicker = np.random.default_rng(4).random(4000)
    wall = 0.75 + 0.5 * noise(9, 14, HEIGHT, WIDTH, 6)

    def paint(canvas: Canvas, t: float) -> None:
        glow = _flicker(flicker, t)
        bolt = _lightning(t)
        canvas.fill([(0, (0.05, 0.03, 0.02)), (HEIGHT, (0.03, 0.02, 0.015))])
        _window(canvas, falling(rain, 620 * t), bolt)
        light = np.exp(
            -np.square((canvas.whole.x - 430) / 210) - np.square((canvas.whole.y - 150) / 150)
        )
        canvas.shine(
            canvas.whole, (0.62 * glow * light * wall).astype(np.float32), (0.95, 0.55, 0.22)
        )
        canvas.stroke((430, 0), (430, 84), 1, BLACK)
        canvas.disc(430, 92, 11, (0.2 + 0.8 * glow, 0.15 + 0.7 * glow, 0.08 + 0.4 * glow))
        canvas.glow(430, 92, 30, (1, 0.75, 0.4), 0.7 * glow)
        _waiting(canvas, t)

    return paint


def _flicker(values: np.ndarray, t: float) -> float:
    """Lamp light 0 to 1: unsteady, with short failures that come more often."""
    slow, fast = values[int(t * 3)], values[1000 + int(t * 24)]
    failing = t > 2 and slow < 0.3 + 0.05 * t
    return float((0.15 + 0.5 * (fast > 0.45)) if failing else 0.8 + 0.2 * fast)


def _lightning(t: float) -> float:
    flashes = (*LIGHTNING_S, LIGHTNING_S[0] + 0.25)
    return max(float(np.exp(-9 * (t - at))) if t >= at else 0.0 for at in flashes)


def _window(canvas: Canvas, rain: np.ndarray, bolt: float) -> None:
    area = box(90, 60, 250, 240)
    night = (0.05 + 0.6 * bolt, 0.08 + 0.65 * bolt, 0.14 + 0.75 * bolt)
    canvas.blend(area, np.ones((len(area.y), 1), np.float32), night)
    canvas.shine(area, rain[area.rows, area.columns], (0.35, 0.45, 0.6))
    for x in (90, 170, 250):
        canvas.stroke((x, 60), (x, 240), 4, (0.02, 0.015, 0.01))
    for y in (60, 150, 240):
        canvas.stroke((90, y), (250, y), 4, (0.02, 0.015, 0.01))
    canvas.shine(canvas.whole, np.full((1, 1), 0.10 * bolt, np.float32), (0.6, 0.7, 1))


def _waiting(canvas: Canvas, t: float) -> None:
    """A seated figure at a table, in silhouette, who breathes."""
    breath = 1.2 * np.sin(2 * np.pi * t / 3.5)
    ink = (0.015, 0.01, 0.008)
    canvas.stroke((270, 292), (600, 292), 6, ink)
    for x in (290, 580):
        canvas.stroke((x, 292), (x, HEIGHT), 5, ink)
    canvas.stroke((500, 300), (506, 222 + breath), 26, ink)
    canvas.stroke((504, 216 + breath), (455, 280), 10, ink)
    canvas.disc(500, 172 + breath, 21, ink)
    canvas.stroke((500, 306), (432, 318), 13, ink)
    canvas.stroke((432, 318), (428, HEIGHT), 9, ink)
    canvas.stroke((540, 200), (545, HEIGHT), 5, ink)


def snow() -> Painter:
    """Calm and cold: snow falls on a village, somebody walks home."""
    flakes = [drops(20 + n, 260 - 60 * n, 1 + n, 0.55 + 0.2 * n) for n in range(3)]
    hills = [skyline(190, 90, 31, 5, 1280), skyline(236, 50, 35, 6, 1280)]
    field = skyline(292, 26, 38, 3, 1280)
    houses = [(90, 40), (160, 54), (246, 36), (330, 48), (520, 44)]

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.05, 0.07, 0.15)), (150, (0.12, 0.16, 0.28)), (280, (0.24, 0.28, 0.4))])
        canvas.ground(passing(hills[0], 2 * t), (0.14, 0.18, 0.3), (0.2, 0.24, 0.36))
        canvas.ground(passing(hills[1], 4 * t), (0.2, 0.25, 0.38), (0.26, 0.3, 0.42))
        for x, size in houses:
            _house(canvas, x - 7 * t, 280, size)
        canvas.ground(passing(field, 9 * t), (0.5, 0.56, 0.7), (0.3, 0.35, 0.48))
        person(canvas, 420 + 9 * t, 322, 54, 5 * t, (0.04, 0.05, 0.09), 0.0)
        for depth, tile in enumerate(flakes):
            sway = int(20 * np.sin(0.6 * t + depth))
            fallen = np.roll(falling(tile, (26 + 24 * depth) * t), sway, axis=1)
            canvas.shine(canvas.whole, _soft(fallen), (0.9, 0.93, 1))

    return paint


def _house(canvas: Canvas, x: float, ground: float, size: float) -> None:
    ink = (0.06, 0.07, 0.12)
    body = box(x - size / 2, ground - size, x + size / 2, ground + 20)
    canvas.blend(body, np.ones((1, 1), np.float32), ink)
    roof = box(x - size, ground - 1.7 * size, x + size, ground - size + 2)
    width = (roof.y - (ground - 1.6 * size)) * 0.95
    canvas.blend(roof, np.clip(width - np.abs(roof.x - x) + 0.5, 0, 1), (0.62, 0.67, 0.8))
    for side in (-0.2, 0.2):
        canvas.stroke(
            (x + side * size, ground - 0.6 * size),
            (x + side * size, ground - 0.4 * size),
            0.08 * size,
            (1, 0.72, 0.32),
        )
        canvas.glow(x + side * size, ground - 0.5 * size, 0.5 * size, (1, 0.6, 0.25), 0.35)


def _soft(points: np.ndarray) -> np.ndarray:
    """Flakes two pixels wide."""
    wide = points + np.roll(points, 1, axis=1)
    return np.asarray(np.minimum(wide + np.roll(wide, 1, axis=0), 1), np.float32)
