"""What a mark asks music for: its shot, the shot under it, or its own range."""

from __future__ import annotations

import pytest
from opentimelineio import schema
from small_timelines import (
    clip,
    cut_of,
    gap,
    marker,
    ranges,
    span,
    spot,
    three_shots,
    track,
    with_files,
    write_png,
)

from otio_hpm.errors import MarkError
from otio_hpm.timeline.tree import locate

# Ranges


def test_a_mark_on_a_clip_means_its_shot():
    cut = cut_of(track(gap(10), clip("a", 100, 48, marker("SCORE slow", 110))))
    (cue,) = spot(cut).cues
    assert (cue.number, cue.reel, cue.start_frames, cue.end_frames) == ("1m1", "R1", 10, 58)
    (mark,) = cue.marks
    assert (mark.owner, mark.record_frames, mark.timecode) == ("clip 'a'", 20, "01:00:00:20")
    assert locate(cut.timeline, mark.locator).name == "SCORE slow"
    assert (mark.note, cue.note, mark.settings) == ("slow", "slow", {})
    (shot,) = cue.shots
    assert (shot.name, shot.track, shot.locator) == ("a", "V1", ("tracks", 0, 1))


def test_a_mark_on_an_audio_clip_means_that_clip_and_lists_the_picture_under_it():
    sound = track(gap(24), clip("wind", 0, 48, marker("SCORE")), kind="Audio")
    (cue,) = spot(cut_of(track(clip("a", 0, 48), clip("b", 0, 48)), sound)).cues
    assert (cue.start_frames, cue.end_frames) == (24, 72)
    shots = {shot.name: (shot.track, shot.start_frames, shot.end_frames) for shot in cue.shots}
    assert shots == {"a": ("V1", 24, 48), "wind": ("A1", 24, 72), "b": ("V1", 48, 72)}


def test_range_mark_uses_the_marks_own_duration():
    cut = cut_of(track(clip("a", 100, 48, marker("SCORE range=mark", 110, 20))))
    assert ranges(spot(cut)) == {"1m1": (10, 30)}


def test_range_mark_is_cut_to_the_visible_part_and_says_so():
    cut = cut_of(track(clip("a", 100, 48, marker("SCORE range=mark", 90, 20))))
    sheet = spot(cut)
    assert ranges(sheet) == {"1m1": (0, 10)}
    assert "cut to" in sheet.warnings[0]


@pytest.mark.parametrize("length", [0, 1])
def test_range_mark_needs_a_duration(length):
    cut = cut_of(track(clip("a", 100, 48, marker("SCORE range=mark", 110, length))))
    with pytest.raises(MarkError, match=r"01:00:00:10.*range=mark"):
        spot(cut)


def test_a_mark_with_a_duration_on_timeline_or_track_means_its_range():
    assert ranges(spot(three_shots(marker("SCORE", 20, 60)))) == {"1m1": (20, 80)}
    shots = track(clip("a", 0, 48), clip("b", 0, 48), name="V1")
    shots.markers.append(marker("SCORE", 30, 40))
    (cue,) = spot(cut_of(shots)).cues
    assert (cue.start_frames, cue.end_frames, cue.marks[0].owner) == (30, 70, "track 'V1'")
    assert [shot.name for shot in cue.shots] == ["a", "b"]


@pytest.mark.parametrize("length", [0, 1])
def test_a_mark_without_a_duration_means_the_shot_under_it(length):
    sheet = spot(three_shots(marker("SCORE", 50, length)))
    assert ranges(sheet) == {"1m1": (48, 96)}
    assert sheet.cues[0].marks[0].owner == "the timeline"


def test_the_shot_under_a_mark_is_the_topmost_enabled_one_with_media():
    title = schema.Clip(name="title", source_range=span(0, 96))
    off = clip("off", 0, 96)
    off.enabled = False
    layers = [
        track(clip("low", 0, 96)),
        track(gap(24), clip("high", 0, 24)),
        track(off),
        track(title),
    ]
    assert ranges(spot(cut_of(*layers, markers=(marker("SCORE", 30),)))) == {"1m1": (24, 48)}


