"""The day scenes: sunrise, a still meadow, a walk, kites on a windy day."""

from __future__ import annotations

import numpy as np

from otio_hpm.demo.canvas import WIDTH, Canvas, Color, Painter, box, mix, smooth
from otio_hpm.demo.shapes import clouds, noise, passing, person, pine_row, skyline

INK = (0.05, 0.045, 0.06)


def sunrise() -> Painter:
    """A build-up of light: the sun comes up behind mountains."""
    ranges = [skyline(216 + 36 * n, 96 - 14 * n, 50 + n, 4 + n, 1280) for n in range(4)]
    sky = clouds(61, cover=0.42)

    def paint(canvas: Canvas, t: float) -> None:
        day = smooth(t / 10.5)
        _morning_sky(canvas, day)
        height = 236 - 140 * day
        canvas.glow(330, height, 150 + 120 * day, (1, 0.5, 0.2), 0.25 + 0.4 * day)
        canvas.disc(330, height, 27, mix((1, 0.45, 0.2), (1, 0.93, 0.72), day), 3)
        canvas.glow(330, height, 44, (1, 0.8, 0.5), 0.3 + 0.5 * day)
        veil = passing(sky, 40 + 5 * t) * (0.25 + 0.35 * day)
        canvas.blend(canvas.whole, veil, mix((0.3, 0.18, 0.3), (1, 0.86, 0.74), day))
        for n, heights in enumerate(ranges):
            near = n / 3
            haze = mix(
                mix((0.2, 0.12, 0.25), (0.95, 0.66, 0.5), day),
                (0.06, 0.05, 0.1),
                0.25 + 0.75 * near,
            )
            foot = mix(haze, (0.98, 0.75, 0.55), 0.45 * day * (1 - near))
            canvas.ground(passing(heights, (3 + 5 * n) * t) + 14 * day * near, haze, foot)
        _birds(canvas, t)

    return paint


def _morning_sky(canvas: Canvas, day: float) -> None:
    top = mix((0.05, 0.05, 0.16), (0.36, 0.6, 0.86), day)
    middle = mix((0.22, 0.12, 0.28), (0.96, 0.74, 0.58), day)
    low = mix((0.5, 0.2, 0.25), (1.0, 0.85, 0.55), day)
    canvas.fill([(0, top), (150, middle), (250, low)])


def _birds(canvas: Canvas, t: float) -> None:
    for n in range(7):
        x, y = 40 + 46 * t - 26 * n, 120 - 6 * t + 9 * abs(n - 3) + 4 * np.sin(t + n)
        lift = 6 * np.sin(9 * t + 2 * n)
        canvas.stroke((x, y), (x - 8, y - lift), 0.9, INK)
        canvas.stroke((x, y), (x + 8, y - lift), 0.9, INK)


def meadow() -> Painter:
    """A still landscape: hardly anything moves."""
    sky = clouds(71, cover=0.5)
    hills = [skyline(214 + 30 * n, 46 - 8 * n, 80 + n, 3 + n) for n in range(3)]
    greens: list[tuple[Color, Color]] = [
        ((0.5, 0.66, 0.62), (0.55, 0.7, 0.6)),
        ((0.4, 0.62, 0.38), (0.46, 0.66, 0.36)),
        ((0.42, 0.62, 0.24), (0.22, 0.4, 0.12)),
    ]
    grass = noise(80, 160, 360, WIDTH, 91)

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.34, 0.6, 0.88)), (230, (0.8, 0.9, 0.96))])
        canvas.blend(canvas.whole, 0.85 * passing(sky, 200 + 2.5 * t), (0.98, 0.98, 0.97))
        for heights, (top, bottom) in zip(hills, greens, strict=True):
            canvas.ground(heights, top, bottom)
        low = box(0, 270, WIDTH, 360)
        canvas.shine(low, 0.16 * (grass[low.rows] - 0.4) * (low.y - 265) / 90, (0.8, 0.9, 0.4))
        _oak(canvas, 455, 268, t)

    return paint


def _oak(canvas: Canvas, x: float, ground: float, t: float) -> None:
    rng = np.random.default_rng(5)
    shade = box(x - 90, ground - 6, x + 60, ground + 14)
    oval = np.square((shade.x - x + 15) / 75) + np.square((shade.y - ground - 3) / 8)
    canvas.blend(shade, 0.5 * np.clip(1.6 - 1.6 * oval, 0, 1), (0.1, 0.22, 0.06))
    canvas.stroke((x, ground), (x - 3, ground - 70), 7, (0.24, 0.17, 0.1))
    for n in range(46):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1) ** 0.5
        sway = 0.7 * np.sin(0.9 * t + n)
        at = (x + 62 * far * np.cos(angle) + sway, ground - 104 + 42 * far * np.sin(angle))
        light = 0.5 - 0.5 * far * np.sin(angle) + 0.12 * rng.uniform(-1, 1)
        canvas.disc(*at, rng.uniform(11, 20), mix((0.1, 0.25, 0.07), (0.45, 0.62, 0.2), light), 4)


