"""Copies are known whatever was done to them; what is new in picture or in music is kept."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from small_films import music, picture

from otio_hpm.dataset.likeness import Known, likeness

SIZE = (72, 40)


def film(seed: int) -> np.ndarray:
    """Ten seconds, a picture a second held for 30 frames."""
    seconds = [picture(seed, Fraction(s), SIZE, (), Fraction(30)) for s in range(10)]
    return np.repeat(np.stack(seconds), 30, axis=0)


def sound(seed: int) -> np.ndarray:
    return music(10, seed, (), 0.2, 48_000).astype(np.float32)


@pytest.fixture
def known() -> Known:
    known = Known()
    for number in range(3):
        known.add(10 + number, likeness(film(number), sound(number)))
    return known


def test_a_copy_is_known(known: Known) -> None:
    assert known.like(likeness(film(1), sound(1))) == 11


def test_a_copy_that_is_darker_smaller_softer_and_noisy_is_known(known: Known) -> None:
    draw = np.random.default_rng(0)
    dark = film(2)[:, ::2, ::2] * 0.8 + draw.normal(0, 2, (300, 20, 36, 3))
    hiss = sound(2) * 0.3 + draw.normal(0, 0.002, 480_000).astype(np.float32)
    assert known.like(likeness(np.uint8(np.clip(dark, 0, 255)), hiss)) == 12


def test_a_longer_window_of_the_same_is_known(known: Known) -> None:
    longer = np.concatenate([film(0), film(1)[:8]])
    assert known.like(likeness(longer, np.concatenate([sound(0), sound(1)[:11_520]]))) == 10


def test_other_music_or_another_picture_is_new(known: Known) -> None:
    assert known.like(likeness(film(1), sound(0))) is None
    assert known.like(likeness(film(0), sound(1))) is None
    assert known.like(likeness(film(5), sound(5))) is None


def test_black_pictures_are_told_apart_by_their_music(known: Known) -> None:
    black = np.zeros((300, 40, 72, 3), np.uint8)
    known.add(20, likeness(black, sound(6)))
    assert known.like(likeness(black, sound(7))) is None
    assert known.like(likeness(black + 1, sound(6))) == 20


def test_there_is_room_for_many() -> None:
    known = Known()
    draw = np.random.default_rng(1)
    prints = [draw.bytes(110) for _ in range(3000)]
    for number, fingerprint in enumerate(prints):
        known.add(number, fingerprint)
    assert [known.like(prints[number]) for number in (0, 1500, 2999)] == [0, 1500, 2999]
