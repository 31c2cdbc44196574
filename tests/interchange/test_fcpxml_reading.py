"""What elements of FCPXML become in OTIO, one small file each."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from fcpxml_files import at, pictures, read, sounds, source, timeline


def test_picture_and_sound_of_an_asset_clip(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<asset-clip ref="a1" name="c" offset="10s" start="3605s" duration="2s" format="r1" '
        'audioRole="dialogue" videoRole="video"><note>good</note>'
        '<keyword start="3605s" duration="1s" value="day"/><adjust-volume amount="-3dB"/>'
        "</asset-clip>",
    )
    (picture,), (sound,) = pictures(made), sounds(made)
    assert (source(picture[0]), source(sound[0])) == ((3605.0, 2.0), (3605.0, 2.0))
    assert sound.name == "dialogue"
    kept = picture[0].metadata["fcpxml"]
    assert kept["link"] == sound[0].metadata["fcpxml"]["link"]
    assert kept["attributes"] == {"format": "r1", "audioRole": "dialogue", "videoRole": "video"}
    assert kept["note"] == "good"
    assert kept["keywords"][0]["value"] == "day"
    assert list(kept["children"]) == ['<adjust-volume amount="-3dB"/>']
    references = picture[0].media_references()
    assert references["DEFAULT_MEDIA"].target_url == "file:///o%20o.mov"
    assert references["proxy-media"].target_url == "file:///p.mov"
    assert "bookmark" not in str(references["DEFAULT_MEDIA"].metadata)
    available = picture[0].media_reference.available_range
    assert (available.start_time.to_seconds(), available.duration.to_seconds()) == (3600, 100)


@pytest.mark.parametrize(("enable", "expected"), [("video", (1, 0)), ("audio", (0, 1))])
def test_src_enable_takes_one_of_the_two(
    tmp_path: Path, enable: str, expected: tuple[int, int]
) -> None:
    made = timeline(tmp_path, f'<asset-clip ref="a1" duration="1s" srcEnable="{enable}"/>')
    assert (len(pictures(made)), len(sounds(made))) == expected


def test_an_asset_clip_without_a_start_begins_with_its_asset(tmp_path: Path) -> None:
    made = timeline(tmp_path, '<asset-clip ref="a1" duration="1s"/>')
    assert source(pictures(made)[0][0]) == (3600.0, 1.0)


def test_media_beside_the_file(tmp_path: Path) -> None:
    made = timeline(tmp_path, '<asset-clip ref="a2" duration="1s"/>')
    assert (
        pictures(made)[0][0].media_reference.target_url == (tmp_path / "Media" / "m.mov").as_uri()
    )


def test_split_edits(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<asset-clip ref="a1" start="3600s" duration="4s" audioRole="d"/>'
        '<asset-clip ref="a1" start="3610s" duration="4s" audioStart="3608s" audioDuration="6s" '
        'audioRole="d"/>',
    )
    first, second = sounds(made)
    assert at(first[0]) == (0.0, 4.0)
    assert at(second[1]) == (2.0, 6.0)
    assert source(second[1]) == (3608.0, 6.0)


def test_components_are_sounds_of_their_own(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<asset-clip ref="a1" duration="1s"><audio-channel-source srcCh="1" role="dialogue.boom"/>'
        '<audio-channel-source srcCh="2" role="dialogue.lav" enabled="0"/></asset-clip>',
    )
    boom, lav = sounds(made)
    assert (boom.name, lav.name) == ("boom", "lav")
    assert (boom[0].enabled, lav[0].enabled) == (True, False)
    assert dict(lav[0].metadata["fcpxml"]["component"])["srcCh"] == "2"


def test_lanes_are_tracks_from_the_bottom_up(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<gap offset="10s" start="3600s" duration="10s">'
        '<video ref="a2" name="over" lane="2" offset="3601s" duration="1s"/>'
        '<video ref="a2" name="under" lane="-1" offset="3602s" duration="1s"/>'
        '<video ref="a2" name="on" lane="1" offset="3603s" duration="9s"/>'
        '<video ref="a2" name="too" lane="1" offset="3604s" duration="1s"/>'
        '<asset-clip ref="a3" name="music" lane="-2" offset="3605s" duration="20s"/></gap>',
    )
    names = [[item.name for item in track if item.name] for track in pictures(made)]
    assert names == [["under"], [], ["on"], ["too"], ["over"]]
    assert [at(item)[0] for track in pictures(made) for item in track if item.name] == [2, 3, 4, 1]
    assert at(sounds(made)[0][1]) == (5.0, 20.0)
    lanes = [track.metadata["fcpxml"]["lane"] for track in pictures(made)]
    assert lanes == [-1, 0, 1, 1, 2]


def test_connected_storyline_with_transitions(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<gap offset="10s" start="3600s" duration="10s"><spine lane="1" offset="3602s">'
        '<video ref="a2" name="a" offset="0s" duration="2s"/>'
        '<transition name="Cross Dissolve" offset="36/24s" duration="1s"/>'
        '<video ref="a2" name="b" offset="2s" start="5s" duration="2s"/>'
        '<transition name="Wipe" offset="84/24s" duration="12/24s"/></spine></gap>',
    )
    hole, a, dissolve, b, wipe = pictures(made)[1]
    assert (at(a), at(b)) == ((2.0, 2.0), (4.0, 2.0))
    assert isinstance(hole, otio.schema.Gap)
    assert (dissolve.in_offset.to_seconds(), dissolve.out_offset.to_seconds()) == (0.5, 0.5)
    assert (wipe.in_offset.to_seconds(), wipe.out_offset.to_seconds()) == (0.5, 0.0)
    assert dissolve.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    assert wipe.transition_type == otio.schema.TransitionTypes.Custom
    storylines = {item.metadata["fcpxml"]["storyline"] for item in (a, b)}
    assert len(storylines) == 1


def test_transition_of_picture_and_sound_and_its_markers(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<asset-clip ref="a1" offset="10s" duration="4s" audioRole="d"/>'
        '<transition name="Cross Dissolve" offset="13s" duration="2s"><filter-video ref="e1"/>'
        '<filter-audio name="Audio Crossfade"/><marker start="7201/2s" value="m"/></transition>'
        '<asset-clip ref="a1" offset="14s" duration="4s" audioRole="d"/>',
    )
    for track in made.tracks:
        mix = track[1]
        assert (mix.in_offset.to_seconds(), mix.out_offset.to_seconds()) == (1.0, 1.0)
        assert 'id="e1"' in mix.metadata["fcpxml"]["resources"]["e1"]
    assert sounds(made)[0][1].name == "Audio Crossfade"
    (marker,) = made.tracks.markers
    assert marker.marked_range.start_time.to_seconds() == 3.5


def test_a_transition_over_no_cut_is_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<video ref="a2" offset="10s" duration="9s"/><transition name="T" offset="12s" '
        'duration="1s"/>',
    )
    before, _, _ = (tmp_path / "t.fcpxml").read_text().partition("<transition")
    line = before.count("\n") + 1
    assert found.warnings == (f"line {line}: <transition> 'T' lies over no cut and is left out",)


def test_markers(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<asset-clip ref="a2" start="5s" duration="9s">'
        '<marker start="6s" duration="100/2400s" value="SCORE cue=1m1" note="soft"/>'
        '<marker start="7s" value="todo" completed="0"/>'
        '<marker start="8s" value="done" completed="1"/>'
        '<chapter-marker start="9s" value="One" posterOffset="11/24s"/></asset-clip>',
    )
    note, todo, done, chapter = pictures(made)[0][0].markers
    assert (note.name, note.comment, note.color) == ("SCORE cue=1m1", "soft", "BLUE")
    assert note.marked_range.start_time == otio.opentime.RationalTime(144, 24)
    assert note.marked_range.duration == otio.opentime.RationalTime(1, 24)
    assert (todo.color, done.color, chapter.color) == ("RED", "GREEN", "ORANGE")
    assert chapter.metadata["fcpxml"]["element"] == "chapter-marker"
    assert chapter.metadata["fcpxml"]["attributes"]["posterOffset"] == "11/24s"


def retimed(points: str) -> str:
    written = "".join(
        f'<timept time="{time}s" value="{value}s" interp="smooth2"/>'
        for time, value in (point.split(":") for point in points.split())
    )
    return (
        f'<asset-clip ref="a2" name="c" start="4s" duration="2s"><timeMap>{written}</timeMap>'
        '<marker start="5s" value="m"/></asset-clip>'
    )


@pytest.mark.parametrize(
    ("points", "speed", "first", "marked"),
    [("0:0 50:100", 2, 8, 10), ("0:0 40:10", 0.25, 1, 1.25), ("0:40 40:0", -1, 34, 839 / 24)],
)
def test_constant_retimes(
    tmp_path: Path, points: str, speed: float, first: float, marked: float
) -> None:
    clip = pictures(timeline(tmp_path, retimed(points)))[0][0]
    assert clip.effects[0].time_scalar == speed
    assert type(clip.effects[0]) is otio.schema.LinearTimeWarp
    assert source(clip) == (first, 2.0)
    assert clip.markers[0].marked_range.start_time.to_seconds() == marked


def test_freeze_frame(tmp_path: Path) -> None:
    clip = pictures(timeline(tmp_path, retimed("0:7 40:7")))[0][0]
    assert isinstance(clip.effects[0], otio.schema.FreezeFrame)
    assert source(clip) == (7.0, 2.0)


def test_an_even_part_of_a_ramp_is_an_even_retime(tmp_path: Path) -> None:
    clip = pictures(timeline(tmp_path, retimed("0:0 3:3 7:11 20:12")))[0][0]
    assert clip.effects[0].time_scalar == 2
    assert source(clip) == (5.0, 2.0)


def test_a_ramp_is_kept_and_named(tmp_path: Path) -> None:
    found = read(tmp_path, retimed("0:0 5:5 20:35"))
    assert len(found.warnings) == 1
    assert "<asset-clip> 'c' changes its speed" in found.warnings[0]
    clip = pictures(found.sequences[0].timeline)[0][0]
    assert not clip.effects
    assert clip.metadata["fcpxml"]["timeMap"].startswith("<timeMap>")


def test_media_of_another_rate_frame_for_frame(tmp_path: Path) -> None:
    """Frame 240 of 23.976 media in a sequence of 24: the same number, counted at 24."""
    spine = (
        '<asset-clip ref="a4" start="1001/100s" duration="2s"><conform-rate srcFrameRate="23.98"/>'
        '<video ref="a2" name="c" lane="1" offset="2002/200s" duration="1s"/>'
        '<marker start="1101101/100000s" value="m"/></asset-clip>'
    )
    first, second = pictures(timeline(tmp_path, spine))
    assert first[0].source_range.start_time == otio.opentime.RationalTime(240, 24)
    assert first[0].media_reference.available_range.duration.to_seconds() == 1000
    assert not first[0].effects
    assert at(second[0])[0] == 0.0
    marked = first[0].markers[0].marked_range.start_time.to_seconds()
    assert marked == pytest.approx(11.0001 - 0.0001, abs=0.001)


def test_media_of_another_rate_sped_to_fit(tmp_path: Path) -> None:
    spine = '<asset-clip ref="a2" duration="2s"><conform-rate srcFrameRate="25"/></asset-clip>'
    clip = pictures(timeline(tmp_path, spine))[0][0]
    assert clip.effects[0].time_scalar == pytest.approx(24 / 25)
    found = read(tmp_path, spine.replace('"25"', '"30"'))
    assert "conforms 30 to 24 frames per second" in found.warnings[0]
    for huge in ("2e999999999", "1/0"):
        found = read(tmp_path, spine.replace('"25"', f'"{huge}"'))
        assert "has a conform-rate of unknown rates" in found.warnings[0]


def test_a_spine_counted_from_zero(tmp_path: Path) -> None:
    """Some systems ignore the sequence's start timecode in the offsets of its spine."""
    made = timeline(
        tmp_path,
        '<video ref="a2" name="a" offset="0s" duration="2s"/>'
        '<video ref="a2" name="b" offset="3s" duration="2s"/>',
        sequence='tcStart="3600s"',
    )
    assert made.global_start_time.to_seconds() == 3600
    assert [at(item)[0] for item in pictures(made)[0] if item.name] == [0, 3]