def walk() -> Painter:
    """Somebody walks along a ridge in low sun; the camera goes along."""
    far = skyline(238, 70, 101, 5, 1280)
    wood = pine_row(102, skyline(270, 30, 104, 6, 1280), 26, 62)
    ridge = skyline(312, 14, 106, 4, 1280)

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.52, 0.55, 0.66)), (140, (0.88, 0.72, 0.56)), (250, (0.98, 0.83, 0.58))])
        canvas.glow(120, 190, 120, (1, 0.7, 0.35), 0.55)
        canvas.ground(passing(far, 8 * t), (0.74, 0.58, 0.5), (0.8, 0.62, 0.48))
        canvas.blend(canvas.whole, passing(wood, 34 * t), (0.4, 0.3, 0.27))
        path = passing(ridge, 85 * t)
        canvas.ground(path, (0.13, 0.09, 0.08), (0.05, 0.04, 0.04))
        foot = float(path[300:340].mean())
        person(canvas, 320, foot + 2, 118, walk_phase(t), INK, 0.1)

    return paint


def walk_phase(t: float) -> float:
    """Angle of the stride in the walk; its steps are what the production sound plays."""
    return 2 * np.pi * 0.85 * t


def kites() -> Painter:
    """Bright and fast: kites and confetti whirl in a strong wind."""
    rng = np.random.default_rng(7)
    sky = clouds(111, cover=0.52)
    hill = skyline(318, 34, 113, 4, 1280)
    hues: list[Color] = [
        (0.95, 0.2, 0.2),
        (1, 0.8, 0.1),
        (0.15, 0.75, 0.4),
        (0.9, 0.3, 0.8),
        (1, 0.5, 0.1),
    ]
    flock = [
        (rng.uniform(40, 600), rng.uniform(60, 230), rng.uniform(16, 40), n) for n in range(11)
    ]
    paper = np.column_stack(
        [rng.uniform(0, WIDTH, 110), rng.uniform(0, 360, 110), rng.uniform(0.5, 1.5, 110)]
    )

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.1, 0.5, 0.95)), (300, (0.6, 0.87, 1))])
        canvas.blend(canvas.whole, 0.9 * passing(sky, 150 * t), (1, 1, 1))
        for x, y, size, n in flock:
            beat = 2.2 * t + 1.7 * n
            at = ((x + 190 * t * (0.6 + size / 40)) % 760 - 60, y + 46 * np.sin(beat))
            _kite(canvas, at, size, 0.5 * np.sin(beat + 1), hues[n % 5], hues[(n + 2) % 5])
        canvas.ground(passing(hill, 260 * t), (0.36, 0.75, 0.2), (0.2, 0.52, 0.12))
        for n in range(4):
            x = (n * 190 - 130 * t) % 760 - 60
            person(canvas, x, 338, 62 + 6 * n, 13 * t + n, hues[(n + 1) % 5], 0.8)
        for n, (x, y, speed) in enumerate(paper):
            at = (
                (x + 330 * t * speed) % WIDTH,
                (y + 60 * t * speed + 20 * np.sin(5 * t + n)) % 360,
            )
            canvas.disc(*at, 2.6, hues[n % 5])

    return paint


def _kite(
    canvas: Canvas, at: tuple[float, float], size: float, turn: float, front: Color, tail: Color
) -> None:
    x, y = at
    area = box(x - 1.5 * size, y - 1.5 * size, x + 1.5 * size, y + 1.5 * size)
    across = (area.x - x) * np.cos(turn) + (area.y - y) * np.sin(turn)
    down = (area.y - y) * np.cos(turn) - (area.x - x) * np.sin(turn)
    edge = np.abs(across) * 1.35 + np.abs(down)
    alpha = np.clip(size - edge + 0.5, 0, 1)
    canvas.blend(area, alpha, front)
    canvas.blend(area, alpha * (across * down > 0), mix(front, (1, 1, 1), 0.45))
    for n in range(6):
        length = size + 8 * n
        sway = 7 * np.sin(n + 6 * turn)
        canvas.disc(x - np.sin(turn) * length + sway, y + np.cos(turn) * length, 3, tail)
