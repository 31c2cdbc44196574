"""Which marks count, and the cues of whole timelines."""

from __future__ import annotations

from fractions import Fraction

import pytest
from counted_work import work_of
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimelineio import schema
from small_timelines import (
    clip,
    cut_of,
    gap,
    marked_shots,
    marker,
    ranges,
    span,
    spot,
    three_shots,
    track,
    write_png,
)

from otio_hpm.errors import MarkError, SettingsError
from otio_hpm.timing import FRAME_RATES

# Where marks stand


def test_timeline_markers_may_count_from_the_first_frame_or_in_timecode():
    assert ranges(spot(three_shots(marker("SCORE", 50)))) == {"1m1": (48, 96)}
    assert ranges(spot(three_shots(marker("SCORE", 86_450)))) == {"1m1": (48, 96)}


def test_markers_that_are_all_in_timecode_are_read_alike_where_some_could_be_either():
    both = (marker("SCORE", 50), marker("note", 150))
    assert ranges(spot(three_shots(*both, start_frames=48))) == {"1m1": (0, 48)}
    assert ranges(spot(three_shots(both[0], start_frames=48))) == {"1m1": (48, 96)}


def test_marks_outside_the_visible_source_range_are_ignored_and_listed():
    shot = clip(
        "a", 100, 48, marker("SCORE one", 99), marker("SCORE two", 148), marker("SCORE in", 147)
    )
    sheet = spot(cut_of(track(shot)))
    assert ranges(sheet) == {"1m1": (0, 48)}
    assert [one.text for one in sheet.ignored] == ["SCORE one", "SCORE two"]
    assert {one.owner for one in sheet.ignored} == {"clip 'a'"}
    assert "visible part" in sheet.ignored[0].reason


def test_marks_on_what_is_disabled_are_ignored_and_listed_even_if_misspelt():
    off = clip("off", 0, 48, marker("SCORE unknown=1"))
    off.enabled = False
    off_track = track(clip("b", 0, 48, marker("SCORE")))
    off_track.enabled = False
    sheet = spot(cut_of(track(off, clip("a", 0, 48, marker("SCORE"))), off_track))
    assert ranges(sheet) == {"1m1": (48, 96)}
    assert [one.owner for one in sheet.ignored] == ["clip 'off'", "clip 'b'"]


@pytest.mark.parametrize(("scalar", "inside", "outside"), [(2.0, 190, 201), (-1.0, 149, 151)])
def test_marks_on_retimed_clips_stand_in_their_media(scalar, inside, outside):
    shot = clip("a", 100, 50, marker("SCORE in", inside), marker("SCORE out", outside))
    shot.effects.append(schema.LinearTimeWarp(time_scalar=scalar))
    sheet = spot(cut_of(track(gap(5), shot)))
    assert ranges(sheet) == {"1m1": (5, 55)}
    assert sheet.cues[0].marks[0].record_frames == (50 if scalar == 2.0 else 5)
    assert [one.text for one in sheet.ignored] == ["SCORE out"]


def test_marks_in_and_on_nested_stacks():
    inside = track(clip("a", 0, 48, marker("SCORE inside")), clip("b", 0, 48))
    nest = schema.Stack(name="nest", children=[inside], source_range=span(24, 60))
    nest.markers.extend([marker("SCORE on", 50), marker("SCORE hidden", 90)])
    sheet = spot(cut_of(track(gap(10), nest)))
    assert ranges(sheet) == {"1m1": (34, 70)}
    assert [one.text for one in sheet.ignored] == ["SCORE hidden", "SCORE inside"]
    assert sheet.cues[0].marks[0].owner == "stack 'nest'"
    assert sheet.cues[0].marks[0].timecode == "01:00:01:12"


def test_media_at_another_rate():
    shot = clip("a", 250, 50, marker("SCORE", 275, rate=25), rate=25)
    (cue,) = spot(cut_of(track(clip("b", 0, 24), shot))).cues
    assert (cue.start_frames, cue.end_frames) == (24, 72)
    assert cue.marks[0].record_frames == 48


def test_drop_frame_timecode_in_messages():
    rate = Fraction(30_000, 1001)
    shot = clip("a", 0, 3000, marker("SCORE x=1", 1800, rate=float(rate)), rate=float(rate))
    with pytest.raises(MarkError, match="at 00:01:00;02: unknown key 'x'; the keys are cue"):
        spot(cut_of(track(shot), rate=rate, start_frames=0, drop_frame=True))


# Lanes, choosing, all shots