def test_a_storyline_is_in_the_order_of_its_offsets(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<gap offset="12s" duration="1s"/><gap offset="14s" duration="1s"/>'
        '<asset-clip ref="a2" name="c" offset="13s" duration="1s"/>'
        '<asset-clip ref="a2" name="a" offset="10s" duration="2s"/>',
    )
    assert [(item.name, at(item)) for item in pictures(made)[0]] == [
        ("a", (0.0, 2.0)),
        ("", (2.0, 1.0)),
        ("c", (3.0, 1.0)),
        ("", (4.0, 1.0)),
    ]


def test_items_that_overlap_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<asset-clip ref="a2" name="b" offset="11s" duration="3s"/>'
        '<asset-clip ref="a2" name="a" offset="10s" duration="3s"/>',
    )
    (picture,) = pictures(found.sequences[0].timeline)
    assert [item.name for item in picture if item.name] == ["b", "a"]
    assert "would begin before the item before it ends" in found.warnings[0]


def test_an_item_of_a_storyline_with_a_lane_is_connected(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<asset-clip ref="a2" name="a" offset="10s" duration="4s"/>'
        '<asset-clip ref="a3" name="m" lane="-1" offset="11s" duration="9s"/>'
        '<asset-clip ref="a2" name="b" offset="14s" duration="2s"/>',
    )
    assert "states a lane and is connected there" in found.warnings[0]
    made = found.sequences[0].timeline
    assert [at(item) for item in pictures(made)[0]] == [(0.0, 4.0), (4.0, 2.0)]
    assert [(item.name, at(item)) for item in sounds(made)[0]][1:] == [("m", (1.0, 9.0))]


def test_markers_of_the_sequence_itself(tmp_path: Path) -> None:
    spine = (
        '<asset-clip ref="a2" duration="4s"/></spine>'
        '<chapter-marker start="12s" duration="1s" value="Two"/><marker value="nowhere"/><spine>'
    )
    found = read(tmp_path, spine)
    (marker,) = found.sequences[0].timeline.tracks.markers
    assert (marker.name, marker.marked_range.start_time.to_seconds()) == ("Two", 2.0)
    assert "has no place" in found.warnings[0]
