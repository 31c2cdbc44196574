"""Moving low-resolution pictures that feel like a given course of valence and arousal."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from otio_hpm.training.affect import FPS, FRAMES, Affect
from otio_hpm.training.shots import HEIGHT, KINDS, WIDTH, Kind, Moves
from otio_hpm.training.still_shots import STILL_KINDS

_PLEASANT_HUES = (0.33, 0.45, 0.55, 0.60, 0.12, 0.08)
_UNPLEASANT_HUES = (0.0, 0.03, 0.70, 0.63, 0.20, 0.50)

_SHORTEST = 4
"""Frames of the shortest shot."""
_STILL, _STILL_UP_TO = 0.75, 0.5
"""Share of shots that hardly move where the picture is calmest, and the arousal that ends them:
real calm shots move far less than drawn ones of the same affect."""


def draw_scenes(affect: Affect, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Frames (103, 36, 64, 3) RGB at 10 fps.

    Motion and cutting rate grow with arousal (Wang & Cheong 2006, IEEE TCSVT 16(6)); brightness
    and saturation with valence, saturation with arousal (Valdez & Mehrabian 1994, JEP General
    123(4)). Subject, hue, contrast and pace also vary for themselves.
    """
    pace = float(np.exp(rng.normal(0.0, 0.25)))
    frames = np.zeros((FRAMES, HEIGHT, WIDTH, 3), np.float32)
    nuisance = rng.normal(0.0, 1.0, 4)
    for start, end in affect.sections():
        palette = _draw_palette(float(affect.valence[start:end].mean()), rng)
        kinds = rng.choice(len(KINDS), 2, replace=False)
        at = start
        while at < end:
            until = _shot_end(at, end, affect, rng)
            kind = KINDS[int(kinds[int(rng.random() < 0.4)])]
            shot = slice(at, until)
            moves = _moves(affect.arousal[shot], pace, rng)
            if rng.random() < _STILL * (1.0 - affect.arousal[shot].mean() / _STILL_UP_TO):
                kind, moves = _stilled(kind, moves, rng)
            light, tint = kind(rng, moves)
            frames[shot] = _colored(light, tint, palette)
            _grade(frames, shot, affect, nuisance)
            at = until
    _disturb(frames, affect, rng)
    return np.asarray(np.clip(frames, 0.0, 1.0) * 255.0 + 0.5, np.uint8)


def _shot_end(at: int, end: int, affect: Affect, rng: np.random.Generator) -> int:
    """Where the shot that begins at `at` is cut: on the next hit, or where its length is over.

    A cut just before a hit or a scene's end would leave a shot that nobody makes.
    """
    until = min(end, at + _shot_frames(float(affect.arousal[at]), rng))
    turns = [*(hit for hit in affect.hits if at < hit < end), end]
    return next((turn for turn in turns if turn <= until + _SHORTEST), until)


def _shot_frames(arousal: float, rng: np.random.Generator) -> int:
    """Length of a shot: about 9 s when calm to 0.7 s when violent."""
    return max(_SHORTEST, int(FPS * 9.0 * np.exp(-2.6 * arousal + rng.normal(0.0, 0.35))))


def _moves(arousal: NDArray[np.float32], pace: float, rng: np.random.Generator) -> Moves:
    """Movement of one shot; the camera is locked in 40 % of them."""
    speed = pace * (0.4 + 30.0 * arousal**1.5) * np.exp(rng.normal(0.0, 0.3))
    way = np.cumsum(speed) / FPS * rng.choice((-1.0, 1.0))
    pan = 0.0 if rng.random() < 0.4 else rng.uniform(0.1, 1.0)
    shake = rng.normal(0.0, 1.0, (len(arousal), 2)) * 1.2 * np.clip(arousal - 0.5, 0, 1)[:, None]
    flicker = 1.0 + rng.normal(0.0, 0.15, len(arousal)) * arousal
    return Moves(
        way=way.astype(np.float32),
        pan=(pan * way).astype(np.float32),
        shake=shake.astype(np.float32),
        flicker=flicker.astype(np.float32),
    )


