"""Aesthetic descriptors order pictures as their sources say."""

import numpy as np
from small_pictures import flat, landscape

from otio_hpm.film.descriptors import AESTHETIC_NAMES, describe


def value(frame, name):
    frames = np.asarray(frame, np.uint8).reshape(-1, 36, 64, 3)
    return describe(frames).aesthetic[0, AESTHETIC_NAMES.index(name)]


def picture():
    return landscape(0, 64)[:, :64].copy()


def test_content_grows_with_the_number_of_colours():
    assert value(flat((90, 90, 90)), "interesting_content") == 0
    assert value(picture(), "interesting_content") > 0.3


def test_a_lone_object_is_emphasised():
    lone = flat((60, 70, 60), 1)
    lone[0, 14:22, 26:38] = (230, 60, 40)
    checkers = flat((60, 70, 60), 1)
    checkers[0, (np.indices((36, 64)) // 4).sum(axis=0) % 2 == 1] = (230, 60, 40)
    assert value(lone, "object_emphasis") > 2 * value(flat((60, 70, 60)), "object_emphasis") + 0.1
    assert value(lone, "object_emphasis") > value(checkers, "object_emphasis")


def test_vivid_colour_is_more_than_grey():
    colored = picture()
    grey = np.repeat(colored.mean(axis=2, keepdims=True), 3, axis=2)
    assert value(grey, "vivid_color") < 0.01
    assert value(colored, "vivid_color") > 0.2


def test_sharp_middle_on_soft_ground_is_low_depth_of_field():
    rng = np.random.default_rng(1)
    middle, everywhere = flat((128, 128, 128), 1)[0], rng.integers(0, 256, (36, 64, 3))
    middle[9:27, 16:48] = rng.integers(0, 256, (18, 32, 3))
    assert value(middle, "depth_of_field") > 0.9
    assert abs(value(everywhere, "depth_of_field") - 0.25) < 0.05
    assert abs(value(flat((128, 128, 128)), "depth_of_field") - 0.25) < 0.01


def test_one_hue_is_harmonious_and_all_hues_are_not():
    wheel = flat((0, 0, 0), 1)[0]
    for column, hue in enumerate(np.linspace(0, 2 * np.pi, 64, endpoint=False)):
        wheel[:, column] = 128 + 100 * np.cos(hue - np.array([0, 2.0944, 4.18879]))
    assert value(flat((200, 60, 50)), "color_harmony") > 0.99
    assert value(wheel, "color_harmony") < 0.95


def test_good_light_is_neither_dark_nor_burnt_nor_flat():
    good = picture()
    for worse in (good // 8, 255 - (255 - good) // 8, flat((128, 128, 128))):
        assert value(good, "good_lighting") > 1.5 * value(worse, "good_lighting")
