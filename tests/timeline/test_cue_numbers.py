"""Marks that make one cue, and the numbers that cues get."""

from __future__ import annotations

import pytest
from small_timelines import (
    clip,
    cut_of,
    gap,
    marked_shots,
    marker,
    ranges,
    spot,
    three_shots,
    track,
)

from otio_hpm.errors import MarkError
from otio_hpm.timeline.numbering import file_safe, reel_of

# What makes one cue


def test_the_same_number_on_neighbouring_shots_makes_one_cue():
    (cue,) = spot(marked_shots("SCORE cue=2m5 slow", "SCORE cue=2M5", "")).cues
    assert (cue.number, cue.reel, cue.start_frames, cue.end_frames) == ("2m5", "R2", 0, 96)
    assert [shot.name for shot in cue.shots] == ["s0", "s1"]
    assert len(cue.marks) == 2


def test_the_same_number_on_shots_apart_is_an_error_that_names_both():
    with pytest.raises(
        MarkError, match=r"'SCORE cue=1m1' on clip 's0'.*'SCORE cue=1m1 b' on clip 's2'"
    ):
        spot(marked_shots("SCORE cue=1m1", "", "SCORE cue=1m1 b"))


def test_shots_with_only_a_gap_between_are_neighbours():
    a, b = (clip(name, 0, 48, marker("SCORE cue=1m1")) for name in "ab")
    assert ranges(spot(cut_of(track(a, gap(12), b)))) == {"1m1": (0, 108)}


def test_settings_that_contradict_each_other_are_an_error():
    with pytest.raises(MarkError, match="style=melody and style=none"):
        spot(marked_shots("SCORE cue=1m1 style=melody", "SCORE cue=1m1 style=none"))
    same = spot(marked_shots("SCORE cue=1m1 gain=3", "SCORE cue=1m1 gain=3.0 seed=2"))
    assert (same.cues[0].options.gain_db, same.cues[0].options.seed) == (3, 2)


def test_two_marks_on_one_shot_make_one_cue():
    shot = clip("a", 0, 48, marker("SCORE slow", 5), marker("SCORE cue=1m7 dark", 20))
    (cue,) = spot(cut_of(track(shot))).cues
    assert (cue.number, cue.note) == ("1m7", "slow; dark")


def test_two_numbers_on_one_shot_make_two_cues():
    shot = clip("a", 0, 48, marker("SCORE cue=1m1"), marker("SCORE cue=1m2"))
    sheet = spot(cut_of(track(shot)))
    assert ranges(sheet) == {"1m1": (0, 48), "1m2": (0, 48)}
    assert [cue.lane for cue in sheet.cues] == [0, 1]


# Numbers


def test_free_numbers_go_in_record_order_and_leave_out_what_is_taken():
    sheet = spot(marked_shots("SCORE", "SCORE cue=1M1", "SCORE", "SCORE cue=1m3", "SCORE"))
    assert [cue.number for cue in sheet.cues] == ["1m2", "1M1", "1m4", "1m3", "1m5"]


@pytest.mark.parametrize(
    ("name", "reel"),
    [
        ("Film reel 2", 2), ("R2", 2), ("Rl3_v4", 3), ("Film_R12", 12), ("REEL-05", 5),
        ("Film", 1), ("R2D2", 1), ("Colour 3", 1), ("", 1),
    ],
)  # fmt: skip
def test_the_reel_comes_from_the_timelines_name(name, reel):
    assert reel_of(name) == reel
    cut = three_shots(marker("SCORE", 5), name=name)
    assert [(cue.number, cue.reel) for cue in spot(cut).cues] == [(f"{reel}m1", f"R{reel}")]


def test_numbers_that_give_one_file_name_are_an_error():
    with pytest.raises(MarkError, match="'1m1 a' and '1m1/a'"):
        spot(marked_shots("SCORE cue='1m1 a'", "SCORE cue=1m1/a"))
    assert file_safe("../Über/1m1") == "Uber_1m1"


def test_a_mark_keeps_the_number_that_an_earlier_scoring_gave_it():
    cut = marked_shots("SCORE new", "SCORE old", "SCORE copy")
    for index in (1, 2):
        cut.timeline.tracks[0][index].markers[0].metadata["otio_hpm"] = {"clip": "x", "cue": "1m1"}
    assert [cue.number for cue in spot(cut).cues] == ["1m2", "1m1", "1m3"]
