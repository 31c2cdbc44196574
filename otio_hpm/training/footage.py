"""Descriptors of real footage, so that it spans the axes that the film encoder normalises.

Only statistics come from here; nothing is trained on the footage itself.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from otio_hpm.errors import MediaError, ModelError
from otio_hpm.film.descriptors import DESCRIPTOR_SIZE, describe
from otio_hpm.film.frames import read_frames
from otio_hpm.model.config import ModelConfig
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan

_RATE = Fraction(24)


def require_measuring(config: ModelConfig) -> None:
    """Raise ModelError for a model that sees by encoders, for which footage is not looked at."""
    if config.descriptor_size != DESCRIPTOR_SIZE:
        raise ModelError(
            "footage is measured, and this model sees by encoders", hint="Leave --footage out."
        )


def describe_footage(folder: Path) -> Tensor:
    """Descriptors of every second of every movie in a folder. -> (seconds, descriptor_size)"""
    finder = MediaFinder(folder, MediaSettings())
    rows = [np.zeros((0, DESCRIPTOR_SIZE), np.float32)]
    for path in sorted(folder.iterdir()):
        media = _movie(finder, path)
        if media is not None:
            rows.append(_described(media))
    return torch.from_numpy(np.concatenate(rows)).float()


def with_footage(composed: Tensor, footage: Tensor) -> Tensor:
    """Composed and real rows with equal weight. (N, seconds, D), (M, D) -> (rows, D)"""
    rows = composed.reshape(-1, composed.shape[-1])
    if not len(footage):
        return rows
    return torch.cat([rows, footage.repeat(max(1, len(rows) // len(footage)), 1)])


def _movie(finder: MediaFinder, path: Path) -> MediaFile | None:
    try:
        media = finder.probe(path)
    except MediaError:
        return None
    return media if media.kind == "movie" else None


def _described(media: MediaFile) -> np.ndarray:
    duration_s = media.duration_s or Fraction(0)
    frames = int(duration_s * _RATE) - 1
    layer = Layer(name=media.path.name, media=media, media_start_s=Fraction(0), speed=Fraction(1))
    picture = Picture(spans=(PictureSpan(start_frames=0, end_frames=frames, layers=(layer,)),))
    return describe(read_frames(picture, 0, frames, _RATE)).stacked()
