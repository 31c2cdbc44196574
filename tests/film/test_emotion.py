"""Emotion descriptors follow brightness, colour, movement and cutting as their sources say."""

import numpy as np
from small_pictures import flat, montage, pan

from otio_hpm.film.descriptors import EMOTION_NAMES, describe


def value(frames, name):
    return describe(frames).emotion[:, EMOTION_NAMES.index(name)]


def test_bright_warm_pictures_please_more_than_dark_cold_ones():
    assert value(flat((250, 220, 150)), "valence")[0] > 0.5
    assert value(flat((15, 20, 40)), "valence")[0] < -0.3


def test_arousal_rises_with_movement_and_with_cutting():
    still, moving = pan(0, 40), pan(3, 40)
    assert value(moving, "arousal").mean() > value(still, "arousal").mean() + 0.3
    assert value(montage(5), "arousal").mean() > value(montage(20), "arousal").mean() + 0.2


def test_arousal_follows_a_build_up_in_time():
    chase = np.concatenate([pan(3, 8, seed) for seed in range(5)])
    arousal = value(np.concatenate([pan(0, 60), pan(1, 60), chase]), "arousal")
    assert arousal[:5].mean() + 0.2 < arousal[6:11].mean() < arousal[12:].mean() - 0.1


def test_classes_are_shares():
    shares = describe(pan(2, 30)).emotion[:, 2:]
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert np.all(shares >= 0)


def test_classes_name_the_mood():
    dark_still = describe(flat((12, 14, 22))).emotion[0, 2:]
    bright_still = describe(flat((230, 220, 170))).emotion[0, 2:]
    assert EMOTION_NAMES[2 + dark_still.argmax()] == "sadness"
    assert EMOTION_NAMES[2 + bright_still.argmax()] == "trust"


def test_dark_and_wild_is_fear_anger_or_disgust():
    dark = (pan(4, 30, seed=3) // 6).astype(np.uint8)
    dark[::4] //= 4
    shares = describe(dark).emotion[:, 2:].mean(axis=0)
    named = dict(zip(EMOTION_NAMES[2:], shares, strict=True))
    assert named["fear"] + named["anger"] + named["disgust"] > 0.5


def test_a_cut_surprises():
    frames = montage(20)
    surprise = value(frames, "surprise")
    assert surprise[2] > surprise[1]


def test_fast_bright_movement_without_cuts_is_joy():
    bright = 255 - (255 - pan(3, 30)) // 2
    shares = describe(bright).emotion[:, 2:].mean(axis=0)
    assert EMOTION_NAMES[2 + shares.argmax()] == "joy"
