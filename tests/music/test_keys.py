"""Keys and their scales."""

from __future__ import annotations

import numpy as np
import pytest

from otio_hpm.music.keys import key_fits, key_scale

MAJOR = [0, 2, 4, 5, 7, 9, 11]
MINOR = [0, 2, 3, 5, 7, 8, 10, 11]


def played(notes: list[int], tonic: int) -> np.ndarray:
    """How much of each pitch class sounds: notes above a tonic, and the triad twice more. (12,)"""
    classes = np.zeros(12)
    for note in (*notes, *notes[::2][:3], 0, notes[4]):
        classes[(note + tonic) % 12] += 1
    return classes


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(("mode", "notes"), [(0, MAJOR), (1, MINOR)])
def test_the_key_that_is_played_fits_best_and_gives_its_scale(
    tonic: int, mode: int, notes: list[int]
) -> None:
    classes = played(notes, tonic)
    assert np.unravel_index(key_fits(classes).argmax(), (2, 12)) == (mode, tonic)
    assert set(np.flatnonzero(key_scale(classes))) == {(n + tonic) % 12 for n in notes}


@pytest.mark.parametrize("classes", [np.zeros(12), np.ones(12)])
def test_silence_and_noise_are_in_no_key_and_leave_out_no_pitch_class(classes: np.ndarray) -> None:
    assert np.isnan(key_fits(classes)).all()
    assert key_scale(classes).all()
