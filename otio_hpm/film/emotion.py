"""Emotion descriptors: valence, arousal and the eight classes of VideoEmotion-8.

They are measured proxies, not a judgement of what a scene means: brightness, saturation,
movement and cutting are read as film affect research says viewers tend to feel them.
"""

from __future__ import annotations

import numpy as np

from otio_hpm.film.motion import Motion, cutting_rate
from otio_hpm.film.planes import Floats, Planes, per_second

CLASSES: dict[str, tuple[float, float, float]] = {
    "anger": (-0.51, 0.59, 0.25),
    "anticipation": (0.22, 0.40, -0.01),
    "disgust": (-0.60, 0.35, 0.11),
    "fear": (-0.64, 0.60, -0.43),
    "joy": (0.76, 0.48, 0.35),
    "sadness": (-0.63, -0.27, -0.33),
    "surprise": (0.40, 0.67, -0.13),
    "trust": (0.60, -0.30, 0.10),
}
"""VideoEmotion-8's classes (Jiang, Xu and Xue 2014) with their place in valence, arousal and
dominance: after Russell and Mehrabian (1977); trust is placed at calm pleasure, anticipation at a
milder curiosity (Plutchik's vigilance is not in their list)."""
EMOTION_NAMES: tuple[str, ...] = ("valence", "arousal", *CLASSES)
"""Names of the values, in order."""
EMOTION_SIZE = len(EMOTION_NAMES)

_WIDTH = 0.4
"""Distance at which a class fades, in units of the affect space."""


def emotion(planes: Planes, motion: Motion, fps: int) -> Floats:
    """Emotion values per second, (S, 10); valence and arousal -1 to 1, the classes sum to 1."""
    looks = per_second(_looks(planes), fps)
    brightness, saturation, shadow, warmth = looks.T
    energy = per_second(_energy(motion, fps), fps)
    valence = _valence(brightness, saturation, shadow, warmth)
    arousal = _arousal(brightness, saturation, energy)
    dominance = _dominance(brightness, saturation, warmth)
    surprise = per_second((motion.cuts | motion.flashes).astype(np.float32), fps) * fps
    rise = np.diff(arousal, prepend=arousal[:1])
    places = np.stack([valence, arousal, dominance], axis=1)
    return np.hstack([places[:, :2], _memberships(places, surprise, rise)])


def _looks(planes: Planes) -> Floats:
    """Per frame: brightness, saturation, share in shadow (lighting key), warmth of the colour."""
    columns = (
        planes.value.mean(axis=(1, 2)),
        planes.chroma.mean(axis=(1, 2)),
        (planes.lightness < 0.2).mean(axis=(1, 2), dtype=np.float32),
        (planes.red_green + planes.yellow_blue).mean(axis=(1, 2)),
    )
    return np.stack(columns, axis=1)


def _energy(motion: Motion, fps: int) -> Floats:
    """Movement, cutting and changing light, 0 to 1.3 (motion, shot length: Wang, Cheong 2006)."""
    movement = np.tanh(np.sqrt(motion.change.mean(axis=1) / 0.03))
    cutting = np.tanh(1.5 * cutting_rate(motion.cuts, fps))
    light = np.tanh(np.abs(motion.brightness_change) / 0.05)
    return np.asarray(0.6 * movement + 0.5 * cutting + 0.2 * light, np.float32)


def _valence(brightness: Floats, saturation: Floats, shadow: Floats, warmth: Floats) -> Floats:
    """Pleasure = .69 B + .22 S (Valdez and Mehrabian 1994); low-key light and cold colour lower it.

    Lighting key and colour energy after Wang and Cheong (2006).
    """
    pleasure = 0.69 * (brightness - 0.45) + 0.22 * (saturation - 0.2)
    return np.asarray(np.tanh(2.5 * (pleasure - 0.2 * (shadow - 0.3) + 0.3 * warmth)))


def _arousal(brightness: Floats, saturation: Floats, energy: Floats) -> Floats:
    """Arousal = -.31 B + .60 S (Valdez and Mehrabian 1994), and for the most part movement."""
    color = 0.60 * (saturation - 0.2) - 0.31 * (brightness - 0.45)
    return np.asarray(np.tanh(0.8 * color + 2.5 * (energy - 0.28)))


def _dominance(brightness: Floats, saturation: Floats, warmth: Floats) -> Floats:
    """Dominance = -.76 B + .32 S (Valdez and Mehrabian 1994), at less weight, and warm colour."""
    color = 0.32 * (saturation - 0.2) - 0.76 * (brightness - 0.45)
    return np.asarray(np.tanh(0.4 * color + 0.5 * warmth))


def _memberships(places: Floats, surprise: Floats, rise: Floats) -> Floats:
    """Soft memberships: softmax of the negative squared distance to each class (Russell 1980).

    Dominance tells least and counts half. Surprise and anticipation need more than a place: cuts
    and flashes speak for the one, rising arousal for the other.
    """
    centres = np.array(list(CLASSES.values()), np.float32)
    distance = np.square(places[:, None] - centres) @ np.array([1, 1, 0.5], np.float32)
    score = -distance / np.float32(2 * _WIDTH**2)
    names = list(CLASSES)
    score[:, names.index("surprise")] += 2 * np.tanh(surprise) - 1.2
    score[:, names.index("anticipation")] += 3 * np.maximum(rise, 0) - 0.4
    score = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(score / score.sum(axis=1, keepdims=True), np.float32)