def test_the_shot_under_a_mark_ends_where_another_picture_covers_it():
    cut = cut_of(
        track(clip("low", 0, 96)),
        track(gap(24), clip("high", 0, 24)),
        markers=(marker("SCORE", 60),),
    )
    assert ranges(spot(cut)) == {"1m1": (48, 96)}


def test_stills_with_alpha_are_looked_through(tmp_path):
    write_png(tmp_path / "logo.png", opacity=100)
    logo = clip("logo", 0, 24)
    logo.media_reference.target_url = "logo.png"
    layers = track(clip("low", 0, 48)), track(logo)
    cut = cut_of(*layers, folder=tmp_path, markers=(marker("SCORE", 5),))
    assert ranges(spot(cut)) == {"1m1": (0, 48)}


def test_missing_media_are_looked_through_where_the_layer_below_is_asked_for(tmp_path):
    with_files(tmp_path, "low.mov")
    cut = cut_of(
        track(clip("low", 0, 48)),
        track(clip("high", 0, 24)),
        folder=tmp_path,
        markers=(marker("SCORE", 5),),
    )
    assert ranges(spot(cut)) == {"1m1": (0, 24)}
    assert ranges(spot(cut, missing="below")) == {"1m1": (0, 48)}


def test_where_there_are_only_titles_they_are_the_shots():
    title = schema.Clip(name="title", source_range=span(0, 48))
    assert ranges(spot(cut_of(track(title), markers=(marker("SCORE", 5),)))) == {"1m1": (0, 48)}


def test_a_clip_known_by_name_alone_is_picture_where_a_file_has_its_name(tmp_path):
    with_files(tmp_path, "sh010.mov")
    named = schema.Clip(name="sh010", source_range=span(0, 24))
    cut = cut_of(track(clip("low", 0, 48)), track(named), markers=(marker("SCORE", 5),))
    assert ranges(spot(cut, media_dirs=(tmp_path,))) == {"1m1": (0, 24)}


def test_dissolves_do_not_move_edit_points():
    dissolve = schema.Transition(in_offset=span(0, 12).duration, out_offset=span(0, 12).duration)
    cut = cut_of(
        track(clip("a", 0, 48), dissolve, clip("b", 24, 48)), markers=(marker("SCORE", 50),)
    )
    assert ranges(spot(cut)) == {"1m1": (48, 96)}


@pytest.mark.parametrize("frame", [60, 200, -5])
def test_over_a_gap_or_outside_the_timeline_is_an_error(frame):
    cut = cut_of(
        track(clip("a", 0, 48), gap(48), clip("b", 0, 48)), markers=(marker("SCORE", frame),)
    )
    with pytest.raises(MarkError, match="'SCORE' on the timeline"):
        spot(cut)


def test_a_range_may_lie_over_a_gap_and_is_cut_at_the_timelines_end():
    cut = cut_of(track(clip("a", 0, 48), gap(48)), markers=(marker("SCORE", 40, 100),))
    sheet = spot(cut)
    assert ranges(sheet) == {"1m1": (40, 96)}
    assert "longer than the timeline" in sheet.warnings[0]


def test_negative_durations_and_times_that_are_no_numbers_are_errors():
    with pytest.raises(MarkError, match="negative"):
        spot(three_shots(marker("SCORE", 50, -10)))
    with pytest.raises(MarkError, match="not a number"):
        spot(three_shots(marker("SCORE", float("nan"))))


def test_a_clip_without_length_is_an_empty_range():
    with pytest.raises(MarkError, match="range is empty"):
        spot(cut_of(track(clip("a", 0, 48), clip("b", 0, 0, marker("SCORE")))))
