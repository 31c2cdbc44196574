"""Emotion: CTEN, the network of WECL (Zhang et al. 2023; appendix C.3), by what it sees alone.

The authors' `VisualErase`: a 3-D ResNet-101 over short snippets, a non-local block among them, and
attention over time. Their other network also hears; here it would hear the film's own score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from otio_hpm.film.published.resampling import (
    Pixels,
    Weights,
    pillow_bilinear,
    resized_by_pillow,
)
from otio_hpm.film.published.resnet import RESNET_101, ResNetShape, shape_of, stages, stem

EMOTIONS = (
    "anger",
    "anticipation",
    "disgust",
    "fear",
    "joy",
    "sadness",
    "surprise",
    "trust",
)
"""VideoEmotion-8's classes in the order of the weights."""

_SIDE = 112
_SNIPPET = 16
"""Frames of one snippet."""
_AT_ONCE = 4
"""Snippets seen at once; more would only cost memory."""


@dataclass(frozen=True, kw_only=True)
class CtenShape:
    """Sizes of the parts, as a file's shapes tell them."""

    network: ResNetShape
    segments: int = 16
    """Snippets that a film is seen in."""
    inner: int = 256
    """Width of the non-local block."""
    classes: int = len(EMOTIONS)

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[int, ...]]) -> CtenShape:
        """From a state dict's shapes. Raises KeyError naming what CTEN has and they do not."""
        stage_names = tuple(f"resnet.{number}" for number in range(4, 8))
        return cls(
            network=shape_of(shapes, "resnet.0.weight", stage_names),
            segments=shapes["ta_net.fc.weight"][0],
            inner=shapes["nl.0.theta.weight"][0],
            classes=shapes["fc.weight"][0],
        )


PUBLISHED = CtenShape(network=RESNET_101)


class Cten(nn.Module):
    """The authors' `VisualErase`."""

    def __init__(self, shape: CtenShape = PUBLISHED) -> None:
        super().__init__()
        self.shape = shape
        features = shape.network.features
        self.resnet = nn.Sequential(*stem(3, shape.network), *stages(3, shape.network))
        self.nl = nn.Sequential(NonLocal(features, shape.inner))
        conv = nn.Sequential(nn.Conv1d(features, 1, 1, bias=False), nn.BatchNorm1d(1), nn.Tanh())
        self.ta_net = nn.ModuleDict({"conv": conv, "fc": nn.Linear(shape.segments, shape.segments)})
        self.fc = nn.Linear(features, shape.classes)

    def forward(self, snippets: Tensor) -> Tensor:
        """(B, segments, 3, 16, side, side), values 0 to 255 -> logits (B, classes)"""
        seen = self.nl(self.features(snippets)).transpose(1, 2)
        attention = self.ta_net["fc"](self.ta_net["conv"](seen).squeeze(1)).relu()
        result: Tensor = self.fc((seen * attention[:, None]).mean(dim=2))
        return result

    def features(self, snippets: Tensor) -> Tensor:
        """Each snippet for itself. -> (B, segments, features)"""
        flat = snippets.flatten(0, 1)
        found = [
            self.resnet((part - 100) / 255).mean(dim=(2, 3, 4)) for part in flat.split(_AT_ONCE)
        ]
        return torch.cat(found).reshape(*snippets.shape[:2], -1)


class NonLocal(nn.Module):
    """Non-local block (Wang et al. 2018) among a film's snippets, with a learnt share of itself."""

    def __init__(self, features: int, inner: int) -> None:
        super().__init__()
        self.theta = nn.Linear(features, inner)
        self.phi = nn.Linear(features, inner)
        self.g = nn.Linear(features, inner)
        self.out = nn.Linear(inner, features)
        self.bn = nn.BatchNorm1d(features)
        self.alpha = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, segments, features) -> the same"""
        likeness = self.theta(x) @ self.phi(x).transpose(1, 2) / self.theta.out_features**0.5
        gathered = self.out(likeness.softmax(dim=-1) @ self.g(x))
        result: Tensor = self.bn(gathered.transpose(1, 2)).transpose(1, 2) + self.alpha * x
        return result


def snippet_frames(count: int, segments: int) -> NDArray[np.intp]:
    """Which of `count` frames are seen: 16 in the middle of each of `segments` equal parts.

    Too short a film is looped, as the authors do. -> (segments, 16)
    """
    needed = segments * _SNIPPET
    indices = np.resize(np.arange(count), max(count, needed))
    part = len(indices) // segments
    first = part // 2 - _SNIPPET // 2
    starts = np.arange(segments) * part + first
    return np.asarray(indices[starts[:, None] + np.arange(_SNIPPET)])


def cten_input(frames: Pixels, segments: int) -> Tensor:
    """Frames at 30 per second as the network takes them, scaled and cropped to the middle.

    (N, height, width, 3) -> (1, segments, 3, 16, 112, 112), values 0 to 255
    """
    height, width = frames.shape[1:3]
    shorter = min(height, width)
    rows, columns = (_middle(n, _SIDE * n // shorter) for n in (height, width))
    chosen = frames[snippet_frames(len(frames), segments).ravel()]
    small = resized_by_pillow(chosen, rows, columns)
    snippets = small.reshape(segments, _SNIPPET, _SIDE, _SIDE, 3).transpose(0, 4, 1, 2, 3)
    return torch.from_numpy(np.ascontiguousarray(snippets)).float()[None]


def _middle(length: int, size: int) -> Weights:
    """Rows of a resize to `size` that make the middle 112 pixels."""
    first = round(size / 2) - _SIDE // 2
    return pillow_bilinear(length, size)[first : first + _SIDE]
