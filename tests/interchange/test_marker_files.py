"""Files of markers: each kind is read as its system writes it, and comes back as it was written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otio_hpm.errors import SettingsError, TimelineError
from otio_hpm.interchange.marker_colors import AVID, RESOLVE
from otio_hpm.interchange.marker_files import read_marker_file, write_marker_file
from otio_hpm.interchange.marker_list import Clock, ListedMarker, MarkerList

NTSC = Fraction(30000, 1001)
FILM = Clock(rate=Fraction(24), drop_frame=False)
PAL = Clock(rate=Fraction(25), drop_frame=False)
DROP = Clock(rate=NTSC, drop_frame=True)
NON_DROP = Clock(rate=NTSC, drop_frame=False)
CLOCKS = (FILM, PAL, DROP, NON_DROP, Clock(rate=Fraction(24000, 1001), drop_frame=False))

RESOLVE_EDL = """TITLE: Timeline 1
FCM: NON-DROP FRAME

002  001      V     C        01:00:10:00 01:00:10:01 01:00:10:00 01:00:10:01
Ein Gruß
an alle |C:ResolveColorLavender |M:SCORE – cue=1m1 |D:48

001  001      V     C        01:00:02:03 01:00:02:04 01:00:02:03 01:00:02:04
 |C:ResolveColorBlue |M:Marker 2 |D:1
