"""Semantic descriptors move with what they name."""

import numpy as np
import pytest
from small_pictures import flat, landscape, montage, pan

from otio_hpm.film.descriptors import SEMANTIC_NAMES, describe


def value(frames, name):
    return describe(frames).semantic[:, SEMANTIC_NAMES.index(name)]


def test_layout_says_where_it_is_bright_and_which_colour():
    frames = flat((0, 0, 0))
    frames[:, :12, :16] = (255, 0, 0)
    assert value(frames, "lightness_11")[0] == pytest.approx(0.299, abs=1e-3)
    assert value(frames, "red_green_11")[0] == pytest.approx(1, abs=1e-3)
    assert value(frames, "lightness_34")[0] == 0


def test_edges_know_their_direction():
    stripes = flat((0, 0, 0))
    stripes[:, :, ::4] = 255
    turned = flat((0, 0, 0))
    turned[:, ::4] = 255
    assert value(stripes, "edges_upright")[0] > 10 * value(stripes, "edges_level")[0]
    assert value(turned, "edges_level")[0] > 10 * value(turned, "edges_upright")[0]


@pytest.mark.parametrize("pixels", [-4, -1, 2, 5])
def test_a_pan_shifts_the_picture_the_other_way(pixels):
    shift = value(pan(pixels), "shift_right")[1]
    assert shift == pytest.approx(-pixels / 64, abs=0.35 * abs(pixels) / 64)
    assert value(pan(pixels), "cuts").max() == 0


def test_a_still_picture_has_no_motion():
    still = pan(0)
    for name in ("motion_middle", "motion_area", "shift_speed", "flicker", "cuts", "motion_peak"):
        assert np.all(value(still, name) == 0), name


def test_motion_is_found_where_it_is():
    frames = flat((40, 40, 40), 20)
    for k in range(20):
        frames[k, 14:22, 44 + k % 5 * 3 : 50 + k % 5 * 3] = 220
    assert value(frames, "motion_right")[0] > 20 * value(frames, "motion_left")[0]


@pytest.mark.parametrize("shot_frames", [5, 10, 20])
def test_every_hard_cut_is_counted_once(shot_frames):
    cuts = value(montage(shot_frames), "cuts").sum()
    assert round(cuts) == 40 // shot_frames - 1


def test_faster_cutting_gives_a_higher_rate_and_shorter_shots():
    slow, fast = montage(20), montage(5)
    assert value(fast, "cutting_rate").min() > value(slow, "cutting_rate").max()
    assert value(fast, "since_cut").max() < value(slow, "since_cut").max()


def test_time_since_the_cut_grows_within_a_shot():
    assert np.all(np.diff(value(pan(0, 50), "since_cut")) > 0)


def test_a_flash_is_no_cut():
    frames = pan(0, 30)
    frames[15] = 255
    assert value(frames, "flashes")[1] > 0
    assert value(frames, "cuts").max() == 0


def test_fade_in_has_a_rising_trend():
    frames = (landscape(0, 64)[None, :, :64] * np.linspace(0.2, 1, 20)[:, None, None, None]).astype(
        np.uint8
    )
    assert np.all(value(frames, "brightness_trend") > 0.005)


def test_cuts_of_a_real_film_are_found(media):
    """Hard cuts at 11.79, 15.67 and 22.96 s; before 2 s it fades in from black."""
    import av

    with av.open(str(media("big_buck_bunny_0_30.webm"))) as film:
        times, frames = [], []
        for frame in film.decode(video=0):
            if frame.time >= len(times) / 10:
                times.append(frame.time)
                small = frame.reformat(64, 36, format="rgb24", interpolation="AREA")
                frames.append(small.to_ndarray())
    cuts = value(np.stack(frames), "cuts")
    assert list(np.flatnonzero(cuts[2:]) + 2) == [11, 15, 23]


def test_flickering_light_is_no_cut():
    light = np.random.default_rng(2).uniform(0.5, 1, 40)[:, None, None, None]
    frames = (landscape(0, 64)[None, :, :64] * light).astype(np.uint8)
    assert value(frames, "cuts").max() == 0
    assert value(frames, "flicker").min() > 0.03


def test_something_large_that_flies_past_is_no_cut():
    frames = pan(0, 30)
    for k in range(12, 14):
        frames[k, 4:34, (k - 12) * 12 : (k - 12) * 12 + 26] = (90, 40, 60)
    assert value(frames, "cuts").max() == 0
