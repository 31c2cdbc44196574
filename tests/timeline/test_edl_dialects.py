"""Edit decision lists as Avid, Premiere, Resolve, Final Cut Pro 7 and Nucoda write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk
from otio_hpm.timing import parse_timecode


def read(folder: Path, text: str, rate: float | Fraction = 24) -> Cut:
    path = folder / "list.edl"
    path.write_text(text, "utf-8")
    settings = Settings().with_changes({"spotting": {"rate": Fraction(rate)}})
    return read_cut(path, settings)


def placed(cut: Cut) -> dict[str, list[tuple[str, int, int]]]:
    """Name, record in and record out, in frames from the first, of the clips of each track."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for place in walk(cut):
        if place.is_clip:
            span = place.item.name, place.start_frames, place.end_frames
            found.setdefault(place.track, []).append(span)
    return found


def speeds(cut: Cut) -> dict[str, list[float]]:
    clips = cut.timeline.find_clips()
    return {clip.name: [effect.time_scalar for effect in clip.effects] for clip in clips}


def test_a_key_lies_over_its_background(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "037  131    V     K B      10:57:40:00 10:57:41:00 01:00:36:00 01:00:37:00\n"
        "037  051    V     K    012 01:07:39:00 01:07:40:00 01:00:36:00 01:00:37:00\n"
        "M2   131          000.0                10:57:40:00\n"
        "* FROM CLIP NAME: back\n* KEY CLIP NAME: front\n"
        "038  052    V     K O  000 01:07:39:00 01:07:40:00 01:00:37:00 01:00:38:00\n",
    )
    assert placed(cut) == {"V": [("back", 0, 24)], "V (2)": [("front", 0, 24), ("052", 24, 48)]}
    assert speeds(cut) == {"back": [0.0], "front": [], "052": []}
    fade, front, _ = cut.timeline.tracks[1]
    assert fade.out_offset.value == 12
    assert front.metadata["cmx_3600"]["key"] == "K"
    assert cut.warnings == ()


def test_a_wipe_keeps_its_pattern(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "001  001    V     C        02:00:00:00 02:00:01:00 01:00:00:00 01:00:01:00\n"
        "002  001    V     C        02:00:01:00 02:00:01:00 01:00:01:00 01:00:01:00\n"
        "002  003    V     W001 030 03:00:00:00 03:00:10:00 01:00:01:00 01:00:11:00\n",
    )
    _, wipe, clip = cut.timeline.tracks[0]
    assert (wipe.transition_type, wipe.metadata["cmx_3600"]["transition"]) == ("SMPTE_Wipe", "W001")
    assert (wipe.in_offset.value, wipe.out_offset.value, clip.name) == (0, 30, "003")
    assert cut.warnings == ()


@pytest.mark.parametrize(
    ("column", "tracks"),
    [
        ("V", ["V"]),
        ("A", ["A1"]),
        ("A2", ["A2"]),
        ("A4", ["A4"]),
        ("A12", ["A12"]),
        ("AA", ["A1", "A2"]),
        ("B", ["V", "A1"]),
        ("A2/V", ["V", "A2"]),
        ("AA/V", ["V", "A1", "A2"]),
        ("VA1A2", ["V", "A1", "A2"]),
        ("VA12", ["V", "A1", "A2"]),
        ("NONE\nAUD  3", ["A3"]),
        ("NONE\nAUD  3   4", ["A3", "A4"]),
        ("V\nAUD  4", ["V", "A4"]),
        ("AA/V\nAUD 3 4", ["V", "A1", "A2", "A3", "A4"]),
    ],
)
def test_channels(tmp_path: Path, column: str, tracks: list[str]) -> None:
    channels, _, under = column.partition("\n")
    line = f"001  REEL  {channels} C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n{under}\n"
    assert placed(read(tmp_path, line)) == {track: [("REEL", 0, 24)] for track in tracks}


def test_both_lines_of_a_split_have_the_names_under_them(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "SPLIT:    AUDIO DELAY=  00:00:00:06\n"
        "053  021    V     C        01:21:05:00 01:21:06:00 01:00:51:00 01:00:52:00\n"
        "053  021    A     C        01:21:05:06 01:21:06:00 01:00:51:06 01:00:52:00\n"
        "* FROM CLIP NAME: said\n* SOURCE FILE: said.mov\n",
    )
    assert placed(cut) == {"V": [("said", 0, 24)], "A1": [("said", 6, 24)]}
    for clip in cut.timeline.find_clips():
        assert "SOURCE FILE: said.mov" in clip.metadata["cmx_3600"]["comments"]


