"""Rate and counting of edit decision lists, which do not say them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from coded_media import write_movie
from edl_lists import ONE, TWO, markers, read, refused

from otio_hpm.timeline.exact import frames

NTSC = Fraction(30000, 1001)


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
    write_movie(path, 4, rate)
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
