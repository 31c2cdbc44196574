"""What is known of the picture that a clip belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.motion import motion_of
from otio_hpm.film.planes import planes_of
from otio_hpm.model.config import FILM_FPS
from otio_hpm.sketch.course import course_of
from otio_hpm.timing import SAMPLE_RATE
from otio_hpm.training.corpus import Pair


@dataclass(frozen=True, kw_only=True)
class Film:
    """A clip's picture."""

    arousal: float
    """Mean over the clip, 0 calm to 1 violent."""
    valence: float
    """Mean over the clip, 0 unpleasant to 1 pleasant."""
    cuts_s: NDArray[np.float64]
    """Where shots begin. shape (cuts,)"""
    hits_s: NDArray[np.float64]
    """Hit points. shape (hits,)"""


def film_of_pair(pair: Pair) -> Film:
    """Of a composed pair: affect and hit points that it was made from, cuts as they are seen."""
    cuts = np.flatnonzero(motion_of(planes_of(pair.frames)).cuts)
    return Film(
        arousal=float(pair.arousal.mean()), valence=float(pair.valence.mean()),
        cuts_s=cuts / FILM_FPS, hits_s=np.array(pair.hits) / FILM_FPS,
    )  # fmt: skip


def film_of_frames(frames: NDArray[np.uint8]) -> Film:
    """Of any picture, all measured; nobody has said hit points. (N, 36, 64, 3) RGB at 10 fps"""
    course = course_of(frames)
    return Film(
        arousal=float(course.arousal.mean()), valence=float(course.valence.mean()),
        cuts_s=np.array(course.cuts_samples) / SAMPLE_RATE, hits_s=np.zeros(0),
    )  # fmt: skip


def emotion_of_pair(pair: Pair) -> str:
    """Which quarter of Russell's circumplex (1980) a composed pair is in: its style."""
    pleasant = pair.valence.mean() >= 0.5
    if pair.arousal.mean() >= 0.5:
        return "excited" if pleasant else "tense"
    return "calm" if pleasant else "sad"