def test_overlapping_cues_go_to_further_lanes_with_a_warning():
    sheet = spot(
        three_shots(marker("SCORE", 0, 60), marker("SCORE", 50, 20), marker("SCORE", 60, 40))
    )
    assert [(cue.number, cue.lane) for cue in sheet.cues] == [("1m1", 0), ("1m2", 1), ("1m3", 0)]
    assert sheet.warnings == (
        "cues 1m1 and 1m2 overlap from 01:00:02:02 to 01:00:02:12",
        "cues 1m2 and 1m3 overlap from 01:00:02:12 to 01:00:02:22",
    )


def test_only_chooses_cues_by_number_without_renumbering():
    cut = marked_shots("SCORE", "SCORE cue=end", "SCORE")
    assert list(ranges(spot(cut, only=("1M2", "End")))) == ["end", "1m2"]
    with pytest.raises(SettingsError, match="1m9") as caught:
        spot(cut, only=("1m9",))
    assert "1m1, end, 1m2" in caught.value.hint


def test_all_shots_adds_every_visible_shot_and_keeps_the_marked_ones():
    cut = cut_of(
        track(clip("a", 0, 96), gap(10), clip("b", 0, 48, marker("SCORE style=none"))),
        track(gap(24), clip("over", 0, 24)),
    )
    sheet = spot(cut, all_shots=True)
    assert list(ranges(sheet).values()) == [(0, 24), (24, 48), (48, 96), (106, 154)]
    assert [cue.options.style for cue in sheet.cues] == ["auto", "auto", "auto", "none"]
    assert [cue.shots[0].name for cue in sheet.cues] == ["a", "over", "a", "b"]
    assert sheet.warnings == ()


def test_all_shots_of_sound_alone_are_none():
    with pytest.raises(MarkError, match="no clip of picture"):
        spot(cut_of(track(clip("a", 0, 48), kind="Audio")), all_shots=True)


def test_shots_inside_a_marked_range_get_no_second_cue():
    sheet = spot(three_shots(marker("SCORE", 0, 96)), all_shots=True)
    assert list(ranges(sheet).values()) == [(0, 96), (96, 144)]


def test_score_tracks_are_neither_spotted_nor_shots():
    cut = marked_shots("SCORE", "")
    ours = track(clip("R1_1m1_t01.wav", 0, 48, marker("SCORE")), kind="Audio")
    ours.metadata["otio_hpm"] = {"role": "score"}
    cut.timeline.tracks.append(ours)
    (cue,) = spot(cut).cues
    assert [shot.name for shot in cue.shots] == ["s0"]


def test_no_marks_is_an_error_that_says_what_there_is():
    cut = three_shots(marker("fix", 5, color="RED"))
    with pytest.raises(MarkError, match=r"film.otio has no marks") as caught:
        spot(cut)
    assert "SCORE" in caught.value.hint and "1 red" in caught.value.hint
    hidden = cut_of(track(clip("a", 10, 48, marker("SCORE", 5))))
    with pytest.raises(MarkError, match="'SCORE' at 01:00:00:00: it is outside the visible part"):
        spot(hidden)


def test_spotting_changes_nothing():
    cut = marked_shots("SCORE cue=1m1", "SCORE")
    before = cut.timeline.to_json_string()
    spot(cut, all_shots=True)
    assert cut.timeline.to_json_string() == before


# Options and maestro cues


def test_a_marks_settings_go_before_the_runs():
    text = "SCORE strength=0.5 loudness=-18 gain=-2 fade_in=12f fade_out=2 handles=0 seed=7"
    (cue,) = spot(marked_shots(text), style="dynamics", strength=Fraction(1)).cues
    options = cue.options
    assert (options.style, options.strength, options.seed) == ("dynamics", Fraction(1, 2), 7)
    assert (options.loudness_lufs, options.gain_db) == (-18, -2)
    assert (options.fade_in_s, options.fade_out_s, options.handles_s) == (Fraction(1, 2), 2, 0)


def test_baked_fades_leave_no_handles():
    (cue,) = spot(marked_shots("SCORE handles=2"), bake_fades=True).cues
    assert cue.options.handles_s == 0