def _stilled(kind: Kind, moves: Moves, rng: np.random.Generator) -> tuple[Kind, Moves]:
    """A shot that stands still or hardly moves: one made so, or this kind slowed down."""
    if rng.random() < 0.5:
        kind = STILL_KINDS[int(rng.integers(len(STILL_KINDS)))]
    slow = np.float32(rng.choice((0.0, rng.uniform(0.02, 0.3))))
    return kind, Moves(
        way=moves.way * slow,
        pan=np.zeros_like(moves.pan),
        shake=np.zeros_like(moves.shake),
        flicker=np.ones_like(moves.flicker),
    )


def _draw_palette(valence: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Two colours (2, 3), for tint 0 and 1."""
    colors = []
    for value in (0.8, 1.0):
        hues = _PLEASANT_HUES if rng.random() < 0.15 + 0.7 * valence else _UNPLEASANT_HUES
        hue = (float(rng.choice(hues)) + rng.normal(0.0, 0.03)) % 1.0
        colors.append(colorsys.hsv_to_rgb(hue, rng.uniform(0.5, 1.0), value))
    return np.asarray(colors, np.float32)


def _colored(
    light: NDArray[np.float32], tint: NDArray[np.float32], palette: NDArray[np.float32]
) -> NDArray[np.float32]:
    mixed = palette[0] + tint[..., None] * (palette[1] - palette[0])
    return np.asarray(light[..., None] * mixed, np.float32)


def _grade(
    frames: NDArray[np.float32], shot: slice, affect: Affect, nuisance: NDArray[np.float64]
) -> None:
    """Saturation, contrast and brightness of one shot, held through it, in place."""
    valence, arousal = float(affect.valence[shot].mean()), float(affect.arousal[shot].mean())
    saturation = np.clip(0.1 + 0.45 * valence + 0.4 * arousal + 0.2 * nuisance[0], 0.0, 1.3)
    contrast = np.clip(0.8 + 0.35 * arousal + 0.15 * nuisance[1], 0.4, 1.5)
    brightness = np.clip(0.24 + 0.42 * valence + 0.08 * nuisance[2], 0.08, 0.85)
    seen = frames[shot]
    grey = seen.mean(axis=3, keepdims=True)
    # Light that flickers or passes within the shot stays.
    middle = grey.mean()
    graded = middle + (grey - middle) * np.float32(contrast)
    graded = graded + (seen - grey) * np.float32(saturation)
    frames[shot] = graded * np.float32(brightness / max(middle, 0.08))


def _disturb(frames: NDArray[np.float32], affect: Affect, rng: np.random.Generator) -> None:
    """Grain, letterbox, flashes, fades, black: what real footage also has, in place."""
    if rng.random() < 0.4:
        # Pictures this small have averaged most of their grain away.
        strength = np.float32(rng.uniform(0.001, 0.012))
        grain = rng.standard_normal((HEIGHT * 3, WIDTH * 3, 1), np.float32)
        for index in range(FRAMES):
            y, x = rng.integers(0, HEIGHT * 2), rng.integers(0, WIDTH * 2)
            frames[index] += strength * grain[y : y + HEIGHT, x : x + WIDTH]
    for start in affect.starts[1:]:
        if affect.arousal[start] > affect.arousal[start - 1] + 0.2 and rng.random() < 0.35:
            frames[start : start + 2] += 0.5
    for hit in affect.hits:
        if rng.random() < 0.4:
            frames[hit : hit + 2] += 0.4
    # Silence is for black alone: music plays on under a picture that does not move.
    frames[slice(*affect.silence)] *= 0.05
    if rng.random() < 0.06:
        dark = int(rng.integers(3, 10))
        frames[:dark] *= np.linspace(0.0, 1.0, dark, dtype=np.float32)[:, None, None, None]
    if rng.random() < 0.15:
        bar = int(rng.integers(2, 6))
        frames[:, :bar] = 0.0
        frames[:, -bar:] = 0.0
