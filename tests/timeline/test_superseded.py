"""Rows of a spotting sheet stand in the place of a timeline's own marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from listed_timelines import SHEET, essence, film, merged, scored_again, texts
from small_timelines import clip, cut_of, marker, ranges, spot, track

from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.spotting_sheet import spotting_file


def test_a_sheet_says_anew_what_the_timeline_said(tmp_path: Path) -> None:
    standing = clip("a", 0, 48, marker("SCORE style=melody", 5), marker("HIT door", 20))
    cut = cut_of(track(standing, clip("b", 0, 48, marker("SCORE", 5))))
    text = SHEET + "SCORE,slow,01:00:00:00,01:00:02:02,,cue=1m7 style=none\n"
    found = merged(cut, tmp_path, text)
    sheet = spot(found)
    assert ranges(sheet) == {"1m7": (0, 50), "1m1": (48, 96)}
    seven = sheet.cues[0]
    assert (seven.options.style, seven.note, seven.hits_frames) == ("none", "slow", (20,))
    assert "1 of the timeline's own give way" in found.marker_lists[0]
    assert len(standing.markers) == 2


def test_markers_that_give_way_stay_and_are_named_with_the_reason(tmp_path: Path) -> None:
    standing = clip("a", 0, 48, marker("SCORE style=melody", 5), marker("HIT door", 20))
    cut = cut_of(track(standing), markers=(marker("LEVEL 3", 30),))
    before = cut.timeline.to_json_string()
    rows = "SCORE,slow,01:00:00:00,01:00:02:00,,cue=1m7 style=none\nLEVEL -6,,01:00:01:06,,,\n"
    found = merged(cut, tmp_path, SHEET + rows)
    assert texts(found) == ["LEVEL 3", "SCORE slow", "LEVEL -6", "SCORE style=melody", "HIT door"]
    assert cut.timeline.to_json_string() == before
    for item, was in (
        (found.timeline.tracks, cut.timeline.tracks),
        (found.timeline.tracks[0][0], standing),
    ):
        kept = [one.to_json_string() for one in item.markers]
        assert kept[: len(was.markers)] == [one.to_json_string() for one in was.markers]
    sheet = spot(found)
    assert [(one.text, one.owner, one.timecode) for one in sheet.ignored] == [
        ("LEVEL 3", "the timeline", "01:00:01:06"),
        ("SCORE style=melody", "clip 'a'", "01:00:00:05"),
    ]
    level, score = (one.reason for one in sheet.ignored)
    assert "'LEVEL -6' at 01:00:01:06" in level and "'SCORE slow' at 01:00:00:00" in score
    assert [point.level_db for point in sheet.cues[0].levels] == [-6]


def test_the_merged_timeline_gives_the_same_cues_with_and_without_the_sheet(
    tmp_path: Path,
) -> None:
    standing = clip("a", 0, 48, marker("SCORE style=melody", 5), marker("HIT door", 20))
    cut = cut_of(track(standing, clip("b", 0, 48)), markers=(marker("SCORE cue=1m3", 30, 9),))
    text = SHEET + "SCORE,slow,01:00:00:00,01:00:02:00,,cue=1m7\nHIT,,01:00:00:20,,,\n"
    first = merged(cut, tmp_path, text)
    expected = [essence(cue) for cue in spot(first).cues]
    assert len(expected) == 1
    without = scored_again(first)
    assert [essence(cue) for cue in spot(without).cues] == expected
    again = merged(without, tmp_path, text)
    assert [essence(cue) for cue in spot(again).cues] == expected
    assert again.timeline.to_json_string() == without.timeline.to_json_string()
    assert "0 markers from" in again.marker_lists[0]
    assert "3 of the timeline's own give way" in again.marker_lists[0]


def test_without_its_row_an_old_mark_counts_again(tmp_path: Path) -> None:
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE style=melody", 5))))
    found = scored_again(merged(cut, tmp_path, SHEET + "SCORE,,01:00:00:00,01:00:01:00,,cue=1m7\n"))
    del found.timeline.tracks.markers[0]
    assert ranges(spot(found)) == {"1m1": (0, 48)}
    assert not spot(found).ignored


def test_marks_made_after_the_sheet_count(tmp_path: Path) -> None:
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE", 5)), clip("b", 0, 48)))
    text = SHEET + "SCORE,,01:00:00:00,01:00:01:00,,cue=1m7\n"
    found = merged(cut, tmp_path, text)
    found.timeline.tracks[0][0].markers.append(marker("SCORE cue=1m8", 10))
    assert ranges(spot(found)) == {"1m7": (0, 24), "1m8": (0, 48)}
    again = merged(found, tmp_path, text)
    assert ranges(spot(again)) == {"1m7": (0, 24)}
    assert ranges(spot(scored_again(again))) == {"1m7": (0, 24)}


def test_a_changed_sheet_replaces_its_rows_but_not_what_an_editor_made_of_them(
    tmp_path: Path,
) -> None:
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE dark", 5))))
    row = SHEET + "SCORE,{},01:00:00:00,01:00:02:00,,cue=1m7\n"
    first = merged(cut, tmp_path, row.format("slow"))
    second = merged(scored_again(first), tmp_path, row.format("fast"))
    assert texts(second) == ["SCORE fast", "SCORE dark"]
    assert "1 of an earlier sheet replaced" in second.marker_lists[0]
    edited = scored_again(second)
    edited.timeline.tracks.markers[0].comment = "faster"
    third = merged(edited, tmp_path, row.format("slow"))
    assert sorted(texts(third)) == ["SCORE dark", "SCORE faster", "SCORE slow"]
    for found in (third, scored_again(third)):
        assert [cue.note for cue in spot(found).cues] == ["slow"]
        assert {one.text for one in spot(found).ignored} == {"SCORE faster", "SCORE dark"}


def test_a_row_is_known_where_its_note_has_the_whole_text(tmp_path: Path) -> None:
    """As it is written for Kdenlive."""
    text = SHEET + "SCORE,slow,01:00:00:00,01:00:02:00,,cue=1m7\n"
    found = scored_again(merged(film(), tmp_path, text))
    found.timeline.tracks.markers[0].comment = "SCORE: slow"
    again = merged(found, tmp_path, text)
    assert texts(again) == ["SCORE SCORE: slow"]
    assert "1 there already" in again.marker_lists[0]


def test_the_out_of_a_row_counts_where_the_timeline_says_the_same(tmp_path: Path) -> None:
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE", 0))))
    found = merged(cut, tmp_path, SHEET + "SCORE,,01:00:00:00,01:00:01:00,,\n")
    assert ranges(spot(found)) == {"1m1": (0, 24)}
    assert len(spot(found).ignored) == 1


def test_overlapping_rows_all_count_again(tmp_path: Path) -> None:
    rows = ("0:00,01:00:02:00,,", "1:00,01:00:01:12,,", "1:00,01:00:01:20,,cue=1m3")
    text = SHEET + "".join(f"SCORE,,01:00:0{row}\n" for row in rows)
    first = merged(film(marker("SCORE", 24)), tmp_path, text)
    expected = {"1m1": (0, 48), "1m2": (24, 36), "1m3": (24, 44)}
    assert ranges(spot(first)) == expected
    again = merged(scored_again(first), tmp_path, text)
    assert ranges(spot(again)) == expected and len(texts(again)) == 4


def test_a_row_of_one_wish_leaves_the_other_of_its_marker(tmp_path: Path) -> None:
    both = marker("HIT", 20, comment="LEVEL -3")
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE", 5), both, marker("HIT", 22))))
    found = merged(cut, tmp_path, SHEET + "HIT slam,,01:00:00:20,01:00:01:00,,\n")
    cue = spot(found).cues[0]
    assert cue.hits_frames == (20, 22)
    assert [point.level_db for point in cue.levels] == [-3]
    assert [one.text for one in spot(found).ignored] == ["HIT LEVEL -3"]


def test_lists_and_a_sheet_together_are_stable(tmp_path: Path) -> None:
    sheet = SHEET + "SCORE,slow,01:00:00:00,01:00:02:00,,cue=1m7\n"
    avid = "A\t01:00:00:10\tTC1\tred\tSCORE style=none\n"
    first = merged(film(), tmp_path, sheet, avid)
    again = merged(scored_again(first), tmp_path, sheet, avid)
    for found in (first, scored_again(first), again):
        assert ranges(spot(found)) == {"1m7": (0, 48)}
    assert texts(again) == texts(first)


def test_metadata_that_tell_nonsense_supersede_nothing() -> None:
    nonsense: tuple[Any, ...] = (
        7,
        "SCORE",
        {"supersedes": 7},
        {"supersedes": [7, None]},
        {"supersedes": {}},
    )
    for told in nonsense:
        rows = marker("SCORE", 0, 48, metadata={"marker_list": told})
        sheet = spot(cut_of(track(clip("a", 0, 48, marker("SCORE", 5))), markers=(rows,)))
        assert not sheet.ignored and len(sheet.cues[0].marks) == 2


def test_a_superseded_wish_is_not_saved(tmp_path: Path) -> None:
    cut = film(marker("LEVEL 3", 30), marker("SCORE", 5))
    found = merged(cut, tmp_path, SHEET + "LEVEL -6,,01:00:01:06,,,\n")
    data = spotting_file(found, spot(found), SpottingSettings(), tmp_path / "x.csv").data
    assert b"LEVEL -6" in data and b"LEVEL 3" not in data


def test_other_lists_take_nothing_away(tmp_path: Path) -> None:
    cut = cut_of(track(clip("a", 0, 48, marker("SCORE dark", 5))))
    found = merged(cut, tmp_path, "A\t01:00:00:00\tTC1\tred\tSCORE slow\t48\n")
    assert [cue.note for cue in spot(found).cues] == ["slow; dark"]
