"""An AAF that is written is read back the same, by us and by others, or its losses tell why."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aaf2
import opentimelineio as otio
import pytest
from aaf_deliveries import (
    NTSC,
    SCHEMA,
    clip,
    delivery,
    layout,
    marks,
    placed,
    read_back,
    scored,
    span,
)
from aaf_drawn import timelines
from hypothesis import HealthCheck, given, settings

from otio_hpm.interchange.aaf.reading import read_aaf
from otio_hpm.interchange.aaf.writing import write_aaf


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=timelines())
def test_what_is_on_frames_comes_back_the_same(made: Any, tmp_path_factory: Any) -> None:
    timeline, rate, drop, start = made
    folder = tmp_path_factory.mktemp("aaf")
    before = timeline.to_json_string()
    written = write_aaf(timeline, delivery(folder, rate, start, drop))
    assert timeline.to_json_string() == before
    assert written.losses == ()
    found = read_back(written.data, folder)
    assert found.rate is not None and found.rate[0] == rate
    assert found.drop_frame is not None and found.drop_frame[0] == drop
    assert found.timeline.global_start_time.value == start
    assert layout(found.timeline, rate) == layout(timeline, rate)
    assert marks(found.timeline, rate) == marks(timeline, rate)


def test_our_sound_comes_back_on_one_track_with_its_fades(tmp_path: Path) -> None:
    written = write_aaf(scored(), delivery(tmp_path))
    found = read_back(written.data, tmp_path)
    (score,) = found.timeline.audio_tracks()
    assert score.name == "HPM Score"
    assert [type(item).__name__ for item in score] == ["Gap", "Transition", "Clip", "Transition"]
    assert score[1].out_offset.value == 1 and score[3].in_offset.value == 30
    assert score[2].source_range == span(107892 + 30, 200, NTSC)
    assert score[2].media_reference.available_range == span(107892 + 6, 248, NTSC)
    assert any("fades are whole frames" in loss for loss in written.losses)


def test_our_sound_is_linked_as_a_wave_file_of_two_channels(tmp_path: Path) -> None:
    path = tmp_path / "cut.aaf"
    path.write_bytes(write_aaf(scored(), delivery(tmp_path)).data)
    with aaf2.open(str(path)) as file:
        waves = [m for m in file.content.sourcemobs() if "WAVE" in type(m.descriptor).__name__]
        (wave,) = waves
        (locator,) = wave.descriptor["Locator"].value
        assert locator["URLString"].value == "file:///cut_audio/R1_1m1_t01.wav"
        head = bytes(wave.descriptor["Summary"].value)
        form = struct.unpack("<HHIIHH", head[20:36])
        assert form == (1, 2, 48000, 288000, 6, 24)
        assert [str(slot.media_kind) for slot in wave.slots] == ["Sound", "Sound"]
        tape = wave.slots[0].segment.mob
        code = next(s.segment for s in tape.slots if type(s.segment).__name__ == "Timecode")
        assert code.start + wave.slots[0].segment.start == 107892 + 6
        assert (code.fps, code.drop) == (30, True)
        top = next(file.content.toplevel())
        sound = [slot for slot in top.slots if str(slot.media_kind) == "Sound"]
        assert [slot.name for slot in sound] == ["HPM Score", "HPM Score"]
        pans = [next(iter(slot.segment.parameters))["PointList"].value[0].value for slot in sound]
        assert pans == [0, 1]
        timecode = top.slots[0]
        assert (timecode.name, timecode["PhysicalTrackNumber"].value) == ("TC1", 1)
        assert (timecode.segment.start, timecode.segment.drop) == (107892, True)


def test_the_published_adapter_reads_what_is_written(tmp_path: Path) -> None:
    adapter = pytest.importorskip("otio_aaf_adapter.adapters.advanced_authoring_format")
    timeline = scored()
    for length, text in enumerate(("HIT", "SCORE she leaves", "LEVEL -6")):
        marker = SCHEMA.Marker(text, span(910 + length, length, NTSC))
        timeline.tracks[0][0].markers.append(marker)
    path = tmp_path / "cut.aaf"
    path.write_bytes(write_aaf(timeline, delivery(tmp_path)).data)
    found = adapter.read_from_file(str(path))
    assert found.global_start_time.value == 107892
    assert [track.kind for track in found.tracks] == ["Video", "Audio", "Audio"]
    shot, left, right = found.find_clips()
    assert shot.source_range.start_time.value == 900
    assert left.source_range.start_time.value == right.source_range.start_time.value == 107922
    read = [(one.name, one.marked_range.start_time.value) for one in shot.markers]
    assert read == [("HIT", 910), ("SCORE she leaves", 911), ("LEVEL -6", 912)]
    assert [one.marked_range.duration.value for one in shot.markers] == [1, 1, 2]


def test_what_stands_on_no_track_gets_one(tmp_path: Path) -> None:
    timeline = SCHEMA.Timeline("x", tracks=[SCHEMA.Track("V1", [clip("a", 1000, 50, NTSC)])])
    nest = SCHEMA.Stack("nest", [SCHEMA.Track("V1", [clip("b", 1000, 30, NTSC)])])
    timeline.tracks.extend([clip("c", 1000, 20, NTSC), nest])
    again = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    assert [[(one[1], one[2]) for one in placed(track, NTSC)] for track in again.tracks] == [
        [(50, "a")],
        [(20, "c")],
        [(30, "nest")],
    ]


def test_points_have_no_length_as_those_of_avid(tmp_path: Path) -> None:
    timeline = scored()
    for at, length in ((910, 0), (920, 1), (930, 12)):
        marker = SCHEMA.Marker(f"{length}", span(at, length, NTSC))
        timeline.tracks[0][0].markers.append(marker)
    found = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    assert [marker.marked_range for marker in found.tracks[0][0].markers] == [
        span(910, 0, NTSC), span(920, 1, NTSC), span(930, 12, NTSC),
    ]  # fmt: skip
    with aaf2.open(str(tmp_path / "written.aaf")) as file:
        slots = next(file.content.toplevel()).slots
        (events,) = (slot.segment for slot in slots if type(slot).__name__ == "EventMobSlot")
        stated = [one["Length"].value if "Length" in one else None for one in events.components]
        assert "Length" not in events and stated == [None, None, 12]
        lists = [one["CommentMarkerAttributeList"].value for one in events.components]
        frames = [{tag.name: tag.value for tag in tags}.get("_ATN_CRM_LENGTH") for tags in lists]
        assert frames == [None, 1, 12]


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_aaf(scored(), delivery(tmp_path)).data
    assert write_aaf(scored(), delivery(tmp_path)).data == first
    assert write_aaf(scored(), delivery(tmp_path, start=0)).data != first


@pytest.mark.parametrize(
    "name",
    [
        "otio-aaf-adapter/linear_speed_effects.aaf",
        "otio-aaf-adapter/multiple-markers-over-transitions.aaf",
        "otio-aaf-adapter/multiple_markers.aaf",
        "otio-aaf-adapter/nested_audio_dissolve.aaf",
        "otio-aaf-adapter/nesting_test.aaf",
        "otio-aaf-adapter/test_muted_clip.aaf",
        "otio-aaf-adapter/trims.aaf",
    ],
)
def test_a_real_sequence_comes_back_the_same(
    name: str, fixture: Callable[[str], Path], tmp_path: Path
) -> None:
    (original,) = read_aaf(fixture(name)).sequences
    assert original.rate is not None
    rate = original.rate[0]
    start = int(original.timeline.global_start_time.value)
    written = write_aaf(original.timeline, delivery(tmp_path, rate, start, False))
    found = read_back(written.data, tmp_path)
    assert layout(found.timeline, rate) == layout(original.timeline, rate)
    assert marks(found.timeline, rate) == marks(original.timeline, rate)
    assert mob_ids(found.timeline) == mob_ids(original.timeline)


def mob_ids(timeline: Any) -> list[str]:
    return [clip.metadata["AAF"]["MobID"] for clip in timeline.find_clips()]


def lossy(change: Callable[[Any], None]) -> tuple[str, ...]:
    timeline = scored()
    change(timeline)
    return write_aaf(timeline, delivery(Path("/cuts"))).losses


def test_what_is_lost_is_told() -> None:
    def blur(timeline: Any) -> None:
        timeline.tracks[0][0].effects.append(SCHEMA.Effect("Blur", "blur"))

    def slow_sound(timeline: Any) -> None:
        timeline.tracks[1][2].effects.append(SCHEMA.LinearTimeWarp(time_scalar=0.5))

    def generated(timeline: Any) -> None:
        timeline.tracks[0][0].media_reference = SCHEMA.GeneratorReference("bars")

    def off(timeline: Any) -> None:
        timeline.tracks[0].enabled = False

    def between(timeline: Any) -> None:
        time = otio.opentime.RationalTime
        timeline.tracks[0][0].source_range = otio.opentime.TimeRange(
            time(900.5, float(NTSC)), time(239.5, float(NTSC))
        )

    def subtitles(timeline: Any) -> None:
        timeline.tracks.append(SCHEMA.Track("Titles", kind="Subtitle"))

    told = {
        "effects: track 'Picture', 'shot'": blur,
        "changes of speed of sound": slow_sound,
        "media that are no single file are offline": generated,
        "tracks that are off have muted clips: track 'Picture'": off,
        "source times between frames": between,
        "edits that are on no frame": between,
        "tracks of neither picture nor sound: 'Titles'": subtitles,
    }
    for words, change in told.items():
        assert any(loss.startswith(words) for loss in lossy(change)), words


def test_what_a_track_that_is_off_plays_is_muted(tmp_path: Path) -> None:
    timeline = scored()
    nested = SCHEMA.Stack("Nest")
    nested.append(SCHEMA.Track("inner", [clip("inside", 600, 24, NTSC)], kind="Video"))
    nested[0].enabled = False
    timeline.tracks[0].append(nested)
    timeline.tracks[1].enabled = False
    found = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    muted = [item.name for item in found.find_clips() if not item.enabled]
    assert muted == ["inside", *(item.name for item in timeline.tracks[1].find_clips())]
    nested[0].enabled, nested[0][0].enabled = True, False
    assert layout(found, NTSC)[0] == layout(timeline, NTSC)[0]


def test_media_paths_may_be_relative(tmp_path: Path) -> None:
    timeline = scored()
    timeline.tracks[0][0].media_reference.target_url = (tmp_path / "a b.mov").as_uri()
    written = write_aaf(timeline, delivery(tmp_path, paths="relative"))
    found = read_back(written.data, tmp_path)
    assert found.timeline.find_clips()[0].media_reference.target_url == "a%20b.mov"


def test_opentimelineio_reads_and_writes_it_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cut.aaf"
    timeline = scored()
    timeline.global_start_time = otio.opentime.RationalTime(107892, float(NTSC))
    timeline.metadata["AAF"] = {"DropFrame": True}
    otio.adapters.write_to_file(timeline, str(path), adapter_name="hpm_aaf")
    found = otio.adapters.read_from_file(str(path), adapter_name="hpm_aaf")
    assert found.global_start_time.value == 107892
    assert found.metadata["AAF"]["DropFrame"] is True
    assert layout(found, NTSC)[0] == layout(timeline, NTSC)[0]
    with pytest.raises(otio.exceptions.OTIOError, match=r"none\.aaf"):
        otio.adapters.read_from_file(str(tmp_path / "none.aaf"), adapter_name="hpm_aaf")


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        ({"Pan": [[0, "1/4"]]}, True),
        ({"Pan": "1/4"}, True),
        ({"Pan": [[0, "2e999999999"]]}, False),
        ({"Pan": [[0, "1/0"]]}, False),
        ({"Pan": [[0]]}, False),
        ({"Pan": [1, 4]}, False),
        ("1/4", False),
    ],
)
def test_a_pan_in_metadata_is_kept_if_it_is_a_number(
    tmp_path: Path, parameters: Any, kept: bool
) -> None:
    track = SCHEMA.Track("A1", [clip("a", 900, 48, NTSC)], kind="Audio")
    effect = SCHEMA.Effect(name="Audio Pan", metadata={"AAF": {"Parameters": parameters}})
    track.effects.append(effect)
    timeline = SCHEMA.Timeline(tracks=[track])
    result = write_aaf(timeline, delivery(tmp_path))
    found = read_back(result.data, tmp_path).timeline.audio_tracks()[0]
    assert [one.name for one in found.effects] == ["Audio Pan"] * kept
    said = any("pans of tracks that move" in loss and "A1" in loss for loss in result.losses)
    assert said is not kept
