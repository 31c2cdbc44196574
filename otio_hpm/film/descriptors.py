"""Film descriptors: what the embedded model sees of the picture, one row a second.

All are measured on small frames with published formulas; nothing is learnt, nothing downloaded.
The model normalises them by quantiles of its corpus, so their units do not matter here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.aesthetic import AESTHETIC_NAMES, AESTHETIC_SIZE, aesthetic
from otio_hpm.film.emotion import EMOTION_NAMES, EMOTION_SIZE, emotion
from otio_hpm.film.motion import motion_of
from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH, Floats, planes_of
from otio_hpm.film.semantic import SEMANTIC_NAMES, SEMANTIC_SIZE, semantic

__all__ = [
    "AESTHETIC_NAMES",
    "AESTHETIC_SIZE",
    "DESCRIPTOR_NAMES",
    "DESCRIPTOR_SIZE",
    "EMOTION_NAMES",
    "EMOTION_SIZE",
    "SEMANTIC_NAMES",
    "SEMANTIC_SIZE",
    "Descriptors",
    "describe",
]

DESCRIPTOR_NAMES = SEMANTIC_NAMES + AESTHETIC_NAMES + EMOTION_NAMES
DESCRIPTOR_SIZE = len(DESCRIPTOR_NAMES)


@dataclass(frozen=True, kw_only=True)
class Descriptors:
    """Descriptors of S seconds of picture, float32."""

    semantic: Floats
    """(S, SEMANTIC_SIZE), columns as in SEMANTIC_NAMES."""
    aesthetic: Floats
    """(S, 6), columns as in AESTHETIC_NAMES."""
    emotion: Floats
    """(S, 10), columns as in EMOTION_NAMES."""

    def stacked(self) -> Floats:
        """All side by side, (S, DESCRIPTOR_SIZE), columns as in DESCRIPTOR_NAMES."""
        return np.hstack([self.semantic, self.aesthetic, self.emotion])


def describe(frames: NDArray[np.uint8], fps: int = 10) -> Descriptors:
    """Descriptors of frames (N, 36, 64, 3) RGB at `fps`, one row for each begun second.

    The last row describes what there is of the last second. Raises ValueError for other shapes.
    """
    if frames.dtype != np.uint8 or frames.shape[1:] != (FRAME_HEIGHT, FRAME_WIDTH, 3):
        raise ValueError(f"frames are {frames.dtype} {frames.shape}, not uint8 (N, 36, 64, 3)")
    if not len(frames):
        raise ValueError("there are no frames to describe")
    planes = planes_of(frames)
    motion = motion_of(planes)
    return Descriptors(
        semantic=semantic(planes, motion, fps),
        aesthetic=aesthetic(planes, fps),
        emotion=emotion(planes, motion, fps),
    )
