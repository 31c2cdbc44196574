"""CLIP: its own preprocessing, and transformers' features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_encoders import save_clip

from otio_hpm.film.published.clip import clip_input
from otio_hpm.film.published.convert import read_encoder
from otio_hpm.film.published.encoders import network_of

STORED = {
    (0, 0): (0.163927, -1.737089, 1.050952),
    (17, 200): (0.485092, -0.311351, -0.968297),
    (112, 112): (-0.974751, 1.834759, 1.107832),
    (223, 223): (1.448588, 1.969829, 1.164713),
}
"""Red, green and blue at (row, column) of `picture()` as CLIP's own preprocessing gives them:
transformers' CLIPImageProcessorPil of release 5.23, with its defaults (Pillow's bicubic resize of
the shorter edge to 224, the middle 224 x 224, CLIP's mean and deviation)."""


def picture(height: int = 240, width: int = 426) -> np.ndarray:
    """A picture of waves that every machine computes alike: whole numbers only."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 7 + y * 3, x * y // 5, (x - y) ** 2 // 9], axis=2).astype(np.uint8)


def test_pictures_are_prepared_as_the_stored_ones() -> None:
    given = clip_input(picture()[None])[0]
    assert given.shape == (3, 224, 224)
    for (row, column), values in STORED.items():
        assert np.allclose(given[:, row, column], values, atol=1e-6)


@pytest.mark.parametrize("shape", [(240, 426), (240, 427), (427, 240), (241, 430), (100, 131)])
def test_pictures_are_prepared_as_transformers_does(shape: tuple[int, int]) -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    frame = picture(*shape)
    theirs = CLIPImageProcessorPil()(Image.fromarray(frame), return_tensors="np")
    assert np.allclose(clip_input(frame[None])[0], theirs["pixel_values"][0], atol=1e-6)


@torch.no_grad()
def test_features_are_transformers_own(tmp_path: Path) -> None:
    """Those of the whole CLIP model that the folder holds, text encoder and all."""
    from transformers import CLIPModel

    folder = save_clip(tmp_path / "clip")
    converted = read_encoder("clip", folder)
    network = network_of("clip", converted.tensors, converted.part.options)
    images = torch.rand(40, 3, 64, 64)
    reference = CLIPModel.from_pretrained(folder, local_files_only=True)
    pooled = reference.vision_model(pixel_values=images).pooler_output
    assert torch.allclose(network(images), reference.visual_projection(pooled), atol=1e-6)


def test_the_defaults_are_those_of_the_paper_s_network() -> None:
    """ViT-B/32 with features of 512 values."""
    with torch.device("meta"):
        network = network_shape()
    assert network["vision.visual_projection.weight"] == (512, 768)
    assert network["vision.vision_model.embeddings.patch_embedding.weight"] == (768, 3, 32, 32)


def network_shape() -> dict[str, tuple[int, ...]]:
    from otio_hpm.film.published.clip import Clip

    return {name: tuple(value.shape) for name, value in Clip({}).state_dict().items()}