@pytest.mark.parametrize("reel", ["A001_C001_220201_ABCD", "TAPE 12 b", "Z682_157.", "AX"])
def test_reels_of_any_length_with_their_speed(tmp_path: Path, reel: str) -> None:
    cut = read(
        tmp_path,
        f"000001  {reel}   V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:01:00\n"
        f"M2   {reel}       047.6                01:00:00:00 \n* FROM CLIP NAME: x\n",
    )
    clip = cut.timeline.tracks[0][0]
    assert clip.metadata.get("cmx_3600", {}).get("reel", "AX") == reel
    assert speeds(cut) == {"x": [47.6 / 24]}
    assert clip.source_range.duration.value == 24


@pytest.mark.parametrize(
    "line",
    [
        "M2   LONG_REEL_NAME_01-012.0   01:00:00:00",
        "M2   -012.0   01:00:00:00",
        "M2   LONG_REE   -012.0",
        "M2\tLONG_REEL_NAME_01\t\t-12.0\t\t\t01:00:00:00",
        "M2   -12   01:00:00:00   LONG_REEL_NAME_01",
        "M2   another name altogether   -012.0   01:00:00:00",
    ],
)
def test_speeds_however_they_are_written(tmp_path: Path, line: str) -> None:
    event = "001 LONG_REEL_NAME_01 V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:02:00\n"
    assert speeds(read(tmp_path, event + line)) == {"LONG_REEL_NAME_01": [-0.5]}


def test_a_speed_belongs_to_its_own_side_of_a_dissolve(tmp_path: Path) -> None:
    lines = (
        "001  A001   V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:01:00\n"
        "M2   A001       048.0                01:00:00:00\n"
        "002  A001   V     C        01:00:02:00 01:00:02:00 01:00:01:00 01:00:01:00\n"
        "002  B001   V     D    012 02:00:00:00 02:00:01:00 01:00:01:00 01:00:02:00\n"
        "M2   A001       048.0                01:00:02:00\n"
    )
    assert speeds(read(tmp_path, lines)) == {"A001": [2.0], "B001": []}
    retimed = lines + "M2   B001       012.0                02:00:00:00\n"
    assert speeds(read(tmp_path, retimed)) == {"A001": [2.0], "B001": [0.5]}
    one_reel = read(tmp_path, retimed.replace("A001", "AX").replace("B001", "AX"))
    assert list(speeds(one_reel).values()) == [[2.0], [0.5]]


def test_backwards_with_source_out_before_source_in(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "001  A V C 01:00:02:00 01:00:01:00 01:00:00:00 01:00:01:00\nM2 A -024.0 01:00:02:00\n",
    )
    start = cut.timeline.tracks[0][0].source_range.start_time
    assert seconds(start) == 3601
    assert cut.warnings == ()


def test_a_still_that_only_a_comment_tells(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "001  A V C 01:00:00:00 01:00:00:01 01:00:00:00 01:00:01:00\n"
        "* FROM CLIP NAME:  x FF\n* * FREEZE FRAME\n"
        "002  B V C 01:00:00:00 01:00:01:00 01:00:01:00 01:00:02:00\n* FROM CLIP IS A STILL\n",
    )
    assert speeds(cut) == {"x": [0.0], "B": []}
    assert cut.timeline.tracks[0][1].media_reference.is_missing_reference


def test_fades_through_black_are_named_for_what_is_seen(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "001  BL     V     C        00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n"
        "001  A001   V     D    012 02:00:00:00 02:00:01:00 01:00:00:00 01:00:01:00\n"
        "* FROM CLIP NAME: in\n"
        "002  A001   V     C        02:00:01:00 02:00:01:00 01:00:01:00 01:00:01:00\n"
        "002  BL     V     D    012 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00\n"
        "* FROM CLIP NAME: in\n",
    )
    assert placed(cut) == {"V": [("in", 0, 24), ("BL", 24, 48)]}
    assert cut.timeline.tracks[0][3].media_reference.generator_kind == "black"


def test_counting_that_changes_within_a_list_means_its_sources(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "FCM: DROP FRAME\n"
        "001  A V C 01:01:00:02 01:01:01:02 01:00:00:00 01:00:01:00\n"
        "FCM: NON-DROP FRAME\n"
        "002  B V C 01:01:00:00 01:01:01:00 01:00:01:00 01:00:02:00\n",
        Fraction(30000, 1001),
    )
    dropped, counted = (clip.source_range.start_time.value for clip in cut.timeline.find_clips())
    assert (dropped, counted) == (61 * 1800 + 2 - 2 * (61 - 6), 61 * 1800)
    assert cut.drop_frame
    assert "line 4: FCM has changed" in cut.warnings[0]


