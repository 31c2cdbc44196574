"""Edit decision lists keep their record positions, locators and counting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest

from otio_hpm.errors import MarkError, TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import frames, seconds
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.spotting import spot_cues
from otio_hpm.timeline.tree import walk
from otio_hpm.timing import parse_timecode

NTSC = Fraction(30000, 1001)


def asked(rate: float | Fraction | None = 24, **spotting: Any) -> Settings:
    exact = None if rate is None else Fraction(rate)
    return Settings().with_changes({"spotting": {"rate": exact, **spotting}})


def read(folder: Path, text: str, rate: float | Fraction | None = 24, **spotting: Any) -> Cut:
    path = folder / "list.edl"
    path.write_text(text, "utf-8")
    return read_cut(path, asked(rate, **spotting))


def refused(folder: Path, text: str, rate: float | Fraction | None = 24, **spotting: Any) -> str:
    with pytest.raises(TimelineError) as error:
        read(folder, text, rate, **spotting)
    assert "list.edl" in error.value.message
    return f"{error.value.message} | {error.value.hint}"


def clips(cut: Cut) -> dict[str, tuple[str, str, str]]:
    """Track, record in and record out of each clip, by name."""
    return {
        place.item.name: (
            place.track,
            cut.timecode(place.start_frames),
            cut.timecode(place.end_frames),
        )
        for place in walk(cut)
        if place.is_clip
    }


def markers(cut: Cut) -> Iterator[tuple[str, str]]:
    """Record timecode and name of each marker, through its owner's own time."""
    for place in walk(cut):
        for marker in place.item.markers:
            reach = marker.marked_range
            start, _ = place.extent(seconds(reach.start_time), seconds(reach.duration))
            yield cut.timecode(round(start)), marker.name


def event(number: int, record: str, reel: str = "AX", channel: str = "V", edit: str = "C") -> str:
    return f"{number:03d}  {reel} {channel} {edit} 01:00:00:00 01:00:01:00 {record}\n"


ONE = event(1, "10:00:00:00 10:00:01:00")
TWO = event(2, "10:00:02:00 10:00:03:00", reel="B")


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


def test_a_rate_that_several_events_contradict_is_refused(tmp_path: Path) -> None:
    line = "{:03}  AX  V  C  00:00:00:00 00:00:01:00 01:00:0{}:{} 01:00:0{}:{}\n"
    lines = [line.format(i + 1, i, f, i + 1, f) for i, f in enumerate(("24", "24", "00"))]
    said = refused(tmp_path, "".join(lines), rate=24)
    assert "2 events" in said and "line 1" in said and "--rate" in said
    one = read(tmp_path, "".join(lines[1:]), rate=24)
    assert len(list(one.timeline.find_clips())) == 1
    assert any("line 1" in warning for warning in one.warnings)


def test_frame_numbers_of_record_time_exclude_rates(tmp_path: Path) -> None:
    said = refused(tmp_path, ONE.replace("10:00:00:00", "10:00:00:29"), rate=None)
    assert "candidates: 29.97, 30, 47.952, 48, 50, 59.94, 60" in said
    assert "--rate" in said


@pytest.mark.parametrize("fcm", ["FCM: DROP FRAME\n", ""])
def test_drop_frame_leaves_two_rates(tmp_path: Path, fcm: str) -> None:
    text = fcm + (ONE if fcm else ONE.replace(":00 10:00:01:00", ";00 10:00:01;00"))
    assert "candidates: 29.97, 59.94" in refused(tmp_path, text, rate=None)
    assert "drop-frame, which there is not at 25" in refused(tmp_path, text, rate=25)


def test_drop_frame_counts_record_and_source(tmp_path: Path) -> None:
    text = "FCM: DROP FRAME\n" + (
        "001 AX V C 00:00:59:29 00:01:00:02 00:59:59:29 01:00:00:00\n* LOC: 00:59:59:29 RED SCORE\n"
    )
    cut = read(tmp_path, text, NTSC)
    clip = cut.timeline.tracks[0][0]
    assert cut.drop_frame
    assert (cut.timecode(0), cut.timecode(1)) == ("00:59:59;29", "01:00:00;00")
    assert frames(clip.source_range.start_time, NTSC) == 1799
    assert cut.duration_frames == 1
    assert list(markers(cut)) == [("00:59:59;29", "SCORE")]
    assert cut.warnings == ()


def test_a_list_that_does_not_say_counts_every_frame_and_this_is_said(tmp_path: Path) -> None:
    cut = read(tmp_path, ONE, NTSC)
    assert (cut.drop_frame, cut.start_frames) == (False, 1080000)
    assert "assumed" in cut.warnings[0]
    assert read(tmp_path, ONE, NTSC, tc="df").timecode(0) == "10:00:00;00"


def _movie(path: Path, rate: int) -> str:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return f"* FROM CLIP: {path}\n"


def test_agreeing_media_settle_the_rate(tmp_path: Path) -> None:
    text = ONE + _movie(tmp_path / "a.mp4", 25) + TWO + _movie(tmp_path / "b.mp4", 25)
    cut = read(tmp_path, text, rate=None)
    assert (cut.rate, cut.rate_source) == (25, "the media, which agree")


def test_media_that_disagree_or_cannot_be_settle_nothing(tmp_path: Path) -> None:
    two = ONE + _movie(tmp_path / "a.mp4", 25) + TWO + _movie(tmp_path / "b.mp4", 30)
    assert "its media run at 25, 30" in refused(tmp_path, two, rate=None)
    late = ONE.replace("01:00:00:00", "01:00:00:29") + _movie(tmp_path / "a.mp4", 25)
    assert "its media run at 25, its last frame number is 29" in refused(tmp_path, late, rate=None)


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


