"""Words of music chosen by the picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from otio_hpm.sketch.words import MODES, MOODS, TEMPOS, mood_of, words_of

WINDOW = ((Fraction(0), Fraction(10)),)
Frames = NDArray[np.uint8]


def still(level: int, seconds: int = 10) -> Frames:
    return np.full((seconds * 10, 36, 64, 3), level, np.uint8)


def wild(seconds: int = 10) -> Frames:
    """Other bright colours all over, ten times a second."""
    blocks = np.random.default_rng(0).integers(60, 255, (seconds * 10, 6, 8, 3), np.uint8)
    return blocks.repeat(6, axis=1).repeat(8, axis=2)


def test_still_darkness_and_wild_colours_ask_for_opposite_music() -> None:
    (dark,), (lively,) = words_of(still(12), WINDOW), words_of(wild(), WINDOW)
    assert TEMPOS[0] in dark
    assert MODES[0] in dark
    assert "low register" in dark
    assert "without pulse" in dark
    assert TEMPOS[4] in lively
    assert "driving rhythm" in lively
    assert not set(dark.split(", ")[:3]) & set(lively.split(", ")[:3])


def test_each_window_has_its_own_words_and_the_last_picture_stands() -> None:
    frames = np.concatenate([still(12), wild()])
    ends = (Fraction(0), Fraction(9)), (Fraction(11), Fraction(20)), (Fraction(19), Fraction(30))
    calm, lively, end = words_of(frames, ends)
    assert calm != lively
    assert end.split(", ")[3:5] == lively.split(", ")[3:5]
    beyond = words_of(frames, ((Fraction(40), Fraction(50)),))
    assert beyond == words_of(frames, ((Fraction(19), Fraction(20)),))


@pytest.mark.parametrize(
    ("valence", "arousal", "word"),
    [
        (0.9, 0.6, "playful"), (0.7, 0.9, "joyous"), (0.3, 0.9, "dramatic"),
        (0.1, 0.6, "vigorous"), (0.1, 0.4, "mournful"), (0.3, 0.1, "solemn"),
        (0.7, 0.1, "tender"), (0.9, 0.4, "serene"),
    ],
)  # fmt: skip
def test_moods_lie_on_the_circle_of_affect(valence: float, arousal: float, word: str) -> None:
    assert word in mood_of(valence, arousal)


def test_every_place_has_a_mood() -> None:
    places = {mood_of(v / 20, a / 20) for v in range(21) for a in range(21)}
    assert places == set(MOODS)


def test_the_same_picture_has_the_same_words() -> None:
    assert words_of(wild(), WINDOW) == words_of(wild(), WINDOW)