def test_events_in_any_order_and_over_each_other(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "003  C V C 01:00:00:00 01:00:01:00 01:00:02:00 01:00:03:00\n"
        "001  A V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
        "002  B V C 01:00:00:00 01:00:02:00 01:00:00:12 01:00:02:12\n",
    )
    assert placed(cut) == {"V": [("A", 0, 24), ("C", 48, 72)], "V (2)": [("B", 12, 60)]}
    assert cut.warnings[0].endswith("first that of line 3")


def test_frames_in_place_of_timecode(tmp_path: Path) -> None:
    cut = read(tmp_path, "001 A V C 10 34 0 24\n002 B V D 12 0 24 24 48\n12 takes were good\n")
    assert placed(cut) == {"V": [("A", 0, 24), ("B", 24, 48)]}
    clips = list(cut.timeline.find_clips())
    assert clips[0].source_range.start_time.value == 10
    assert list(clips[1].metadata["cmx_3600"]["comments"]) == ["12 takes were good"]


def test_locators_at_the_edges_and_outside(tmp_path: Path) -> None:
    event = "001  A V C 01:00:00:00 01:00:01:00 {} \n"
    cut = read(
        tmp_path,
        event.format("01:00:01:00 01:00:02:00")
        + "* LOC: 01:00:01:00 RED     first frame\n* LOC: 01:00:01:23 CYAN    last frame\n"
        + "* LOC: 01:00:02:00 GREEN   out\n* LOC: 01:00:00:23 BLUE    before\n"
        + event.replace("001", "002").format("01:00:03:00 01:00:04:00"),
    )
    clip = cut.timeline.tracks[0][0]
    on_clip = {m.name: (m.color, m.marked_range.start_time.value) for m in clip.markers}
    assert on_clip == {"first frame": ("RED", 86400), "last frame": ("CYAN", 86423)}
    outside = {
        m.name: (m.color, m.marked_range.start_time.value) for m in cut.timeline.tracks.markers
    }
    assert outside == {"out": ("GREEN", 24), "before": ("BLUE", -1)}


@pytest.mark.parametrize(
    ("written", "name", "color", "kept"),
    [
        ("RED     SCORE here", "SCORE here", "RED", "RED"),
        ("Yellow SCORE", "SCORE", "YELLOW", "Yellow"),
        ("FOREST  SCORE", "SCORE", "GREEN", "FOREST"),
        ("OCHRE   SCORE", "SCORE", "RED", "OCHRE"),
        ("SCORE cue=1m2", "SCORE cue=1m2", "RED", ""),
        ("SCORE  in  two", "SCORE  in  two", "RED", ""),
        ("GREEN", "", "GREEN", "GREEN"),
        ("", "", "RED", ""),
    ],
)
def test_colour_and_text_of_a_locator(
    tmp_path: Path, written: str, name: str, color: str, kept: str
) -> None:
    event = "001  A V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
    cut = read(tmp_path, f"{event}* LOC: 01:00:00:00 {written}\n")
    (marker,) = cut.timeline.tracks[0][0].markers
    found = marker.name, marker.color, marker.metadata["cmx_3600"]["color"]
    assert found == (name, color, kept)


def test_what_describes_the_list_is_kept_with_it(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "* made by hand\nTITLE: t\n"
        "001  A V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n* LOCATION: Ystad\n"
        ">>> SOURCE A047C012  DA-88\n",
    )
    comments = list(cut.timeline.metadata["cmx_3600"]["comments"])
    assert comments == ["made by hand", ">>> SOURCE A047C012  DA-88"]
    clip = cut.timeline.tracks[0][0]
    assert list(clip.metadata["cmx_3600"]["comments"]) == ["LOCATION: Ystad"]
    assert cut.warnings == ()


def test_marker_lines_of_resolve_are_comments(fixture: Callable[[str], Path]) -> None:
    path = fixture("marker-edl/resolve_marker_edl_markersextractor25.edl")
    settings = Settings().with_changes({"spotting": {"rate": Fraction(25)}})
    lines = [line.strip() for line in path.read_text("utf-8").splitlines() if "|C:" in line]
    clips = list(read_cut(path, settings).timeline.find_clips())
    assert [list(clip.metadata["cmx_3600"]["comments"]) for clip in clips] == [[x] for x in lines]


