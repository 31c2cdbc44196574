"""HIT and LEVEL markers, and drawn dynamics, inside cues and outside them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_timelines import clip, cut_of, gap, marker, spot, track

from otio_hpm.errors import MarkError
from otio_hpm.timeline.cue import LevelPoint
from otio_hpm.timeline.mark_values import level_of
from otio_hpm.timing import FRAME_RATES


def marked(*wishes, text="SCORE"):
    """A shot of 48 frames with a mark, after a gap of 10; wishes are on the clip."""
    return cut_of(track(gap(10), clip("a", 100, 48, marker(text, 110), *wishes)))


def points(*pairs):
    return tuple(LevelPoint(at_s=Fraction(at), level_db=Fraction(level)) for at, level in pairs)


@pytest.mark.parametrize("text", ["HIT", "hit the door", "Hit: door", " HIT\nslam", "HIT - 2"])
def test_a_marker_that_begins_with_hit_is_a_hit_point_of_its_cue(text):
    (cue,) = spot(marked(marker(text, 120))).cues
    assert cue.hits_frames == (30,)
    assert len(cue.marks) == 1


@pytest.mark.parametrize("text", ["", "HITS", "hitchhiker", "the HIT", "white", "levels"])
def test_other_words_are_no_hit_point(text):
    sheet = spot(marked(marker(text, 120)))
    assert (sheet.cues[0].hits_frames, sheet.cues[0].levels, sheet.ignored) == ((), (), ())


def test_the_word_may_stand_in_comment_or_a_vendors_note_and_both_may_be_said():
    in_note = marker("Marker 2", 130)
    in_note.metadata["Resolve_OTIO"] = {"Note": "LEVEL -3"}
    wishes = marker("Marker 1", 120, comment="Hit"), in_note, marker("HIT", 140, comment="LEVEL 4")
    (cue,) = spot(marked(*wishes)).cues
    assert cue.hits_frames == (30, 50)
    assert cue.levels == points((Fraction(30, 24), -3), (Fraction(40, 24), 4))


def test_hit_points_count_on_clip_track_stack_and_timeline():
    shots = track(clip("a", 100, 48, marker("HIT", 105)), clip("b", 0, 48))
    shots.markers.append(marker("HIT", 30))
    inner = clip("inner", 0, 24, marker("HIT", 7))
    cut = cut_of(shots, track(gap(48), inner), markers=(marker("SCORE", 0, 96), marker("HIT", 80)))
    assert spot(cut).cues[0].hits_frames == (5, 30, 55, 80)


def test_a_hit_point_is_where_its_marker_begins():
    (cue,) = spot(marked(marker("HIT", 120, 20))).cues
    assert cue.hits_frames == (30,)


def test_wishes_are_never_marks():
    red = marker("HIT", 120, color="RED"), marker("LEVEL 2", 130, color="RED")
    kept = clip("b", 0, 48, marker("go", 5, color="RED"))
    linked = marker("HIT", 140)
    linked.metadata["otio_hpm"] = {"cue": "1m1", "clip": "x.wav"}
    cut = cut_of(track(clip("a", 100, 48, *red, linked), kept))
    for choice in ({"mark_colors": ("RED",)}, {"mark": "."}):
        sheet = spot(cut, **choice)
        assert [(cue.start_frames, cue.end_frames) for cue in sheet.cues] == [(48, 96)]
    assert spot(marked(marker("HIT", 120, comment="SCORE"))).cues[0].hits_frames == ()


def test_wishes_outside_every_cue_are_ignored_with_the_reason():
    hidden = clip("a", 100, 48, marker("SCORE", 110), marker("HIT", 90))
    off = clip("c", 0, 48, marker("HIT", 3))
    off.enabled = False
    shots = track(hidden, clip("b", 0, 48, marker("HIT", 0), marker("LEVEL soft", 5)), off)
    sheet = spot(cut_of(shots, markers=(marker("HIT the end", 47),)))
    assert sheet.cues[0].hits_frames == (47,)
    assert {(one.text, one.timecode, one.reason) for one in sheet.ignored} == {
        ("HIT", "01:00:00:00", "it is outside the visible part of its source"),
        ("HIT", "01:00:04:03", "it is on something that is disabled"),
        ("HIT", "01:00:02:00", "no cue is there"),
        ("LEVEL soft", "01:00:02:05", "no cue is there"),
    }


def test_a_cue_that_is_not_asked_for_keeps_its_wishes():
    shots = [clip(n, 0, 48, marker("SCORE"), marker("HIT", 5)) for n in "ab"]
    sheet = spot(cut_of(track(*shots)), only=("1m2",))
    assert (sheet.cues[0].hits_frames, sheet.ignored) == ((53,), ())


def test_overlapping_cues_share_their_hit_points():
    shots = track(clip("a", 0, 48), clip("b", 0, 48))
    marks = marker("SCORE", 0, 60), marker("SCORE", 50, 40), marker("HIT", 55)
    assert [cue.hits_frames for cue in spot(cut_of(shots, markers=marks)).cues] == [(55,), (55,)]


@pytest.mark.parametrize(
    ("text", "level_db"),
    [
        ("-6", -6), ("+3 dB", 3), ("0", 0), ("−4.5db", Fraction(-9, 2)), ("– 2 dB", -2),
        (".5", Fraction(1, 2)), ("-6 dB under the dialogue", -6), ("20", 20), ("-40", -40),
    ],
)  # fmt: skip
def test_a_level_in_decibels(text, level_db):
    assert level_of(text) == level_db
    for wish in (marker(f"LEVEL {text}", 112), marker("level:", 112, comment=text)):
        assert spot(marked(wish)).cues[0].levels == points((Fraction(1, 2), level_db))


@pytest.mark.parametrize(
    "text", ["", "soft", "3 shot", "-1,5", "1.2.3", "99", "-41", "6dBm", "nan"]
)
def test_a_level_that_is_none_names_its_marker(text):
    with pytest.raises(MarkError, match=r"marker 'LEVEL.*' on clip 'a' at 01:00:00:22: LEVEL"):
        spot(marked(marker(f"LEVEL {text}", 112)))


def test_dynamics_are_drawn_by_keyframes_in_text_or_metadata():
    drawn = points((0, -6), (Fraction(1, 2), 0), (Fraction(3, 2), 6))
    for text in ('"0s:-6 12f:0 1.5s:+6"', '"1.5:+6dB, 00:00:00:12:0, 0:-6"'):
        assert spot(marked(text=f"SCORE dynamics={text}")).cues[0].levels == drawn
    cut = marked()
    mark = cut.timeline.tracks[0][1].markers[0]
    mark.metadata["otio_hpm"] = {"settings": {"dynamics": "0s:-6 0.5s:0 1.5s:6"}}
    assert spot(cut).cues[0].levels == drawn


def test_keyframes_and_markers_make_one_curve():
    cut = marked(marker("LEVEL 1", 112), marker("LEVEL -2", 100), text='SCORE dynamics="12f:1 1:2"')
    assert spot(cut).cues[0].levels == points((0, -2), (Fraction(1, 2), 1), (1, 2))
    for other in (marker("LEVEL 3", 112), marker("LEVEL 2", 112)):
        with pytest.raises(MarkError, match="another level"):
            spot(marked(marker("LEVEL 1", 112), other, text='SCORE dynamics="1:2"'))


@pytest.mark.parametrize(
    "text", ["loud", "0s", "0s:", ":3", "0s:-6 0s:3", "0s:-6 2s:loud", "-1s:3", "1h:3", "0s:90", ""]
)
def test_dynamics_that_are_not_understood_name_their_marker(text):
    with pytest.raises(MarkError, match=r"at 01:00:00:20: dynamics="):
        spot(marked(text=f'SCORE dynamics="{text}"'))


def test_keyframes_after_the_out_are_ignored_with_a_warning():
    sheet = spot(marked(text='SCORE dynamics="0:-6 2s:6"'))
    assert sheet.cues[0].levels == points((0, -6))
    assert "'SCORE dynamics=" in sheet.warnings[0]
    assert "after the cue's out" in sheet.warnings[0]


def test_settings_beside_the_settings_of_a_marks_metadata_are_told():
    cut = marked()
    mark = cut.timeline.tracks[0][1].markers[0]
    mark.metadata["otio_hpm"] = {"style": "none", "cue": "1m7", "clip": "x.wav"}
    sheet = spot(cut)
    assert sheet.cues[0].number == "1m7"
    (warning,) = sheet.warnings
    assert "marker 'SCORE'" in warning and "style" in warning


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(FRAME_RATES),
    lengths=st.lists(st.integers(2, 5000), min_size=1, max_size=5),
    drawn=st.data(),
)
def test_wishes_are_exact_at_every_rate(rate, lengths, drawn):
    speed = float(rate)
    shots = [clip(f"s{i}", 50, length, rate=speed) for i, length in enumerate(lengths)]
    frame = drawn.draw(st.integers(0, sum(lengths) - 1))
    index = drawn.draw(st.integers(0, len(lengths) - 1))
    offset = drawn.draw(st.integers(0, lengths[index] - 1))
    shots[index].markers.append(marker("LEVEL -3", 50 + offset, rate=speed))
    marks = marker("SCORE", 0, sum(lengths), rate=speed), marker("HIT", frame, rate=speed)
    (cue,) = spot(cut_of(track(*shots), rate=rate, markers=marks)).cues
    assert cue.hits_frames == (frame,)
    assert cue.levels == points(((sum(lengths[:index]) + offset) / rate, -3))