def test_speeds_that_change_within_a_clip_are_told():
    resolve = {"Effect Name": "Retime and Scaling", "Enabled": True, "Parameters": [{"Key": 1}]}
    plain = {**resolve, "Parameters": []}
    effects = [
        schema.TimeEffect(effect_name="TimeRemap"),
        schema.Effect(metadata={"Resolve_OTIO": resolve}),
        schema.Effect(metadata={"fcp_xml": {"effectid": "timeremap"}}),
        schema.Effect(metadata={"Resolve_OTIO": plain}),
        schema.Effect(metadata={"fcp_xml": {"effectid": "basic"}, "Resolve_OTIO": None}),
        schema.LinearTimeWarp(time_scalar=2),
    ]
    shots = [clip(name, 0, 48, marker("SCORE")) for name in "abcdef"]
    for shot, effect in zip(shots, effects, strict=True):
        shot.effects.append(effect)
    warnings = spot(cut_of(track(*shots))).warnings
    assert [warning.split(": ")[0] for warning in warnings] == [
        "clip 'a' at 01:00:00:00",
        "clip 'b' at 01:00:02:00",
        "clip 'c' at 01:00:04:00",
    ]
    assert all("not followed" in warning for warning in warnings)


# Files of other systems, exactness, speed


def test_marks_of_a_premiere_timeline(fixture):
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.reading import read_cut

    path = fixture("OpenTimelineIO-history/premiere_example_oldschema.otio")
    sheet = spot(read_cut(path, Settings()), mark="My MArker|dsf")
    assert [cue.marks[0].record_frames for cue in sheet.cues] == [113, 492]
    assert [cue.marks[0].timecode for cue in sheet.cues] == ["00:00:03:23", "00:00:16:12"]
    assert ranges(sheet) == {"1m1": (113, 165), "1m2": (322, 557)}
    assert [cue.shots[0].name for cue in sheet.cues] == ["test_title", "sc01_sh030_anim.mov"]


@pytest.mark.parametrize("opacity", [0, 255, None])
def test_a_title_card_is_looked_through_in_a_resolve_timeline(opacity, fixture, tmp_path):
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.reading import read_cut

    cut = read_cut(fixture("OpenTimelineIO/effects.otio"), Settings())
    cut.timeline.tracks.markers.append(marker("SCORE", 100))
    if opacity is not None:
        write_png(tmp_path / "Picchu_V7_310821_0003.png", opacity=255)
        write_png(tmp_path / "A_title.png", opacity=opacity)
    (cue,) = spot(cut, media_dirs=(tmp_path,)).cues
    assert [shot.name for shot in cue.shots] == ["Picchu_V7_310821_0003.png"]
    assert (cue.start_frames, cue.end_frames) == (0, 444)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(FRAME_RATES),
    lengths=st.lists(st.integers(2, 5000), min_size=1, max_size=8),
    start=st.integers(0, 2_000_000),
    drawn=st.data(),
)
def test_cues_are_exact_at_every_rate(rate, lengths, start, drawn):
    shots = [clip(f"s{i}", 50, length, rate=float(rate)) for i, length in enumerate(lengths)]
    index = drawn.draw(st.integers(0, len(shots) - 1))
    offset = drawn.draw(st.integers(0, lengths[index] - 1))
    shots[index].markers.append(marker("SCORE", 50 + offset, rate=float(rate)))
    cut = cut_of(track(*shots), rate=rate, start_frames=start)
    first = sum(lengths[:index])
    (cue,) = spot(cut).cues
    assert (cue.start_frames, cue.end_frames) == (first, first + lengths[index])
    assert cue.marks[0].record_frames == first + offset
    length = drawn.draw(st.integers(2, sum(lengths)))
    position = drawn.draw(st.integers(0, sum(lengths) - length))
    ranged = marker("SCORE", position, length, rate=float(rate))
    plain = [clip("s", 50, length, rate=float(rate)) for length in lengths]
    cut = cut_of(track(*plain), rate=rate, start_frames=start, markers=(ranged,))
    assert ranges(spot(cut)) == {"1m1": (position, position + length)}


def test_a_long_timeline_takes_no_more_work_for_each_shot():
    def work(count):
        marks = [[marker("SCORE style=none tense", 5)] if i % 10 == 0 else [] for i in range(count)]
        cut = cut_of(track(*(clip(f"s{i}", 0, 24, *own) for i, own in enumerate(marks))))
        assert len(spot(cut).cues) == count / 10
        return work_of(lambda: spot(cut))

    few, many = work(200), work(400)
    assert many.lines < 2.1 * few.lines
    assert many.walks == 0


def test_a_cue_beyond_a_day_is_refused() -> None:
    day = 24 * 60 * 60 * 24
    long = clip("a", 0, day, marker("SCORE"))
    assert ranges(spot(cut_of(track(long)))) == {"1m1": (0, day)}
    longer = clip("a", 0, 2.0**53, marker("SCORE"))
    with pytest.raises(MarkError, match=r"cue 1m1, .* ends more than 24 hours after"):
        spot(cut_of(track(longer)))
