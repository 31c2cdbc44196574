"""Lists of markers on a timeline, and the spotting of a timeline as such a list."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

from listed_timelines import SHEET, film, merged
from opentimelineio.opentime import RationalTime
from small_timelines import clip, cut_of, marker, ranges, spot, track

from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.listed_markers import with_listed_markers

NTSC = Fraction(30000, 1001)


def test_marks_of_a_list_are_spotted(tmp_path: Path) -> None:
    cut = film()
    text = "Ann\t01:00:02:10\tTC1\tred\tSCORE tender\nAnn\t01:00:04:10\tTC1\tred\tSCORE\t24\n"
    found = merged(cut, tmp_path, text)
    assert ranges(spot(found)) == {"1m1": (48, 96), "1m2": (106, 130)}
    assert found.marker_lists == ("2 markers from list0.txt, a marker list of Avid Media Composer",)
    assert not cut.timeline.tracks.markers
    first = found.timeline.tracks.markers[0]
    assert (first.name, first.color, first.marked_range.start_time) == (
        "SCORE tender",
        "RED",
        RationalTime(58, 24),
    )


def test_nothing_asked_for_is_nothing_done() -> None:
    cut = film()
    assert with_listed_markers(cut, SpottingSettings()) is cut


def test_a_track_that_a_list_names_gets_its_mark(tmp_path: Path) -> None:
    text = "".join(f"A\t01:00:01:00\t{name}\tred\tSCORE {name}\n" for name in ("V1", "a1", "A7"))
    stacked = merged(film(), tmp_path, text).timeline.tracks
    assert [[m.name for m in item.markers] for item in (stacked, *stacked)] == [
        ["SCORE A7"],
        ["SCORE V1"],
        ["SCORE a1"],
    ]


def test_drop_frame_timecode_is_that_of_the_timeline(tmp_path: Path) -> None:
    shots = track(clip("a", 0, 1800, rate=float(NTSC)), clip("b", 0, 1800, rate=float(NTSC)))
    cut = cut_of(shots, rate=NTSC, start_frames=107_892, drop_frame=True)
    assert cut.timecode(1800) == "01:01:00;02"
    for record in ("01:01:00;02", "01;01;00;02", "01:01:00:02"):
        found = merged(cut, tmp_path, f"A\t{record}\tV1\tred\tSCORE\n")
        assert ranges(spot(found)) == {"1m1": (1800, 3600)}
        assert not found.warnings
    skipped = merged(cut, tmp_path, "A\t01:01:00;01\tV1\tred\tSCORE\n")
    assert "does not exist in drop-frame" in skipped.warnings[0]


def test_a_marker_outside_the_timeline_is_named(tmp_path: Path) -> None:
    text = SHEET + "SCORE,early,00:59:59:23,,,\nSCORE,,01:00:00:00,,,\nSCORE,late,01:00:06:00,,,\n"
    found = merged(film(), tmp_path, text)
    assert len(found.timeline.tracks.markers) == 1
    early, late = found.warnings
    assert "line 2" in early and "00:59:59:23" in early and "01:00:06:00" in early
    assert "line 4" in late and "'SCORE' at 01:00:06:00" in late


def test_a_timeline_that_runs_over_midnight(tmp_path: Path) -> None:
    begin = 24 * 86_400 - 12
    cut = cut_of(track(clip("a", 0, 48)), start_frames=begin)
    found = merged(cut, tmp_path, "name,in\nSCORE before,23:59:59:18\nSCORE after,00:00:00:06\n")
    marks = {m.name: m.marked_range.start_time.value for m in found.timeline.tracks.markers}
    assert marks == {"SCORE before": 6, "SCORE after": 18}


def test_what_is_there_already_is_not_doubled(tmp_path: Path) -> None:
    text = "* LOC: 01:00:02:10 RED     SCORE tender\n"
    for standing in (
        film(marker("SCORE tender", 58)),
        cut_of(track(clip("a", 0, 48), clip("b", 0, 48, marker("SCORE", 10, comment="tender")))),
        merged(film(), tmp_path, text),
    ):
        found = merged(standing, tmp_path, text, text)
        places = [found.timeline.tracks, *found.timeline.find_clips()]
        assert sum(len(item.markers) for item in places) == 1
        assert all("1 there already" in told for told in found.marker_lists)
    other = merged(film(marker("SCORE tender", 59)), tmp_path, text)
    assert len(other.timeline.tracks.markers) == 2


def test_markers_that_count_in_timecode_stay_beside_a_list(tmp_path: Path) -> None:
    cut = film(marker("HIT", 86_400 + 10), marker("SCORE", 86_400 + 50))
    found = merged(cut, tmp_path, "* LOC: 01:00:01:00 RED     SCORE\n")
    sheet = spot(found)
    assert ranges(sheet) == {"1m1": (0, 48), "1m2": (48, 96)}
    assert sheet.cues[0].hits_frames == (10,)


def test_a_timeline_with_a_range_of_its_own(tmp_path: Path) -> None:
    cut = film()
    cut.timeline.tracks.source_range = clip("x", 24, 96).source_range
    found = merged(cut, tmp_path, "* LOC: 01:00:01:10 RED     SCORE\n")
    assert ranges(spot(found)) == {"1m1": (24, 72)}


def test_a_list_beside_an_edit_decision_list(tmp_path: Path) -> None:
    cut = dataclasses.replace(film(marker("HIT", 50)), dialect="edl")
    found = merged(cut, tmp_path, "* LOC: 01:00:02:02 RED     HIT\n* LOC: 01:00:03:00 RED SCORE\n")
    sheet = spot(found)
    assert ranges(sheet) == {"1m1": (48, 96)} and sheet.cues[0].hits_frames == (50,)
    assert "1 there already" in found.marker_lists[0]
