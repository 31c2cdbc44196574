"""What a picture's course tells of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from otio_hpm.sketch.course import course_of
from otio_hpm.training.affect import draw_affect
from otio_hpm.training.scenes import draw_scenes


def noise(frames: int, low: int, high: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    return rng.integers(low, high, (frames, 36, 64, 3)).astype(np.uint8)


@pytest.mark.parametrize("frames", [1, 9, 10, 11, 305])
def test_there_is_a_value_for_each_frame(frames: int) -> None:
    course = course_of(noise(frames, 0, 256))
    assert len(course.arousal) == len(course.valence) == frames
    for values in (course.arousal, course.valence):
        assert values.min() >= 0.0 and values.max() <= 1.0


def test_what_moves_is_more_violent_than_what_stands() -> None:
    still = np.repeat(noise(1, 80, 120), 60, axis=0)
    course = course_of(np.concatenate([still, noise(60, 0, 256)]))
    assert course.arousal[80:].min() > course.arousal[:40].max() + 0.3


def test_arousal_leaps_at_the_cut_to_another_scene_and_nowhere_else() -> None:
    still = np.repeat(noise(1, 80, 120), 54, axis=0)
    arousal = course_of(np.concatenate([still, noise(60, 0, 256)])).arousal
    leaps = np.flatnonzero(np.abs(np.diff(arousal)) > 0.2)
    assert list(leaps) == [53]


@pytest.mark.parametrize(("every", "leaps"), [(3, False), (1, True)])
def test_only_a_cut_to_a_much_livelier_picture_is_a_leap(every: int, leaps: bool) -> None:
    """Pictures that drift by a block of four pixels in so many frames, the first in eight."""

    def drifting(low: int, high: int, every: int) -> NDArray[np.uint8]:
        picture = noise(1, low, high)[:, ::4, ::4].repeat(4, axis=1).repeat(4, axis=2)
        return np.concatenate([np.roll(picture, k // every, axis=2) for k in range(60)])

    course = course_of(np.concatenate([drifting(0, 120, 8), drifting(120, 256, every)]))
    assert course.cuts_samples == (60 * 4800,)
    assert course.arousal[70:].mean() > course.arousal[:50].mean() + 0.1
    assert (np.abs(np.diff(course.arousal))[59] > 0.1) == leaps


def test_bright_pictures_please_more_than_dark_ones() -> None:
    dark, bright = np.full((30, 36, 64, 3), 20, np.uint8), np.full((30, 36, 64, 3), 220, np.uint8)
    assert course_of(bright).valence.mean() > course_of(dark).valence.mean() + 0.3


def test_cuts_are_told_in_samples() -> None:
    first, second = np.zeros((20, 36, 64, 3), np.uint8), np.full((20, 36, 64, 3), 200, np.uint8)
    second[:, :, :32] = (200, 20, 20)
    assert course_of(np.concatenate([first, second])).cuts_samples == (2 * 48_000,)


def test_arousal_follows_the_truth_of_composed_pictures() -> None:
    truth, measured = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        affect = draw_affect(rng)
        arousal = course_of(draw_scenes(affect, rng)).arousal
        truth += list(affect.arousal)
        measured += list(arousal)
    assert spearmanr(truth, measured)[0] > 0.7
