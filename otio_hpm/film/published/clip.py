"""Semantics: CLIP's image encoder (Radford et al. 2021), ten frames a second (appendix C.1)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from otio_hpm.film.published.resampling import (
    Pixels,
    Weights,
    normalised,
    pillow_bicubic,
    resized_by_pillow,
)

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
_AT_ONCE = 32
"""Frames seen at once; more would only cost memory."""


class Clip(nn.Module):
    """transformers' `CLIPVisionModelWithProjection` under one roof with how it is fed."""

    def __init__(self, vision: dict[str, Any]) -> None:
        """`vision`: values of a `CLIPVisionConfig`; the defaults are ViT-B/32's."""
        super().__init__()
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

        self.vision = CLIPVisionModelWithProjection(CLIPVisionConfig(**vision))

    @property
    def side(self) -> int:
        """Width and height of the pictures that it takes."""
        return int(self.vision.config.image_size)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, side, side), as `clip_input` gives them -> (N, 512), not normalised"""
        parts = images.split(_AT_ONCE)
        return torch.cat([self.vision(pixel_values=part).image_embeds for part in parts])


def clip_input(frames: Pixels, side: int = 224) -> Tensor:
    """CLIP's own preprocessing: the shorter edge to `side`, the middle of it, normalised.

    (N, height, width, 3) -> (N, 3, side, side)
    """
    height, width = frames.shape[1:3]
    shorter = min(height, width)
    rows, columns = (_middle(n, side * n // shorter, side) for n in (height, width))
    return normalised(resized_by_pillow(frames, rows, columns), _MEAN, _STD)


def _middle(length: int, size: int, side: int) -> Weights:
    """Rows of a resize to `size` that make the middle `side` pixels."""
    first = (size - side) // 2
    return pillow_bicubic(length, size)[first : first + side]
