"""The pursuit: into the forest ever faster, then a chase in fast cuts."""

from __future__ import annotations

import numpy as np

from otio_hpm.demo.canvas import HEIGHT, WIDTH, Canvas, Color, Painter, box, mix
from otio_hpm.demo.shapes import clouds, passing, person, pine_row, skyline, smear, trunks

INK = (0.02, 0.015, 0.02)


def forest() -> Painter:
    """A build-up: the camera goes between the trunks, slowly at first, then at a run."""
    rng = np.random.default_rng(21)
    side = rng.uniform(0.45, 6, 260) * rng.choice([-1, 1], 260)
    depth = rng.uniform(0, 60, 260)
    near, far = 0.9, 13.0

    def paint(canvas: Canvas, t: float) -> None:
        tension = min(t / 8, 1.0)
        fog = mix((0.62, 0.66, 0.6), (0.5, 0.2, 0.14), tension)
        way = 0.15 * t + 0.03 * t**3
        shake = (3 + 5 * tension) * tension
        sway, bob = shake * np.sin(7.3 * t), shake * abs(np.sin(8.5 * t))
        canvas.fill(
            [(0, mix(fog, (0.1, 0.12, 0.1), 0.5)), (190, fog), (HEIGHT, (0.07, 0.06, 0.04))]
        )
        away = (depth - way) % 60
        for n in np.argsort(-away):
            if near < away[n] < far:
                x = 320 + sway + 230 * side[n] / away[n]
                _trunk(canvas, float(x), 178 + bob, float(away[n]), fog)
        canvas.dim(_vignette(0.35 + 0.1 * tension))

    return paint


def _trunk(canvas: Canvas, x: float, horizon: float, distance: float, fog: Color) -> None:
    radius, foot = 26 / distance, horizon + 150 / distance
    area = box(x - 4 * radius, 0, x + 4 * radius, foot + radius)
    away = np.abs(area.x - x)
    roots = radius * (1 + 1.2 * np.exp((area.y - foot) / (1.5 * radius)))
    rounding = foot + 0.3 * radius * (1 - np.square(away / radius))
    body = np.clip(roots - away + 0.5, 0, 1) * np.clip(rounding - area.y + 0.5, 0, 1)
    canvas.blend(area, body, mix(INK, fog, min(distance / 14, 1) ** 0.7))
    lit = np.clip(1 - np.abs(area.x - x + 0.5 * radius) / (0.5 * radius), 0, 1)
    canvas.shine(area, 0.1 * body * lit, fog)


def runner() -> Painter:
    """Somebody runs for life; the wood flies past."""
    sky = clouds(121, cover=0.7)
    wood = smear(pine_row(122, skyline(262, 20, 124, 6, 1280), 22, 120), 14)
    front = smear(trunks(125, 9, 1600, 22), 70)
    floor = skyline(312, 8, 126, 9, 1280)

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.12, 0.05, 0.08)), (140, (0.55, 0.16, 0.1)), (260, (0.95, 0.4, 0.12))])
        canvas.blend(canvas.whole, 0.8 * passing(sky, 60 * t), (0.13, 0.06, 0.09))
        canvas.blend(canvas.whole, passing(wood, 520 * t), (0.36, 0.1, 0.07))
        canvas.glow(330, 250, 150, (1, 0.45, 0.1), 0.3)
        canvas.ground(passing(floor, 900 * t), (0.16, 0.06, 0.05), INK)
        shake = 5 * np.sin(19 * t)
        person(canvas, 300 + 30 * np.sin(0.9 * t), 318 + shake, 170, 12.5 * t, INK, 1.0)
        near = 0.85 * passing(front, 1900 * t) * np.ones((HEIGHT, 1), np.float32)
        canvas.blend(canvas.whole, near, INK)

    return paint


def torches() -> Painter:
    """Those who follow: a row of torches running through the dark."""
    wood = smear(trunks(132, 40, 1280, 7), 16)
    front = smear(trunks(133, 6, 1600, 26), 60)
    flames = np.random.default_rng(134).random(4000)

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill(
            [(0, (0.03, 0.025, 0.05)), (200, (0.1, 0.05, 0.06)), (HEIGHT, (0.05, 0.03, 0.03))]
        )
        whole = np.ones((HEIGHT, 1), np.float32)
        canvas.blend(canvas.whole, passing(wood, 420 * t) * whole, (0.04, 0.025, 0.035))
        for n in range(4):
            x = 120 + 135 * n + 22 * np.sin(2.3 * t + 2 * n)
            flame = 0.7 + 0.5 * flames[int(24 * t) * 4 + n]
            ground = 322 + 10 * (n % 2) + 4 * np.sin(17 * t + n)
            canvas.glow(x + 46, ground - 150, 75 * flame, (1, 0.45, 0.1), 0.55 * flame)
            hand = person(canvas, x, ground, 122 + 10 * (n % 2), 12 * t + 1.9 * n, INK, 0.9)
            _torch(canvas, hand, flame)
        canvas.blend(canvas.whole, passing(front, 1500 * t) * whole, (0.01, 0.01, 0.015))

    return paint


def _torch(canvas: Canvas, hand: tuple[float, float], flame: float) -> None:
    x, y = hand
    canvas.stroke((x, y), (x + 12, y - 40), 2.4, INK)
    for lift, size, color in (
        (0, 9, (1, 0.4, 0.05)),
        (5, 6, (1, 0.75, 0.2)),
        (8, 3, (1, 0.97, 0.8)),
    ):
        canvas.disc(x + 13 - lift / 3, y - 44 - lift * flame, size * flame, color, 3)


def feet() -> Painter:
    """Running feet, close to the ground, through water."""
    floor = smear(skyline(300, 14, 142, 12, 1280)[None, :], 30)[0]
    wood = smear(trunks(143, 26, 1280, 16), 90)
    rng = np.random.default_rng(144)
    spray = np.column_stack([rng.uniform(-1, 1, 60), rng.uniform(0.4, 1, 60), rng.random(60)])

    def paint(canvas: Canvas, t: float) -> None:
        canvas.fill([(0, (0.4, 0.13, 0.08)), (230, (0.9, 0.42, 0.14)), (300, (0.3, 0.12, 0.08))])
        canvas.blend(
            canvas.whole,
            passing(wood, 1300 * t) * np.ones((HEIGHT, 1), np.float32),
            (0.12, 0.04, 0.04),
        )
        canvas.ground(passing(floor, 1600 * t), (0.2, 0.09, 0.07), INK)
        person(canvas, 300, 312 + 6 * np.sin(25 * t), 440, 12.5 * t, INK, 1.0)
        for x, lift, start in spray:
            age = (2.0 * t + start) % 1
            at = (290 + 90 * x + 380 * x * age - 220 * age, 320 - 420 * lift * age + 430 * age**2)
            canvas.disc(*at, 3.2 * (1 - age) + 0.6, (0.95, 0.6, 0.35))

    return paint


def _vignette(strength: float) -> np.ndarray:
    x = (np.arange(WIDTH, dtype=np.float32) - WIDTH / 2) / WIDTH
    y = (np.arange(HEIGHT, dtype=np.float32)[:, None] - HEIGHT / 2) / HEIGHT
    return np.asarray(1 - strength * np.clip(2.4 * (x * x + y * y), 0, 1), np.float32)
