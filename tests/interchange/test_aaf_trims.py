"""Trimmed tracks in a written AAF show what they showed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aaf_deliveries import NTSC, SCHEMA, clip, delivery, marker, marks, placed, read_back, span

from otio_hpm.interchange.aaf.writing import write_aaf
from otio_hpm.timeline.exact import seconds


def trimmed_track() -> Any:
    """Three clips of 50 frames, the second twice as fast, the third backwards; 30 to 130 shown."""
    clips = [clip(name, 1000, 50, NTSC) for name in "abc"]
    clips[1].effects.append(SCHEMA.LinearTimeWarp(time_scalar=2.0))
    clips[2].effects.append(SCHEMA.LinearTimeWarp(time_scalar=-1.0))
    clips[0].markers.extend([marker("hidden", 1029), marker("shown", 1030)])
    track = SCHEMA.Track("V1", clips, span(30, 100, NTSC), SCHEMA.TrackKind.Video)
    track.markers.append(marker("of the track", 60))
    return track


def sources(item: Any) -> Any:
    """Record frames, and the frames of their media that clips show, from 500 before their in."""
    return [
        (int(start), int(length), name, round(source - 500))
        for start, length, name, _, source, *_ in placed(item, NTSC)
    ]


def test_a_trimmed_track_shows_at_each_moment_what_it_showed(tmp_path: Path) -> None:
    """Backwards the head is cut off the end of what is shown of the media."""
    timeline = SCHEMA.Timeline("x", tracks=[trimmed_track()])
    written = write_aaf(timeline, delivery(tmp_path))
    again = read_back(written.data, tmp_path).timeline
    expected = [(0, 20, "a", 530), (20, 50, "b", 500), (70, 30, "c", 520)]
    assert sources(again.tracks[0]) == expected
    assert [mark[:3] for mark in marks(again, NTSC)] == [(0, 0, "shown"), (30, 0, "of the track")]
    words = "markers outside the part of their clip that is seen are left out: 'hidden'"
    assert words in written.losses and "trims" not in " ".join(written.losses)
    timeline.tracks.source_range = span(10, 75, NTSC)
    timeline.tracks.markers.append(marker("of the timeline", 40))
    again = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    expected = [(0, 10, "a", 540), (10, 50, "b", 500), (60, 15, "c", 535)]
    assert sources(again.tracks[0]) == expected
    found = [(20, 0, "of the track"), (30, 0, "of the timeline")]
    assert [mark[:3] for mark in marks(again, NTSC)] == found


def test_trimmed_tracks_of_nested_sequences_show_what_they_showed(tmp_path: Path) -> None:
    for inside in (trimmed_track(), SCHEMA.Stack("nest", [trimmed_track()])):
        outer = SCHEMA.Track("V1", [clip("x", 1000, 20, NTSC), inside])
        data = write_aaf(SCHEMA.Timeline("x", tracks=[outer]), delivery(tmp_path)).data
        again = read_back(data, tmp_path).timeline.tracks[0]
        assert [(int(start), int(length)) for start, length, *_ in placed(again, NTSC)] == [
            (0, 20),
            (20, 100),
        ]
        first, skipped = again[1][0][0], seconds(again[1].trimmed_range().start_time)
        assert first.name == "a"
        assert (seconds(first.trimmed_range().start_time) + skipped) * NTSC == 1030


def test_a_range_that_begins_before_its_track_leaves_a_gap(tmp_path: Path) -> None:
    track = SCHEMA.Track("V1", [clip("a", 1000, 50, NTSC)], span(-24, 60, NTSC))
    data = write_aaf(SCHEMA.Timeline("x", tracks=[track]), delivery(tmp_path)).data
    assert sources(read_back(data, tmp_path).timeline.tracks[0]) == [(24, 36, "a", 500)]


def test_a_marker_that_its_clip_does_not_show_stands_on_no_other_clip(tmp_path: Path) -> None:
    clips = [clip(name, 1000, 50, NTSC) for name in "ab"]
    clips[1].markers.extend([marker("SCORE outside", 990), marker("SCORE inside", 1000)])
    timeline = SCHEMA.Timeline("x", tracks=[SCHEMA.Track("V1", clips)])
    written = write_aaf(timeline, delivery(tmp_path))
    found = marks(read_back(written.data, tmp_path).timeline, NTSC)
    assert [mark[:3] for mark in found] == [(50, 0, "SCORE inside")]
    words = "markers outside the part of their clip that is seen are left out"
    assert f"{words}: 'SCORE outside'" in written.losses
