"""Rhythm: LORIS's measures on onset lists made by hand, and beats within 70 ms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import RATE, struck

from otio_hpm.evaluation.beats import beat_f1, beat_times_s
from otio_hpm.evaluation.rhythm import (
    Rhythm,
    binned,
    rhythm,
    rhythm_scores,
    seconds_with_onsets,
    swapped,
)

BEATS = np.arange(0.5, 9.5, 0.5)


def by_hand(reference: list[float], made: list[float], seconds: int) -> tuple[float, float]:
    """BCS and BHS by sets of whole seconds."""
    theirs, ours = ({int(at) for at in onsets if at < seconds} for onsets in (reference, made))
    hits = len(theirs & ours)
    return hits / len(ours) if ours else 0, hits / len(theirs) if theirs else 0


onset_lists = st.lists(st.floats(0, 9.999), max_size=20)


@given(reference=onset_lists, made=onset_lists)
def test_scores_are_shares_of_seconds_with_onsets(
    reference: list[float], made: list[float]
) -> None:
    found = rhythm(binned(np.array(made), 10), binned(np.array(reference), 10))
    assert (found.bcs, found.bhs) == pytest.approx(by_hand(reference, made, 10))


def test_coverage_is_precision_and_hits_are_recall() -> None:
    # Ten seconds of onsets against two: all that is wanted is there, a fifth of what is there is
    # wanted. The paper's text names them the other way round.
    clip = rhythm(np.ones(10, np.bool_), binned(np.array([1.5, 7.2]), 10))
    assert (clip.bcs, clip.bhs) == (0.2, 1.0)
    assert swapped(clip) == Rhythm(bcs=1.0, bhs=0.2)


def test_many_onsets_in_one_second_count_once() -> None:
    # Hits over the reference's onsets, one by one, would come to 3.
    clip = rhythm(binned(np.array([2.1, 2.2, 2.3]), 4), binned(np.array([2.9]), 4))
    assert (clip.bcs, clip.bhs) == (1.0, 1.0)


def test_the_longer_clip_is_cut() -> None:
    assert rhythm(np.ones(3, np.bool_), np.ones(5, np.bool_)).bhs == 1.0
    assert rhythm(np.array([0, 0, 0, 1], np.bool_), np.ones(3, np.bool_)).bcs == 0.0


def test_a_systems_f1_is_that_of_its_means() -> None:
    clips = [Rhythm(bcs=1.0, bhs=0.0), Rhythm(bcs=0.0, bhs=1.0), Rhythm(bcs=0.5, bhs=0.5)]
    scores = rhythm_scores(clips)
    assert (scores.bcs, scores.bhs, scores.f1) == (0.5, 0.5, 0.5)
    assert scores.f1_of_clips == pytest.approx(0.5 / 3)
    assert scores.csd == scores.hsd == pytest.approx(0.5)
    assert math.isnan(rhythm_scores(clips[:1]).csd)
    with pytest.raises(ValueError, match="no clips"):
        rhythm_scores([])


def test_struck_notes_are_in_their_seconds_and_silence_in_none() -> None:
    times = [0.5, 2.5, 3.4, 7.6, 8.3]
    heard = seconds_with_onsets(struck(times), RATE)
    assert heard.tolist() == binned(np.array(times), 10).tolist()
    assert not seconds_with_onsets(np.zeros(RATE * 3 // 2, np.float32), RATE).any()
    assert len(seconds_with_onsets(np.zeros(RATE * 3 // 2, np.float32), RATE)) == 2


@pytest.mark.parametrize(
    ("late_s", "score"), [(0.0, 1.0), (0.069, 1.0), (0.071, 0.0), (-0.07, 1.0), (0.25, 0.0)]
)
def test_beats_within_70_ms_are_kept(late_s: float, score: float) -> None:
    assert beat_f1(BEATS + late_s, BEATS) == score


def test_one_beat_answers_for_one_beat() -> None:
    reference = np.array([1.0, 2.0])
    # A beat that is near another's as well: each near one has one (nearest first would leave one).
    assert beat_f1(np.array([1.05, 1.11]), np.array([1.0, 1.06])) == 1.0
    assert beat_f1(np.linspace(0.95, 1.05, 6), reference) == pytest.approx(2 / 8)
    assert beat_f1(np.array([]), reference) == 0.0
    assert math.isnan(beat_f1(np.array([]), np.array([])))


@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60), unique=True))
def test_the_pairing_is_the_largest(made: list[int], reference: list[int]) -> None:
    # Beats in units of 35 ms on a line: pairing from left to right is best.
    left, pairs = sorted(reference), 0
    for beat in sorted(made):
        near = [other for other in left if abs(other - beat) <= 2]
        if near:
            left.remove(near[0])
            pairs += 1
    found = beat_f1(np.array(made) * 0.035, np.array(reference) * 0.035)
    if made or reference:
        assert found == pytest.approx(2 * pairs / (len(made) + len(reference)))


def test_a_click_track_has_its_own_beats() -> None:
    heard = beat_times_s(struck(BEATS), RATE)
    assert beat_f1(heard, BEATS) > 0.85
    assert beat_f1(heard + 0.25, BEATS) < 0.2
