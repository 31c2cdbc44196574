"""Lists of markers on a timeline, and the spotting of a timeline as such a list."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from opentimelineio import adapters
from opentimelineio.opentime import RationalTime
from small_timelines import clip, cut_of, marker, ranges, spot, track

from otio_hpm.errors import MarkError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import Cue, CueSheet
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.listed_markers import with_listed_markers
from otio_hpm.timeline.spotting_sheet import spotting_file

NTSC = Fraction(30000, 1001)
SHEET = "name,note,in,out,colour,settings\n"


def merged(cut: Cut, folder: Path, *contents: str, **asked: Any) -> Cut:
    paths = []
    for index, content in enumerate(contents):
        paths.append(folder / f"list{index}.txt")
        paths[-1].write_text(content, "utf-8")
    return with_listed_markers(cut, SpottingSettings(markers=tuple(paths), **asked))


def film(*markers: Any, **more: Any) -> Cut:
    """Three shots of two seconds, over them a title that covers half of the first."""
    shots = (clip("a", 0, 48), clip("b", 0, 48), clip("c", 0, 48))
    return cut_of(track(*shots), track(clip("s", 0, 144), kind="Audio"), markers=markers, **more)


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


def scored_again(cut: Cut) -> Cut:
    """The timeline as another system may give it back: through its file."""
    text = cut.timeline.to_json_string()
    timeline = adapters.read_from_string(text, "otio_json")
    return dataclasses.replace(cut, timeline=timeline, marker_lists=(), warnings=())


def texts(cut: Cut) -> list[str]:
    items = (cut.timeline.tracks, *cut.timeline.tracks, *cut.timeline.find_clips())
    return [f"{one.name} {one.comment}".strip() for item in items for one in item.markers]


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


def essence(cue: Cue, *, in_text: bool = False) -> tuple[Any, ...]:
    """All of a cue that decides its music."""
    return (
        cue.number,
        cue.reel,
        cue.start_frames,
        cue.end_frames,
        cue.options,
        cue.maestro,
        cue.sketch,
        " ".join(cue.note.split()) if in_text else cue.note,
        cue.hits_frames,
        cue.levels,
    )


def stripped(cut: Cut) -> None:
    for item in (cut.timeline.tracks, *cut.timeline.tracks, *cut.timeline.find_clips()):
        del item.markers[:]


def there_and_back(cut: Cut, folder: Path, ending: str, **asked: Any) -> tuple[CueSheet, CueSheet]:
    """The spotting of a cut, and that of the cut without markers but with the list saved of it."""
    first = spot(cut, **asked)
    path = folder / f"saved{ending}"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(**asked), path).data)
    stripped(cut)
    again = with_listed_markers(cut, SpottingSettings(markers=(path,), **asked))
    assert not again.warnings
    return first, spot(again, **asked)


@pytest.mark.parametrize("ending", [".csv", ".edl", ".txt"])
def test_a_stripped_timeline_with_its_list_gives_the_same_cues(tmp_path: Path, ending: str) -> None:
    """Marks on sound and under a title, several of one cue, keyframes, quotes, and wishes."""
    (tmp_path / "the theme.wav").touch()
    quoted = 'SCORE cue=1m3 maestro="the theme.wav" dynamics="0s:-6 12f:+3" "a = b", she\'s off'
    cut = cut_of(
        track(
            clip("a", 0, 48, marker("SCORE cue=x fade_in=12f", 5)),
            clip("b", 0, 48, marker("SCORE cue=x slow", 5, color="PINK")),
            clip("c", 0, 48, marker(quoted, 5)),
        ),
        track(clip("title", 0, 30)),
        track(clip("s", 0, 100, marker("SCORE seed=7 HIT", 3)), kind="Audio"),
        folder=tmp_path,
        markers=(
            marker("HIT", 20, comment="the door; slams"),
            marker("LEVEL -6 dB", 60),
            marker("", 130, comment="HIT"),
        ),
    )
    first, again = there_and_back(cut, tmp_path, ending)
    assert len(first.cues) == 3
    in_text = ending != ".csv"
    assert [essence(cue, in_text=in_text) for cue in again.cues] == [
        essence(cue, in_text=in_text) for cue in first.cues
    ]


@pytest.mark.parametrize("ending", [".csv", ".edl", ".txt"])
@pytest.mark.parametrize("asked", [{"mark": r"(?i)mx\d*"}, {"mark_colors": ("pink",)}])
def test_marks_that_were_chosen_are_chosen_again(
    tmp_path: Path, ending: str, asked: dict[str, Any]
) -> None:
    chosen = marker("MX12 style=none tender", 5, color="PINK")
    cut = cut_of(track(clip("a", 0, 48, chosen), clip("b", 0, 48, marker("other", 5))))
    first, again = there_and_back(cut, tmp_path, ending, **asked)
    assert [essence(cue) for cue in again.cues] == [essence(cue) for cue in first.cues]
    assert [cue.options.style for cue in again.cues] == ["none"]


def test_all_shots_as_a_sheet_are_marks(tmp_path: Path) -> None:
    first = spot(film(), all_shots=True)
    path = tmp_path / "sheet.csv"
    path.write_bytes(spotting_file(film(), first, SpottingSettings(), path).data)
    again = spot(with_listed_markers(film(), SpottingSettings(markers=(path,))))
    assert ranges(again) == ranges(first) == {"1m1": (0, 48), "1m2": (48, 96), "1m3": (96, 144)}


def test_the_sheet_itself_on_its_own_timeline_changes_nothing(tmp_path: Path) -> None:
    cut = film(marker("SCORE slow", 58), marker("HIT", 60), marker("LEVEL 3", 70))
    first = spot(cut)
    path = tmp_path / "sheet.csv"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(), path).data)
    again = with_listed_markers(cut, SpottingSettings(markers=(path,)))
    assert [essence(cue) for cue in spot(again).cues] == [essence(cue) for cue in first.cues]
    twice = with_listed_markers(again, SpottingSettings(markers=(path,)))
    assert len(twice.timeline.tracks.markers) == len(again.timeline.tracks.markers) == 4


@pytest.mark.parametrize("ending", [".edl", ".txt"])
def test_a_list_on_the_timeline_it_was_saved_of_makes_the_same_cues(
    tmp_path: Path, ending: str
) -> None:
    shots = [clip(name, 0, 48, marker("SCORE cue=1m2 slow", 9)) for name in "ab"]
    cut = cut_of(track(*shots, clip("c", 0, 48, marker("SCORE style=none", 9))))
    first = spot(cut)
    path = tmp_path / f"saved{ending}"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(), path).data)
    again = spot(with_listed_markers(cut, SpottingSettings(markers=(path,))))
    assert [essence(cue) for cue in again.cues] == [essence(cue) for cue in first.cues]


def test_a_list_beside_an_edit_decision_list(tmp_path: Path) -> None:
    cut = dataclasses.replace(film(marker("HIT", 50)), dialect="edl")
    found = merged(cut, tmp_path, "* LOC: 01:00:02:02 RED     HIT\n* LOC: 01:00:03:00 RED SCORE\n")
    sheet = spot(found)
    assert ranges(sheet) == {"1m1": (48, 96)} and sheet.cues[0].hits_frames == (50,)
    assert "1 there already" in found.marker_lists[0]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12
).map(lambda text: " ".join(text.split()))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    note=WORDS,
    number=WORDS.filter(lambda text: any(map(str.isalnum, text))),
    style=st.sampled_from(["none", "melody"]),
    at=st.integers(0, 47),
)
def test_whatever_a_mark_says_comes_back_or_is_told(
    tmp_path: Path, note: str, number: str, style: str, at: int
) -> None:
    said = {"settings": {"cue": number, "style": style}}
    mark = marker("SCORE", at, comment=f'"{note}"' if "=" in note else note)
    mark.metadata["otio_hpm"] = said
    cut = cut_of(track(clip("a", 0, 48, mark), clip("b", 0, 48)))
    try:
        first = spot(cut)
    except MarkError:
        reject()
    path = tmp_path / "sheet.csv"
    written = spotting_file(cut, first, SpottingSettings(), path)
    path.write_bytes(written.data)
    stripped(cut)
    again = spot(with_listed_markers(cut, SpottingSettings(markers=(path,))))
    assert written.losses or [essence(c) for c in again.cues] == [essence(c) for c in first.cues]
