"""Edit decision lists with what stands in lists of many systems and years, and in no standard."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk

NTSC = Fraction(30000, 1001)
EVENT = "001  A001  V  C  01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00\n"


def read(folder: Path, text: str | bytes, rate: float | Fraction = 24) -> Cut:
    path = folder / "list.edl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_cut(path, Settings().with_changes({"spotting": {"rate": Fraction(rate)}}))


def placed(cut: Cut) -> list[tuple[str, str, int, int]]:
    """Track, name, record in and out of each clip, in frames from the first."""
    clips = (place for place in walk(cut) if place.is_clip)
    return [(p.track, p.item.name, p.start_frames, p.end_frames) for p in clips]


@pytest.mark.parametrize(
    "data",
    [
        EVENT.replace("\n", "\r\n").encode() + b"\r\n\x1a\x1a" + bytes(300),
        EVENT.replace("\n", "\r").encode(),
        EVENT.encode("utf-16"),
        EVENT.encode("utf-16-le"),
        EVENT.encode("utf-16-be"),
        b"\xef\xbb\xbf" + EVENT.encode(),
        f"* caf\xe9\n{EVENT}".encode("latin-1"),
        f"\t {EVENT}".replace("  ", "\t\t").encode(),
        EVENT.lower().replace("a001", "A001").encode(),
    ],
    ids=["DOS end", "CR", "UTF-16", "LE", "BE", "UTF-8 mark", "Latin-1", "tabs", "lower case"],
)
def test_every_way_to_store_a_list(tmp_path: Path, data: bytes) -> None:
    cut = read(tmp_path, data)
    assert placed(cut) == [("V", "A001", 0, 48)]
    assert cut.timecode(0) == "10:00:00:00"


@pytest.mark.parametrize("number", ["1", "0001", "000001", "1000", "12345", "001A", "V001", "M12"])
def test_every_way_to_number_an_event(tmp_path: Path, number: str) -> None:
    cut = read(tmp_path, EVENT.replace("001  ", f"{number}  ", 1) + "* FROM CLIP NAME: x\n")
    assert placed(cut) == [("V", "x", 0, 48)]


@pytest.mark.parametrize("number", ["0~2", "?02", "#", "event-two"])
def test_an_event_whose_number_is_broken_is_named_with_its_line(
    tmp_path: Path, number: str
) -> None:
    second = EVENT.replace("001  ", f"{number}  ", 1).replace("10:00:0", "10:00:1")
    cut = read(tmp_path, f"{EVENT}* FROM CLIP NAME: x\n{second}* WAS{EVENT[3:]}")
    assert placed(cut) == [("V", "x", 0, 48)]
    (warning,) = cut.warnings
    assert warning.startswith("line 3: this event cannot be read")
    assert f"{number} is no event number" in warning


@pytest.mark.parametrize(
    ("column", "tracks"),
    [("VA", ["V", "A1"]), ("AV", ["V", "A1"]), ("VAA", ["V", "A1", "A2"]),
     ("A1A2V", ["V", "A1", "A2"]), ("A12V", ["V", "A1", "A2"]), ("aa/v", ["V", "A1", "A2"])],
)  # fmt: skip
def test_channels_in_any_order(tmp_path: Path, column: str, tracks: list[str]) -> None:
    cut = read(tmp_path, EVENT.replace("  V  ", f"  {column}  "))
    assert [track for track, *_ in placed(cut)] == tracks


def test_events_without_a_kind_of_edit(tmp_path: Path) -> None:
    blank = "002  B001  V    012  02:00:00:00 02:00:01:00 10:00:02:00 10:00:03:00\n"
    plain = "003  C001  V  03:00:00:00 03:00:01:00 10:00:03:00 10:00:04:00\n"
    cut = read(tmp_path, EVENT + blank + plain)
    assert [span[2:] for span in placed(cut)] == [(0, 48), (48, 72), (72, 96)]
    assert cut.timeline.tracks[0][1].out_offset.value == 12
    said = "this event has no kind of edit, and is taken as a"
    assert cut.warnings == (f"line 2: {said} dissolve", f"line 3: {said} cut")


def test_a_dissolve_with_its_length_in_one_column(tmp_path: Path) -> None:
    cut = read(tmp_path, EVENT.replace("  C  ", "  D008  "))
    assert cut.timeline.tracks[0][0].out_offset.value == 8


def test_what_stands_behind_the_times_is_a_comment(tmp_path: Path) -> None:
    cut = read(tmp_path, EVENT.replace("\n", "  00:00:02:00 take 3\n"))
    (clip,) = cut.timeline.find_clips()
    assert list(clip.metadata["cmx_3600"]["comments"]) == ["00:00:02:00 take 3"]
    assert placed(cut) == [("V", "A001", 0, 48)]


def test_source_in_frames_beside_record_timecode(tmp_path: Path) -> None:
    cut = read(tmp_path, "001  AX  V  C  1009  1064  00:00:00:00 00:00:02:07\n")
    (clip,) = cut.timeline.find_clips()
    assert clip.source_range.start_time.value == 1009
    assert placed(cut) == [("V", "001", 0, 55)]


def test_sources_of_another_rate_are_read_at_it(tmp_path: Path) -> None:
    sound = "002  S001  A  C  01:00:00:{} 01:00:01:{} 10:00:{}:00 10:00:{}:00\n"
    lines = sound.format(15, 15, "00", "01"), sound.format(27, 27, "01", "02")
    cut = read(tmp_path, EVENT + "".join(lines))
    starts = {seconds(c.source_range.start_time) for c in cut.timeline.tracks[1].find_clips()}
    assert {round(float(start - 3600), 6) for start in starts} == {15 / 30, 27 / 30}
    assert seconds(cut.timeline.tracks[0][0].source_range.start_time) == 3600
    (said,) = cut.warnings
    assert "the sources of 2 events count more frames a second" in said and "line 2" in said


def test_a_drop_frame_line_that_the_timecode_contradicts(tmp_path: Path) -> None:
    text = "FCM: DROP FRAME\n" + EVENT.replace("10:00:02:00", "10:01:00:00")
    cut = read(tmp_path, text, NTSC)
    assert (cut.drop_frame, cut.duration_frames) == (False, 1800)
    assert "line 2" in cut.drop_frame_source
    kept = read(tmp_path, "FCM: DROP FRAME\n" + EVENT, NTSC)
    assert kept.drop_frame


@pytest.mark.parametrize("edge", ["23:59:59:00 00:00:01:00", "23:59:58:00 00:00:00:00"])
def test_a_list_runs_over_midnight(tmp_path: Path, edge: str) -> None:
    first = f"001  A  V  C  01:00:00:00 01:00:02:00 {edge}\n"
    later = "002  B  V  C  01:00:00:00 01:00:01:00 00:00:02:00 00:00:03:00\n"
    cut = read(tmp_path, first + later + "* LOC: 00:00:02:12 RED SCORE\n")
    begin = 0 if edge.startswith("23:59:59") else -24
    assert placed(cut) == [("V", "A", 0, 48), ("V", "B", 72 - begin, 96 - begin)]
    (marker,) = cut.timeline.tracks[0][2].markers
    assert seconds(marker.marked_range.start_time) == Fraction(7201, 2)
    assert cut.timecode(0) == edge.split()[0]


def test_midnight_between_two_events(tmp_path: Path) -> None:
    first = EVENT.replace("10:00:00:00 10:00:02:00", "23:59:50:00 23:59:52:00")
    cut = read(tmp_path, first + EVENT.replace("10:00:", "00:00:").replace("001 ", "002 ", 1))
    assert [span[2:] for span in placed(cut)] == [(0, 48), (240, 288)]


def test_a_source_list_in_no_order_is_not_two_days(tmp_path: Path) -> None:
    hours = ("20", "01", "14", "02")
    cut = read(tmp_path, "".join(EVENT.replace("10:00:", f"{hour}:00:") for hour in hours))
    assert cut.timecode(0) == "01:00:00:00"


@pytest.mark.parametrize(
    "line",
    [
        "M2   A001            000.0    MSTR     I +00:00:00:10",
        "m2   a001            000.0                01:00:00:00",
        "M2     A001                000.0 01:00:00:00",
    ],
)
def test_a_still_however_its_speed_is_written(tmp_path: Path, line: str) -> None:
    (clip,) = read(tmp_path, f"{EVENT}{line}\n").timeline.find_clips()
    assert [effect.time_scalar for effect in clip.effects] == [0]


def test_comments_between_the_lines_of_a_transition(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        EVENT + "002  A001  V  C      01:00:02:00 01:00:02:00 10:00:02:00 10:00:02:00\n"
        "* FROM CLIP NAME: out\nFCM: NON-DROP FRAME\n"
        "002  B001  V  D 012  02:00:00:00 02:00:01:00 10:00:02:00 10:00:03:00\n"
        "* TO CLIP NAME: in\n",
    )
    assert [span[1:] for span in placed(cut)] == [("A001", 0, 48), ("in", 48, 72)]
    assert cut.warnings == ()


def test_many_events_on_no_channel_are_one_warning(tmp_path: Path) -> None:
    cut = read(tmp_path, EVENT + EVENT.replace("  V  ", "  NONE  ") * 60)
    assert cut.warnings == (
        "60 events are on no channel (NONE without an AUD line), first that of line 2",
    )


def test_a_list_of_markers_alone_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(TimelineError) as error:
        read(tmp_path, "TITLE: x\n* LOC: 01:00:00:00 RED SCORE\n")
    assert "--markers" in error.value.hint


def test_a_list_of_resolves_markers_is_told(tmp_path: Path) -> None:
    cut = read(tmp_path, EVENT + "|C:ResolveColorBlue |M:SCORE |D:1\n")
    assert "--markers" in cut.warnings[0]


def test_reels_that_final_cut_pro_had_to_shorten(tmp_path: Path) -> None:
    cut = read(tmp_path, EVENT + "FINAL CUT PRO REEL: Tape 001 day REPLACED BY: A001\n")
    (clip,) = cut.timeline.find_clips()
    assert clip.metadata["cmx_3600"]["reel"] == "Tape 001 day"
    assert cut.warnings == ()