REAL = {
    "OpenTimelineIO-history/sample_cdl_edl.edl": (24, "01:00:00:00", 3258),
    "marker-edl/avid_loc_otio593.edl": (24, "01:00:00:00", 202),
    "marker-edl/resolve_marker_edl_markersextractor25.edl": (25, "00:00:02:03", 405),
    "otio-cmx3600-adapter/25fps.edl": (25, "00:00:00:00", 496),
    "otio-cmx3600-adapter/avid_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/cdl.edl": (24, "00:00:00:00", 62),
    "otio-cmx3600-adapter/dissolve_test.edl": (24, "01:00:00:00", 20),
    "otio-cmx3600-adapter/dissolve_test_2.edl": (24, "01:00:00:00", 20),
    "otio-cmx3600-adapter/dissolve_test_3.edl": (24, "01:00:00:00", 137),
    "otio-cmx3600-adapter/dissolve_test_4.edl": (24, "01:04:11:17", 477),
    "otio-cmx3600-adapter/gap_test.edl": (24, "00:00:00:00", 126),
    "otio-cmx3600-adapter/no_spaces_test.edl": (24, "00:59:53:11", 1049),
    "otio-cmx3600-adapter/nucoda_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/premiere_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/screening_example.edl": (24, "00:59:53:11", 1049),
    "otio-cmx3600-adapter/speed_effects_small.edl": (24, "01:00:00:00", 16636),
    "otio-cmx3600-adapter/transition_duration.edl": (24, "01:00:48:20", 408),
}


@pytest.mark.parametrize("name", REAL)
def test_every_event_of_real_lists_is_where_the_list_says(
    fixture: Callable[[str], Path], name: str
) -> None:
    rate, start, length = REAL[name]
    path = fixture(name)
    cut = read_cut(path, asked(rate))
    assert (cut.timecode(0), cut.duration_frames) == (start, length)
    found = {(record_in, record_out) for _, record_in, record_out in _spans(cut)}
    assert found == set(_listed(path, Fraction(rate)))


@pytest.mark.parametrize("name", REAL)
def test_the_counts_of_real_lists_are_those_of_their_text(
    fixture: Callable[[str], Path], name: str
) -> None:
    """Lines that are counted by their look alone; an event of no length is a transition's out."""
    path = fixture(name)
    text = path.read_text("utf-8")
    events = re.findall(r"^\d+ +\S+ +(\S+) +([CDW]\d*) .* (\S+) +(\S+) *$", text, re.MULTILINE)
    shown = [(channel, edit) for channel, edit, first, last in events if first != last]
    timeline = read_cut(path, asked(REAL[name][0])).timeline
    items = [timeline.tracks, *timeline.find_children()]
    found = [marker for item in items for marker in getattr(item, "markers", ())]
    assert len(timeline.tracks) == len({channel for channel, _ in shown})
    assert len(timeline.find_clips()) == len(shown)
    mixes = timeline.find_children(descended_from_type=otio.schema.Transition)
    assert len(mixes) == sum(edit != "C" for _, edit in shown)
    assert len(found) == len(re.findall(r"^\* ?LOC:", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["no_spaces_test", "screening_example"])
def test_locators_of_real_lists_are_where_the_list_says(
    fixture: Callable[[str], Path], name: str
) -> None:
    cut = read_cut(fixture(f"otio-cmx3600-adapter/{name}.edl"), asked())
    assert list(markers(cut)) == [
        ("01:00:01:14", "ANIM FIX NEEDED"),
        ("01:00:02:14", "ANIM FIX NEEDED"),
        ("01:00:15:13", ""),
    ]


def test_avid_locators(fixture: Callable[[str], Path]) -> None:
    cut = read_cut(fixture("marker-edl/avid_loc_otio593.edl"), asked())
    assert list(markers(cut)) == [
        ("01:00:02:01", "FIRST MARKER NAME"),
        ("01:00:04:10", "SECOND MARKER NAME"),
        ("01:00:05:19", "THIRD MARKER NAME"),
    ]


@pytest.mark.parametrize("name", REAL)
def test_without_a_rate_real_lists_are_refused_with_candidates(
    fixture: Callable[[str], Path], name: str
) -> None:
    with pytest.raises(TimelineError, match=r"candidates: .*25") as error:
        read_cut(fixture(name), asked(None))
    assert "--rate" in error.value.hint


def _spans(cut: Cut) -> Iterator[tuple[str, int, int]]:
    for place in walk(cut):
        if place.is_clip:
            start = cut.start_frames
            yield place.item.name, place.start_frames + start, place.end_frames + start


def _listed(path: Path, rate: Fraction) -> Iterator[tuple[int, int]]:
    """Record in and out of each event line, by its last two words."""
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if line[:1].isdigit() and len(words) >= 8 and words[-1][2:3] == ":":
            first, last = (parse_timecode(word, rate) for word in words[-2:])
            if last > first:
                yield first, last


def test_a_locator_of_another_reel_scores_no_shot_of_this_one(tmp_path: Path) -> None:
    cut = read(tmp_path, ONE + "* LOC: 20:00:00:07 RED SCORE\n")
    settings = asked(24)
    with pytest.raises(MarkError, match="at 20:00:00:07: it is outside the timeline"):
        spot_cues(cut, settings, MediaFinder(tmp_path, settings.media))
