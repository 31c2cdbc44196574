"""Valence and arousal over one clip: what picture and music of a training pair have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAMES = 103
"""Frames of a clip: 10.24 s at 10 fps, the last one begun."""
FPS = 10

_KINDS = ("step", "storm", "constant", "up", "down", "arch", "dip")
_SHARES = (0.24, 0.18, 0.14, 0.13, 0.13, 0.10, 0.08)
_EARLIEST_STEP, _LATEST_STEP = 15, 88


@dataclass(frozen=True, kw_only=True)
class Affect:
    """Felt valence and arousal on Russell's circumplex (1980), once per picture frame."""

    kind: str
    """Shape of the arousal curve: step, storm (calm to violent or back), constant, up, down, ..."""
    valence: NDArray[np.float32]
    """(103,), 0 unpleasant to 1 pleasant."""
    arousal: NDArray[np.float32]
    """(103,), 0 calm to 1 violent."""
    starts: tuple[int, ...]
    """Frames at which a section (a scene with music of its own) begins; the first is 0."""
    silence: tuple[int, int] = (0, 0)
    """Frames [from, to) without music, under a black picture."""
    hits: tuple[int, ...] = ()
    """Frames of hit points: a cut or flash that the music meets with an accent."""

    def sections(self) -> list[tuple[int, int]]:
        """First and one past the last frame of each section."""
        return list(zip(self.starts, (*self.starts[1:], FRAMES), strict=True))


def draw_affect(rng: np.random.Generator) -> Affect:
    """A random course of affect; about 42 % of them change at once, in the middle of the clip."""
    kind = str(rng.choice(_KINDS, p=_SHARES))
    arousal, valence, starts = _course(kind, rng)
    arousal = arousal + _drift(rng, 0.04)
    valence = valence + _drift(rng, 0.04)
    arousal = np.clip(arousal, 0.02, 1.0)
    silence = _silence(rng, starts)
    arousal[slice(*silence)] = 0.0
    return Affect(
        kind=kind,
        valence=np.clip(valence, 0.0, 1.0).astype(np.float32),
        arousal=arousal.astype(np.float32),
        starts=starts,
        silence=silence,
        hits=_hits(rng, starts, silence),
    )


def _course(
    kind: str, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, ...]]:
    """Arousal, valence, and the frames at which sections begin."""
    low, high = np.sort(rng.uniform(0.0, 1.0, 2))
    low, high = low * 0.8, max(high, low + 0.25)
    valences = rng.uniform(0.0, 1.0, 2)
    at = int(rng.integers(_EARLIEST_STEP, _LATEST_STEP))
    if kind == "storm":
        low, high = rng.uniform(0.0, 0.2), rng.uniform(0.75, 1.0)
    if kind in ("step", "storm"):
        before = np.arange(FRAMES) < at
        first, second = (low, high) if rng.random() < 0.6 else (high, low)
        valence = np.where(before, valences[0], valences[1])
        return np.where(before, first, second), valence, (0, at)
    time = np.linspace(0.0, 1.0, FRAMES)
    valence = valences[0] + 0.3 * (valences[1] - valences[0]) * time
    return _curve(kind, low, high, time, rng), valence, (0,)


def _curve(
    kind: str, low: float, high: float, time: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Arousal between `low` and `high` without a jump; `time` runs 0..1."""
    if kind == "constant":
        return np.full(FRAMES, rng.uniform(0.0, 1.0))
    peak = rng.uniform(0.3, 0.7)
    hill = np.where(time < peak, time / peak, (1.0 - time) / (1.0 - peak))
    shapes = {
        "up": time ** rng.uniform(0.7, 2.0),
        "down": (1.0 - time) ** rng.uniform(0.7, 2.0),
        "arch": hill,
        "dip": 1.0 - hill,
    }
    return np.asarray(low + (high - low) * shapes[kind])


def _drift(rng: np.random.Generator, amount: float) -> NDArray[np.float64]:
    """Slow small wandering, so that no curve is quite straight."""
    return np.interp(np.arange(FRAMES), np.linspace(0, FRAMES, 6), rng.normal(0.0, amount, 6))


def _hits(
    rng: np.random.Generator, starts: tuple[int, ...], silence: tuple[int, int]
) -> tuple[int, ...]:
    """Up to three moments, apart by a second or more; a new scene is often one of them."""
    wanted = [start for start in starts[1:] if rng.random() < 0.5]
    wanted += [int(frame) for frame in rng.integers(5, FRAMES - 8, rng.choice((0, 0, 1, 2)))]
    hits: list[int] = []
    for frame in wanted:
        apart = all(abs(frame - other) >= FPS for other in (*hits, *(set(starts) - {frame})))
        if apart and not silence[0] - 3 <= frame < silence[1]:
            hits.append(frame)
    return tuple(sorted(hits))


def _silence(rng: np.random.Generator, starts: tuple[int, ...]) -> tuple[int, int]:
    """Now and then the clip begins or ends without music."""
    length = int(rng.integers(8, 30))
    draw = rng.random()
    if draw < 0.06 and (len(starts) == 1 or starts[1] > length):
        return 0, length
    if draw < 0.12 and starts[-1] < FRAMES - length:
        return FRAMES - length, FRAMES
    return 0, 0
