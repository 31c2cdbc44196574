"""Edit decision lists keep their record positions, locators and counting."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from edl_lists import ONE, TWO, asked, clips, event, markers, read, refused

from otio_hpm.errors import MarkError
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.spotting import spot_cues


def test_the_start_is_the_earliest_record_timecode(tmp_path: Path) -> None:
    cut = read(tmp_path, "TITLE: my cut\n" + TWO + ONE)
    assert cut.timeline.name == "my cut"
    assert cut.timecode(0) == "10:00:00:00"
    assert cut.timeline.global_start_time.value == cut.start_frames == 864000
    assert cut.duration_frames == 72
    assert (cut.dialect, cut.schema_versions) == ("edl", {})
    assert clips(cut)["B"] == ("V", "10:00:02:00", "10:00:03:00")


def test_a_list_is_one_timeline(tmp_path: Path) -> None:
    text = "TITLE: my cut\n" + ONE
    assert read(tmp_path, text, timeline="my cut").duration_frames == 24
    assert "there are: 1 'my cut'" in refused(tmp_path, text, timeline="another")


def test_channels_become_tracks_picture_first(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        event(1, "10:00:00:00 10:00:01:00", reel="sound", channel="A2")
        + event(2, "10:00:01:00 10:00:02:00", reel="both", channel="AA/V")
        + event(3, "10:00:03:00 10:00:04:00", reel="above", channel="V2"),
    )
    tracks = [(track.name, track.kind) for track in cut.timeline.tracks]
    assert tracks == [("V", "Video"), ("V2", "Video"), ("A1", "Audio"), ("A2", "Audio")]
    assert clips(cut)["sound"] == ("A2", "10:00:00:00", "10:00:01:00")
    assert clips(cut)["above"] == ("V2", "10:00:03:00", "10:00:04:00")
    assert len(list(cut.timeline.tracks[0])) == 2


def test_overlapping_events_keep_their_positions(tmp_path: Path) -> None:
    cut = read(tmp_path, ONE + event(2, "10:00:00:12 10:00:01:12", reel="B"))
    assert clips(cut)["B"] == ("V (2)", "10:00:00:12", "10:00:01:12")
    assert "overlap" in cut.warnings[0]


def test_record_time_wins_over_source_length(tmp_path: Path) -> None:
    cut = read(tmp_path, event(1, "10:00:00:00 10:00:05:00") + event(2, "10:00:05:00 10:00:06:00"))
    assert cut.duration_frames == 144
    assert "first in event 001" in cut.warnings[0]


def test_a_dissolve_takes_the_incoming_side(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        ONE
        + "002 AX V C 01:00:01:00 01:00:01:00 10:00:01:00 10:00:01:00\n"
        + "002 BX V D 012 02:00:00:00 02:00:02:00 10:00:01:00 10:00:03:00\n"
        + "* FROM CLIP NAME: first\n* FROM CLIP: /a/first.mov\n"
        + "* TO CLIP NAME: second\n* TO CLIP: /a/second.mov\n",
    )
    first, transition, second = cut.timeline.tracks[0]
    assert (first.name, second.name) == ("001", "second")
    assert second.media_reference.target_url == "/a/second.mov"
    assert (transition.in_offset.value, transition.out_offset.value) == (0, 12)
    assert clips(cut)["second"][1:] == ("10:00:01:00", "10:00:03:00")


def test_a_fade_in_from_black_may_begin_the_list(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "001 BL V C 00:00:00:00 00:00:00:00 10:00:00:00 10:00:00:00\n"
        "001 BX V D 024 02:00:00:00 02:00:02:00 10:00:00:00 10:00:02:00\n",
    )
    assert isinstance(cut.timeline.tracks[0][0], otio.schema.Transition)
    assert cut.duration_frames == 48


@pytest.mark.parametrize(
    ("speed", "effect", "scalar"),
    [
        ("048.0", "LinearTimeWarp", 2.0),
        ("-024.0", "LinearTimeWarp", -1.0),
        ("012.0", "LinearTimeWarp", 0.5),
        ("000.0", "FreezeFrame", 0.0),
        ("024.0", None, None),
    ],
)
def test_speeds_and_the_locators_under_them(
    tmp_path: Path, speed: str, effect: str | None, scalar: float | None
) -> None:
    cut = read(
        tmp_path,
        event(1, "10:00:00:00 10:00:01:00")
        + f"M2   AX       {speed}                01:00:00:00\n"
        + "* LOC: 10:00:00:07 RED     SCORE here\n",
    )
    clip = cut.timeline.tracks[0][0]
    assert [e.schema_name() for e in clip.effects] == ([effect] if effect else [])
    assert [e.time_scalar for e in clip.effects] == ([] if scalar is None else [scalar])
    assert list(markers(cut)) == [("10:00:00:07", "SCORE here")]


def test_a_locator_outside_its_event_marks_the_timeline(tmp_path: Path) -> None:
    text = "* LOC: 10:00:02:12 blue  before any event\n" + ONE
    cut = read(tmp_path, text + "* LOC: 10:00:01:20 PINK late\n" + TWO)
    on_timeline = cut.timeline.tracks.markers
    assert {(m.name, m.color) for m in on_timeline} == {
        ("before any event", "BLUE"),
        ("late", "PINK"),
    }
    assert sorted(markers(cut)) == [("10:00:01:20", "late"), ("10:00:02:12", "before any event")]


def test_a_locator_marks_picture_only_once(tmp_path: Path) -> None:
    cut = read(
        tmp_path, event(1, "10:00:00:00 10:00:01:00", channel="B") + "* LOC: 10:00:00:01 RED"
    )
    assert list(markers(cut)) == [("10:00:00:01", "")]


def test_media_grade_and_comments_are_read(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        ONE.replace("AX", "A001_C001")
        + "* FROM CLIP NAME: take one\n* FROM CLIP: /media/take one.mov\n"
        + "* ASC_SOP (0.1 0.2 0.3) (1 2 3) (1 1 1)\n* ASC_SAT 0.9\n* SCENE 12\n",
    )
    clip = cut.timeline.tracks[0][0]
    assert clip.name == "take one"
    assert clip.media_reference.target_url == "/media/take one.mov"
    assert clip.metadata["cdl"]["asc_sat"] == 0.9
    assert clip.metadata["cmx_3600"]["reel"] == "A001_C001"
    assert list(clip.metadata["cmx_3600"]["comments"]) == ["SCENE 12"]


@pytest.mark.parametrize("reel", ["BL", "BLACK"])
def test_black_is_a_generator(tmp_path: Path, reel: str) -> None:
    clip = read(tmp_path, ONE.replace("AX", reel)).timeline.tracks[0][0]
    assert clip.media_reference.generator_kind == "black"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("TITLE: nothing\n", "no events"),
        ("some words\n", "no events"),
        ("001 AX V C 01:00:00:00 01:00:01:00 10:00:00:00\n", "line 1: this event cannot be read"),
        ("001 AX V C 01:00:00:00 01:00:01:00 10:00:01:00 10:00:00:00\n", "record out is before"),
        ("001 AX V C 01:00:00:77 01:00:01:00 10:00:00:00 10:00:01:00\n", "line 1: '01:00:00:77'"),
        ("001 AX V C 01:00:00:00 01:00:00:00 10:00:00:00 10:00:00:00\n", "longer than 0 frames"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("* ASC_SOP (1 2)", "line 2: this grade cannot be read"),
        ("* ASC_SAT much", "line 2: this grade cannot be read"),
        ("M2   AX    fast   01:00:00:00", "line 2: this speed cannot be read"),
        ("* LOC: soon RED SCORE", "line 2: this locator has no timecode"),
    ],
)
def test_a_note_that_cannot_be_read_is_said_and_kept(tmp_path: Path, line: str, said: str) -> None:
    cut = read(tmp_path, ONE + line + "\n* SCENE 12\n")
    clip = cut.timeline.tracks[0][0]
    assert any(said in warning for warning in cut.warnings)
    assert list(clip.metadata["cmx_3600"]["comments"]) == [line.lstrip("* "), "SCENE 12"]
    assert "cdl" not in clip.metadata
    assert not clip.effects


def test_a_locator_at_no_timecode_is_said(tmp_path: Path) -> None:
    cut = read(tmp_path, ONE + "* LOC: 10:00:00:30 RED late\n")
    assert "line 2: '10:00:00:30' is not a timecode at 24" in cut.warnings[0]
    assert list(markers(cut)) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("002 B V C 01:00:00:00 01:00:01:00 10:00:01:00", "this event cannot be read"),
        ("002 B V C 01:00:00:00", "this event cannot be read"),
        ("002 B V C", "this event cannot be read"),
        ("002 \ufffd \ufffd 01:00:01:00 10:00:01:\ufffd", "this event cannot be read"),
        ("002 B V X 01:00:00:00 01:00:01:00 10:00:01:00 10:00:02:00", "X is no kind of edit"),
        ("002 B VIDEO C 01:00:00:00 01:00:01:00 10:00:01:00 10:00:02:00", "VIDEO is no channel"),
        ("002 BL C 01:00:00:00 01:00:01:00 10:00:01:00 10:00:02:00", "BL is no channel"),
        ("002 B NONE C 01:00:00:00 01:00:01:00 10:00:01:00 10:00:02:00", "on no channel"),
        ("002 B V C 01:00:00:00 01:00:01:00 10:00:02:00 10:00:01:00", "record out is before"),
        ("002 B V C 01:00:00:00 01:00:00:00 10:00:01:00 10:00:01:00", "not longer than 0 frames"),
        ("002 B V C 01:00:00:77 01:00:01:00 10:00:01:00 10:00:02:00", "'01:00:00:77' is not a"),
        ("002 B V C 01:00:61:00 01:00:01:00 10:00:01:00 10:00:02:00", "at no rate"),
    ],
)
def test_only_the_event_that_cannot_be_read_is_lost(tmp_path: Path, bad: str, said: str) -> None:
    lost = bad + "\n* FROM CLIP NAME: lost\n* LOC: 10:00:00:07 RED stays\nM2 B 048.0 01:00:00:00\n"
    cut = read(tmp_path, "TITLE: t\n" + ONE + lost + TWO)
    warning = next(warning for warning in cut.warnings if said in warning)
    assert warning.startswith("line 3:")
    assert set(clips(cut)) == {"001", "B"}
    assert not any(clip.effects for clip in cut.timeline.find_clips())
    assert list(markers(cut)) == [("10:00:00:07", "stays")]


def test_old_charsets_and_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "LIST.EDL"
    path.write_bytes(("TITLE: Gr\xfc\xdfe\r\n" + ONE.replace("\n", "\r\n")).encode("cp1252"))
    assert read_cut(path, asked()).timeline.name == "Gr\xfc\xdfe"


def test_a_locator_of_another_reel_scores_no_shot_of_this_one(tmp_path: Path) -> None:
    cut = read(tmp_path, ONE + "* LOC: 20:00:00:07 RED SCORE\n")
    settings = asked(24)
    with pytest.raises(MarkError, match="at 20:00:00:07: it is outside the timeline"):
        spot_cues(cut, settings, MediaFinder(tmp_path, settings.media))
