"""Descriptors as a whole: shapes, determinism, sane values for any picture, and time."""

import numpy as np
import pytest

from otio_hpm.film.descriptors import (
    AESTHETIC_SIZE,
    DESCRIPTOR_NAMES,
    DESCRIPTOR_SIZE,
    EMOTION_SIZE,
    SEMANTIC_SIZE,
    describe,
)


def _noise(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 36, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (9, 1), (10, 1), (11, 2), (103, 11)])
def test_one_row_for_each_begun_second(count, seconds):
    found = describe(_noise(count))
    assert found.semantic.shape == (seconds, SEMANTIC_SIZE)
    assert found.aesthetic.shape == (seconds, AESTHETIC_SIZE) == (seconds, 6)
    assert found.emotion.shape == (seconds, EMOTION_SIZE) == (seconds, 10)
    assert found.stacked().shape == (seconds, DESCRIPTOR_SIZE)
    assert found.stacked().dtype == np.float32


@pytest.mark.parametrize("shade", [0, 1, 128, 255])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 25])
def test_flat_pictures_give_finite_values(shade, count):
    flat = np.full((count, 36, 64, 3), shade, np.uint8)
    assert np.isfinite(describe(flat).stacked()).all()


def test_same_frames_give_the_same_values_and_stay_untouched():
    frames = _noise(31)
    before = frames.copy()
    assert np.array_equal(describe(frames).stacked(), describe(frames).stacked())
    assert np.array_equal(frames, before)


def test_strided_views_are_described_like_copies():
    frames = _noise(40)
    assert np.array_equal(describe(frames[::2]).stacked(), describe(frames[::2].copy()).stacked())


def test_whole_seconds_do_not_depend_on_a_short_last_one():
    """Rows of picture looks only; movement and cutting rate look beyond a second's end."""
    frames = _noise(25)
    assert np.allclose(describe(frames).aesthetic[:2], describe(frames[:20]).aesthetic, atol=1e-5)


def test_names_are_unique():
    assert len(set(DESCRIPTOR_NAMES)) == DESCRIPTOR_SIZE


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((0, 36, 64, 3), np.uint8),
        np.zeros((5, 64, 36, 3), np.uint8),
        np.zeros((5, 36, 64, 3), np.float32),
        np.zeros((36, 64, 3), np.uint8),
    ],
)
def test_other_shapes_are_refused(frames):
    with pytest.raises(ValueError, match="frames"):
        describe(frames)
