"""Onsets, hits, joins and lines at a frame rate: what they say of sounds that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sounds import RATE, chord, noise, struck, tone

from otio_hpm.evaluation.change import changes
from otio_hpm.evaluation.degradations import with_buzz, with_noise
from otio_hpm.evaluation.frame_rate import line_prominence_db
from otio_hpm.evaluation.hits import hit_share
from otio_hpm.evaluation.onsets import level_db, onset_density, onset_times_s

FRAME_RATE = 62.5


def test_struck_notes_are_found_where_they_begin() -> None:
    times = [0.5, 1.3, 2.9, 4.0, 5.5, 7.25, 8.0]
    found = onset_times_s(struck(times), RATE)
    assert len(found) == len(times)
    assert np.abs(found - times).max() < 0.03


def test_soft_notes_count_as_loud_ones() -> None:
    times = [1.0, 3.0, 5.0, 7.0]
    assert len(onset_times_s(struck(times, level=0.003), RATE)) == len(times)


def test_a_held_chord_has_no_onsets_although_its_largest_rise_is_small() -> None:
    held = with_noise(chord((60, 64, 67), 10.0), -50, 0)
    assert onset_density(held, RATE) <= 0.2
    assert onset_density(struck(np.arange(0.5, 9.5, 0.3)), RATE) > 2.5


def test_hits_within_80_ms_are_met() -> None:
    onsets = np.array([1.0, 2.0, 3.0])
    assert hit_share(onsets, np.array([1.08, 2.0, 2.91, 5.0])) == 0.5
    assert hit_share(np.zeros(0), np.array([1.0])) == 0.0
    assert math.isnan(hit_share(onsets, np.zeros(0)))


def test_many_onsets_meet_any_hits_so_chance_must_be_beside() -> None:
    dense, sparse = np.arange(0, 10, 0.15), np.arange(0, 10, 2.0)
    drawn = np.random.default_rng(0).uniform(0, 10, 200)
    assert hit_share(dense, drawn) > 0.95
    assert hit_share(sparse, drawn) < 0.2


def test_change_across_a_join_and_none_inside() -> None:
    sound = np.concatenate([chord((60, 64, 67), 6.0), 0.1 * chord((61, 66, 70), 6.0)])
    found = changes(sound, RATE, [3.0, 6.0, 9.0])
    assert found.chroma[1] > 0.4 > 10 * max(found.chroma[0], found.chroma[2])
    assert found.level_db == pytest.approx([0, 20, 0], abs=0.5)


def test_change_across_a_crossfade_is_seen_through_its_gap() -> None:
    ramp = np.clip(np.linspace(-2, 3, 12 * RATE), 0, 1).astype(np.float32)
    sound = chord((60, 64, 67), 12.0) * (1 - ramp) + chord((61, 66, 70), 12.0) * ramp
    middle = 6.0
    without, across = (changes(sound, RATE, [middle], gap).chroma[0] for gap in (0.0, 2.4))
    assert across > 1.3 * without


def test_another_key_is_more_of_a_change_than_the_next_chord() -> None:
    chords = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67), (57, 60, 64), (62, 65, 69)]
    piece = np.concatenate([chord(keys, 1.0) for keys in chords])
    other = np.concatenate([chord(tuple(key + 6 for key in keys), 1.0) for keys in chords])
    stays, leaves = (changes(np.concatenate([piece, to]), RATE, [6.0]) for to in (piece, other))
    assert leaves.chroma[0] > 3 * stays.chroma[0]


def test_silence_has_no_harmony_to_change() -> None:
    sound = np.concatenate([chord((60, 64, 67), 3.0), np.zeros(3 * RATE, np.float32)])
    found = changes(sound, RATE, [3.0])
    assert math.isnan(found.chroma[0])
    assert found.level_db[0] > 30
    assert level_db(np.zeros(10)) == pytest.approx(-100)


def test_a_line_at_the_frame_rate_stands_out() -> None:
    music = noise() + chord((60, 64, 67), 10.0)
    before = line_prominence_db(music, RATE, FRAME_RATE)
    after = line_prominence_db(with_buzz(music, RATE, FRAME_RATE, 0.1), RATE, FRAME_RATE)
    assert after[0] - before[0] > 10
    assert np.abs(after[1:] - before[1:]).max() < 6


def test_a_line_at_another_rate_and_a_rough_sound_are_no_lines() -> None:
    other = with_buzz(noise(), RATE, 70.0, 0.3)
    assert line_prominence_db(other, RATE, FRAME_RATE).max() < 8
    assert line_prominence_db(noise(seed=1), RATE, FRAME_RATE).max() < 8


def test_a_low_note_of_half_the_frame_rate_is_no_line() -> None:
    # Its squared wave has a line at the frame rate; only what it does to the top would be buzz.
    low = tone(FRAME_RATE / 2, 10.0)
    assert line_prominence_db(low + noise(), RATE, FRAME_RATE).max() < 8
    assert np.isnan(line_prominence_db(np.zeros(RATE, np.float32), RATE, FRAME_RATE)).all()
