"""Resizing is Pillow's to the last bit, and OpenCV's kernel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from otio_hpm.film.published.resampling import (
    pillow_bicubic,
    pillow_bilinear,
    resized_by_opencv,
    resized_by_pillow,
)


def noise(height: int, width: int, count: int = 1) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 256, (count, height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("weights", "method"),
    [(pillow_bicubic, Image.Resampling.BICUBIC), (pillow_bilinear, Image.Resampling.BILINEAR)],
)
@pytest.mark.parametrize("shape", [(240, 426), (240, 320), (240, 565), (426, 240), (90, 160)])
def test_pillow_gives_the_same_bytes(weights, method, shape) -> None:
    frames = noise(*shape)
    for shorter in (224, 112, 300):
        rows, columns = (side * shorter // min(shape) for side in shape)
        ours = resized_by_pillow(frames, weights(shape[0], rows), weights(shape[1], columns))
        theirs = Image.fromarray(frames[0]).resize((columns, rows), method)
        assert np.array_equal(ours[0], np.asarray(theirs))


@settings(max_examples=40, deadline=None)
@given(length=st.integers(3, 90), size=st.integers(3, 90))
def test_any_length_becomes_any_other_as_in_pillow(length: int, size: int) -> None:
    """Along one axis. Which of two comes first, where each would round, is up to its version."""
    frames = noise(3, length)
    for weights, method in (
        (pillow_bicubic, Image.Resampling.BICUBIC),
        (pillow_bilinear, Image.Resampling.BILINEAR),
    ):
        ours = resized_by_pillow(frames, weights(3, 3), weights(length, size))
        theirs = Image.fromarray(frames[0]).resize((size, 3), method)
        assert np.array_equal(ours[0], np.asarray(theirs))


def test_many_frames_are_resized_each_for_itself() -> None:
    frames = noise(20, 30, 19)
    whole = resized_by_pillow(frames, pillow_bicubic(20, 8), pillow_bicubic(30, 12))
    one = resized_by_pillow(frames[17:18], pillow_bicubic(20, 8), pillow_bicubic(30, 12))
    assert np.array_equal(whole[17], one[0])
    assert len(whole) == 19


@pytest.mark.parametrize("size", [(24, 24), (50, 31), (100, 120)])
def test_opencv_s_kernel_does_not_widen(size: tuple[int, int]) -> None:
    """torch's plain bicubic has the same kernel (a = -3/4) and edges, in floats."""
    frames = noise(61, 83)
    ours = resized_by_opencv(frames, *size)[0].astype(int)
    values = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    theirs = torch.nn.functional.interpolate(values, size, mode="bicubic").clamp(0, 255).round()
    difference = np.abs(ours - theirs[0].permute(1, 2, 0).numpy())
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.1