"""
AVID_LIST = (
    "Ann\t01:00:02:01\tV1\tred\tSCORE tender\n"
    "Ann\t01:00:04:10\tA2\tgreen\tHIT door\t1\t\tForest\n"
    "Ann\t01:00:05:19\tTC1\tcyan\tSCORE 2\t36\n"
    "Ann\t01:00:06:00\tV1\tblack\tto its end\t01:00:08:00\n"
)


def read(folder: Path, content: str | bytes, clock: Clock = FILM, name: str = "list") -> MarkerList:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_marker_file(path, clock)


def places(found: MarkerList) -> list[tuple[int, int, str]]:
    return [(marker.in_frames, marker.out_frames, marker.name) for marker in found.markers]


def frames(timecode: str, base: int) -> int:
    """Frame number of non-drop-frame timecode."""
    hours, minutes, seconds, frame = map(int, timecode.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * base + frame


def test_markers_of_resolve(fixture: Callable[[str], Path]) -> None:
    path = fixture("marker-edl/resolve_marker_edl_markersextractor25.edl")
    text = path.read_text("utf-8")
    records = re.findall(r"(\S+) \S+ +\n.*\|C:ResolveColor(\w+) \|M:(.*?) \|D:1", text)
    found = read_marker_file(path, PAL)
    assert len(records) == 5 == len(found.markers)
    assert [(m.in_frames, m.original_color, m.name) for m in found.markers] == [
        (frames(record, 25), color, name) for record, color, name in records
    ]
    assert [m.note for m in found.markers] == ["Note 01", "Note 02", "", "", ""]
    assert {m.color for m in found.markers} == {"PURPLE", "RED"}
    assert all(m.out_frames == m.in_frames + 1 for m in found.markers)
    assert "Resolve" in found.kind and not found.warnings


def test_locators_of_avid(fixture: Callable[[str], Path]) -> None:
    path = fixture("marker-edl/avid_loc_otio593.edl")
    found = read_marker_file(path, FILM)
    written = re.findall(r"LOC: (\S+) (\w+) +(.*)", path.read_text("utf-8"))
    assert [(m.in_frames, m.color, m.name) for m in found.markers] == [
        (frames(record, 24), color, text) for record, color, text in written
    ]
    assert len(written) == 3 and "LOC" in found.kind and not found.warnings


def test_a_note_of_two_lines_events_out_of_order_and_a_length(tmp_path: Path) -> None:
    first, second = read(tmp_path, RESOLVE_EDL).markers
    assert (first.in_frames, first.out_frames) == (86_640, 86_688)
    assert first.note == "Ein Gruß\nan alle"
    assert first.name == "SCORE – cue=1m1"
    assert (first.color, first.original_color) == ("PURPLE", "Lavender")
    assert (second.in_frames, second.note) == (frames("01:00:02:03", 24), "")


def test_windows_line_ends_and_marks_of_byte_order(tmp_path: Path) -> None:
    plain = read(tmp_path, RESOLVE_EDL)
    assert read(tmp_path, "\ufeff" + RESOLVE_EDL.replace("\n", "\r\n")) == plain


def test_a_list_of_avid(tmp_path: Path) -> None:
    found = read(tmp_path, AVID_LIST)
    assert [(m.name, m.track, m.color, m.original_color) for m in found.markers] == [
        ("SCORE tender", "V1", "RED", "Red"),
        ("HIT door", "A2", "GREEN", "Forest"),
        ("SCORE 2", "TC1", "CYAN", "Cyan"),
        ("to its end", "V1", "BLACK", "Black"),
    ]
    assert [m.out_frames - m.in_frames for m in found.markers] == [0, 1, 36, 48]
    assert found.markers[2].in_frames == frames("01:00:05:19", 24)
    assert "Avid" in found.kind and not found.warnings


def test_comments_of_avid_with_tabs_and_stray_line_ends(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Ann\t01:00:02:00\tV1\tred\tSCORE from\t01:00:40:03\tIMG_1\t12\n"
        "Ann\t01:00:03:00\tV1\tred\tSCORE one\ttwo\t1\t\tForest\n"
        "Ann\t01:00:04:00\tV1\tred\tSCORE three \r\t1\n",
    )
    assert places(found) == [
        (86448, 86460, "SCORE from 01:00:40:03 IMG_1"),
        (86472, 86473, "SCORE one two"),
        (86496, 86497, "SCORE three"),
    ]
    assert [marker.original_color for marker in found.markers][1] == "Forest"
    assert found.warnings == ()


def test_a_list_of_premiere(tmp_path: Path) -> None:
    text = (
        "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\n"
        'SCORE\t"Quoted", she said\t00;00;59;29\t00;01;00;02\t00;00;00;01\tComment\n'
        "Chapter\t\t00;10;00;00\t00;10;02;00\t00;00;02;00\tChapter\n"
    )
    found = read(tmp_path, text.encode("utf-16"), DROP, "markers.csv")
    # 00;00;59;29 is followed by 00;01;00;02; ten minutes have dropped nine times two numbers.
    assert places(found) == [(1799, 1800, "SCORE"), (17982, 18042, "Chapter")]
    assert found.markers[0].note == '"Quoted", she said'
    assert "Premiere" in found.kind and not found.warnings


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_sheet_as_spreadsheet_programs_give_it_back(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["In", "OUT", "Name", "Settings", "Colour", "Note", "mine"])
    writer.writerow(["1:00:02:00", "01:00:04:00", "SCORE", "cue=1m1", "Red", "slow; dark, é\n2", 7])
    writer.writerow([""] * 7)
    writer.writerow(["01:00:05:00", "", "HIT", "", "", "", ""])
    found = read(tmp_path, text.getvalue().encode(encoding))
    assert places(found) == [(86_448, 86_496, "SCORE"), (86_520, 86_520, "HIT")]
    score = found.markers[0]
    assert (score.note, score.settings, score.color) == ("slow; dark, é\n2", "cue=1m1", "RED")
    assert [marker.line for marker in found.markers] == [2, 5]
    assert found.kind == "a spotting sheet" and found.replaces and not found.warnings


def test_a_line_that_names_the_separator(tmp_path: Path) -> None:
    found = read(tmp_path, "sep=;\nname;in\nSCORE a, b;01:00:00:00\n")
    assert places(found) == [(86_400, 86_400, "SCORE a, b")]
    assert not found.replaces


def test_counting_follows_the_semicolon_then_what_the_list_states_then_the_timeline(
    tmp_path: Path,
) -> None:
    def start(content: str, clock: Clock) -> tuple[int, bool]:
        found = read(tmp_path, content, clock)
        return found.markers[0].in_frames, bool(found.warnings)

    line = "* LOC: {} RED     one\n"
    drop, colon = line.format("01:00:00;00"), line.format("01:00:00:00")
    assert start(drop, DROP) == (107_892, False)
    assert start(drop, NON_DROP) == (107_892, True)
    assert start(colon, DROP) == (107_892, False)
    assert start(colon, NON_DROP) == (108_000, False)
    assert start("FCM: DROP FRAME\n" + colon, DROP) == (107_892, False)
    assert start("FCM: NON-DROP FRAME\n" + colon, DROP) == (108_000, True)
    assert start(drop, FILM) == (86_400, False)


def test_only_the_line_that_is_not_understood_is_lost(tmp_path: Path) -> None:
    text = "name,note,in,out,settings\na,,01:00:00:99,,\nb,,01:00:01:00,01:00:00:00,\nc,,,,\n"
    found = read(tmp_path, text, name="sheet.csv")
    assert places(found) == [(86_424, 86_424, "b")]
    assert [re.match(r"sheet\.csv, line (\d)", told)[1] for told in found.warnings] == [  # type: ignore[index]
        "2",
        "3",
        "4",
    ]
    assert "24 frames per second" in found.warnings[0] and "before its in" in found.warnings[1]
    broken = "TITLE: x\n |C:ResolveColorRed |M:no event |D:1\n"
    assert "line 2" in read(tmp_path, broken).warnings[0]


def test_an_out_stands_where_a_length_is_not_understood(tmp_path: Path) -> None:
    text = (
        "name,in,out,duration\na,01:00:00:00,01:00:02:00,two\nb,01:00:00:00,,two\n"
        "c,01:00:00:00,01:00:02:00,00:00:01:00\nd,01:00:01:00,01:00:00:00,two\n"
    )
    found = read(tmp_path, text, name="list.csv")
    assert places(found) == [
        (86_400, 86_448, "a"),
        (86_400, 86_400, "b"),
        (86_400, 86_424, "c"),
        (86_424, 86_424, "d"),
    ]
    b, d = found.warnings
    assert "line 3: 'two' is not a timecode; this marker is taken as a moment" in b
    assert "line 5" in d and "'two'" in d and "before its in" in d


def test_a_drop_frame_length_counts_from_zero(tmp_path: Path) -> None:
    """A minute and two frames of timecode are 1800 frames, from wherever they are counted."""
    row = "SCORE\t\t00;59;30;00\t01;00;30;00\t00;01;00;02\tComment\n"
    text = "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\n" + row
    (found,) = read(tmp_path, text, DROP).markers
    assert found.out_frames - found.in_frames == 1800


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quote_that_does_not_end_costs_no_other_row(tmp_path: Path, separator: str) -> None:
    rows = (
        ("name", "in", "note"),
        ('"a, b; c"', "01:00:00:00", "fine"),
        ('"broken', "01:00:01:00", "lost"),
        ("HIT", "01:00:02:00", '"quoted" loosely'),
    )
    found = read(tmp_path, "\n".join(map(separator.join, rows)), name="list.csv")
    assert places(found) == [(86_400, 86_400, "a, b; c"), (86_448, 86_448, "HIT")]
    assert found.markers[1].note == "quoted loosely"
    assert len(found.warnings) == 1 and "line 3" in found.warnings[0]


def test_locators_of_our_own_lists_have_their_lengths(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "* LOC: 01:00:02:00 RED     SCORE a\n* HPM MARKER: TIMELINE TO 01:00:03:12\n"
        "* LOC: 01:00:04:00 RED     SCORE b\n* HPM MARKER: TIMELINE\n",
    )
    assert places(found) == [(86448, 86484, "SCORE a"), (86496, 86496, "SCORE b")]
    assert found.warnings == ()


def test_locators_with_tabs_and_without_a_colour(tmp_path: Path) -> None:
    lines = ("00:00\tGREEN\tHIT door", "01:00   Rose enters", "02:00", "03:00 MAGENTA")
    found = read(tmp_path, "".join(f"* LOC: 01:00:{line}\n" for line in lines))
    assert [(m.in_frames, m.name, m.color) for m in found.markers] == [
        (86_400, "HIT door", "GREEN"),
        (86_424, "Rose enters", ""),
        (86_448, "", ""),
        (86_472, "", "MAGENTA"),
    ]
    assert not found.warnings


def test_warnings_do_not_grow_without_end(tmp_path: Path) -> None:
    found = read(tmp_path, AVID_LIST + "what is this\n" * 5000)
    assert len(found.markers) == 4 and len(found.warnings) == 101
    assert "4900 more" in found.warnings[-1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\nDear all,\nplease score this\n", "line 3 says 'Dear all,'"),
        (b"TITLE: x\n001  AX V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n", "line 1"),
        (b"\x00\x01\x02", "binary"),
        (b"1\t00:59:53:00\t-336000\tSamples\tMarker 1\n", "line 1"),
        (b"name,colour\nSCORE,red\n", "line 1"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(TimelineError, match="list") as error:
        read(tmp_path, content, name="some.txt")
    assert "some.txt" in error.value.message and words in error.value.message


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(TimelineError) as error:
            read_marker_file(path, FILM)
        assert path.name in error.value.message


def test_other_endings_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.edl, \.txt, \.csv"):
        write_marker_file([], tmp_path / "markers.xml", FILM, "Film")


def test_no_cell_of_a_sheet_is_a_formula(tmp_path: Path) -> None:
    marker = ListedMarker(in_frames=0, out_frames=0, name="=1+1", note="-6 dB", settings="'=x")
    data = write_marker_file([marker], tmp_path / "sheet.csv", FILM, "").data
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert not any(cell[:1] in "=+-@" for cell in row if cell)
    assert read(tmp_path, data).markers == (marker,)


def test_losses_are_told(tmp_path: Path) -> None:
    marker = ListedMarker(
        in_frames=0, out_frames=9, name="a\nb |M:c", note="d\te", track="V1", settings="cue=1"
    )
    told = {
        ending: write_marker_file([marker], tmp_path / f"m{ending}", FILM, "").losses
        for ending in (".edl", ".txt", ".csv")
    }
    assert [len(losses) for losses in told.values()] == [4, 2, 1]
    assert all("'a\\nb |M:c'" in loss for losses in told.values() for loss in losses)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))).map(str.strip)
NOTE = st.lists(TEXT.filter(bool), max_size=3).map("\n".join)


@st.composite
def lists(draw: Any, colors: dict[str, str], **texts: Any) -> tuple[Clock, list[ListedMarker]]:
    """Markers that a format can carry."""
    clock = draw(st.sampled_from(CLOCKS))

    def marker(start: int, length: int, color: str, said: dict[str, str]) -> ListedMarker:
        ends = {"in_frames": start, "out_frames": start + length}
        colored = {"color": colors[color], "original_color": color}
        return ListedMarker(**ends, **colored, **said)

    made = st.builds(
        marker,
        st.integers(0, 24 * 3600 * 24),
        st.integers(1, 100_000),
        st.sampled_from(sorted(colors)),
        st.fixed_dictionaries(texts),
    )
    return clock, draw(st.lists(made, min_size=1, max_size=6))


def same_again(folder: Path, ending: str, case: tuple[Clock, list[ListedMarker]]) -> None:
    clock, markers = case
    written = write_marker_file(markers, folder / f"out{ending}", clock, "A film")
    found = read(folder, written.data, clock, f"out{ending}")
    assert written.losses or (list(found.markers) == markers and not found.warnings)


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(case=lists(RESOLVE, name=TEXT, note=NOTE))
def test_what_is_written_for_resolve_is_read_again(
    tmp_path: Path, case: tuple[Clock, list[ListedMarker]]
) -> None:
    same_again(tmp_path, ".edl", case)


@quick
@given(case=lists(AVID, name=TEXT, track=st.sampled_from(["V1", "A2", "TC1"])))
def test_what_is_written_for_avid_is_read_again(
    tmp_path: Path, case: tuple[Clock, list[ListedMarker]]
) -> None:
    same_again(tmp_path, ".txt", case)


@quick
@given(case=lists({**AVID, **RESOLVE}, name=TEXT, note=NOTE, settings=TEXT))
def test_what_is_written_as_a_sheet_is_read_again(
    tmp_path: Path, case: tuple[Clock, list[ListedMarker]]
) -> None:
    same_again(tmp_path, ".csv", case)


@quick
@given(
    base=st.sampled_from([RESOLVE_EDL, AVID_LIST, "name,in,settings\nSCORE,01:00:00:00,cue=1\n"]),
    at=st.integers(0, 200),
    length=st.integers(0, 40),
    bytes_there=st.binary(max_size=12),
)
def test_a_damaged_list_is_read_or_refused(
    tmp_path: Path, base: str, at: int, length: int, bytes_there: bytes
) -> None:
    data = base.encode("utf-8")
    try:
        read(tmp_path, data[:at] + bytes_there + data[at + length :])
    except TimelineError as error:
        assert "list" in error.message


def test_a_list_of_too_many_markers_is_refused(tmp_path: Path) -> None:
    line = "Ann\t01:00:02:01\tV1\tred\tSCORE\t1\n"
    assert len(read(tmp_path, line * 20_000).markers) == 20_000
    with pytest.raises(TimelineError, match="lists 20001 markers"):
        read(tmp_path, line * 20_001)