def _facts(path: Path, rate: int) -> list[dict[str, Any]]:
    """What each event that has a length says, by a pattern of its own."""
    pattern = re.compile(
        r"^(\d+) +(\S+) +V +([CD]) +(?:\d+ +)?(\d\d:\S+) +(\S+) +(\d\d:\S+) +(\d\d:\S+) *$"
    )
    found: list[dict[str, Any]] = []
    for line in path.read_text("utf-8").splitlines():
        if event := pattern.match(line):
            times = [parse_timecode(time, Fraction(rate)) for time in event.groups()[3:]]
            found.append({"reel": event[2], "edit": event[3], "times": times, "under": []})
        elif found:
            found[-1]["under"].append(line)
    return [event for event in found if event["times"][2] < event["times"][3]]


LISTS = {
    "OpenTimelineIO-history/sample_cdl_edl.edl": 24,
    "marker-edl/avid_loc_otio593.edl": 24,
    "otio-cmx3600-adapter/25fps.edl": 25,
    "otio-cmx3600-adapter/avid_example.edl": 24,
    "otio-cmx3600-adapter/cdl.edl": 24,
    "otio-cmx3600-adapter/dissolve_test.edl": 24,
    "otio-cmx3600-adapter/dissolve_test_2.edl": 24,
    "otio-cmx3600-adapter/dissolve_test_3.edl": 24,
    "otio-cmx3600-adapter/dissolve_test_4.edl": 24,
    "otio-cmx3600-adapter/gap_test.edl": 24,
    "otio-cmx3600-adapter/no_spaces_test.edl": 24,
    "otio-cmx3600-adapter/nucoda_example.edl": 24,
    "otio-cmx3600-adapter/premiere_example.edl": 24,
    "otio-cmx3600-adapter/screening_example.edl": 24,
    "otio-cmx3600-adapter/speed_effects_small.edl": 24,
    "otio-cmx3600-adapter/transition_duration.edl": 24,
}


@pytest.mark.parametrize("name", LISTS)
def test_everything_that_a_real_list_says_is_there(
    fixture: Callable[[str], Path], name: str
) -> None:
    path, rate = fixture(name), LISTS[name]
    settings = Settings().with_changes({"spotting": {"rate": Fraction(rate)}})
    cut = read_cut(path, settings)
    places = [place for place in walk(cut) if place.is_clip]
    clips = {place.start_frames + cut.start_frames: place.item for place in places}
    facts = _facts(path, rate)
    assert len(clips) == len(facts)
    assert [track.kind for track in cut.timeline.tracks] == ["Video"]
    mixes = [child for child in cut.timeline.tracks[0] if child.overlapping()]
    assert len(mixes) == sum(event["edit"] == "D" for event in facts)
    for event in facts:
        _check(clips[event["times"][2]], event)


def _check(clip: Any, event: dict[str, Any]) -> None:
    """Source in, reel, names, grade and locators of one clip."""
    under = "\n".join(event["under"])
    assert clip.source_range.start_time.value == event["times"][0]
    assert clip.metadata.get("cmx_3600", {}).get("reel", "AX") == event["reel"]
    side = "TO" if event["edit"] == "D" and "TO CLIP NAME" in under else "FROM"
    if named := re.search(rf"{side} CLIP NAME: *(.*\S)", under):
        assert clip.name == named[1].removesuffix(" FF")
    if media := re.search(r"FROM (?:CLIP|FILE): *(.*\S)", under):
        assert clip.media_reference.target_url == media[1]
    if speed := re.search(r"^M2 +\S+ +(\S+)", under, re.MULTILINE):
        assert [e.time_scalar for e in clip.effects] == [pytest.approx(float(speed[1]) / 24)]
    if grade := re.search(r"ASC_SAT:? *(\S+)", under):
        assert clip.metadata["cdl"]["asc_sat"] == float(grade[1])
        line = next(line for line in event["under"] if "SOP" in line)
        sop = clip.metadata["cdl"]["asc_sop"]
        numbers = [*sop["slope"], *sop["offset"], *sop["power"]]
        assert numbers == [float(number) for number in re.findall(r"-?\d+\.\d+", line)]
    located = re.findall(r"LOC: \S+ +(\S+) *(.*\S)?", under)
    assert [(m.color, m.name) for m in clip.markers] == located
