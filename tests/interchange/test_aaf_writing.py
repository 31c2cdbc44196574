"""An AAF that is written is read back the same, by us and by others, or its losses tell why."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otio_hpm.interchange.aaf.reading import read_aaf
from otio_hpm.interchange.aaf.sequences import ReadSequence, read_sequences
from otio_hpm.interchange.aaf.writing import write_aaf
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.clip_source import first_reel, reels
from otio_hpm.timeline.exact import seconds

NTSC = Fraction(30000, 1001)
RATES = st.sampled_from(
    [(Fraction(24), False), (Fraction(24000, 1001), False), (Fraction(25), False), (NTSC, True)]
)
SCHEMA = otio.schema


def delivery(
    folder: Path, rate: Fraction = NTSC, start: int = 107892, drop: bool = True, **more: Any
) -> Delivery:
    return Delivery(path=folder / "cut.aaf", rate=rate, start_frames=start, drop_frame=drop, **more)


def span(start: int, length: int, rate: Fraction) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, float(rate)), time(length, float(rate)))


def clip(name: str, start: int, length: int, rate: Fraction, url: str = "") -> Any:
    """A clip whose media has 500 frames more on either side."""
    available = span(start - 500, length + 1500, rate)
    reference = SCHEMA.ExternalReference(url or f"file:///media/{name}.mov", available)
    return SCHEMA.Clip(name, reference, span(start, length, rate))


def score_clip(name: str, start: int, length: int, rate: Fraction) -> Any:
    made = clip(name, start, length, rate, f"file:///cut_audio/{name}")
    made.media_reference.available_range = span(start - 24, length + 48, rate)
    made.metadata["otio_hpm"] = {"cue": "1m1", "take": 1}
    return made


def fade(before: int, after: int, rate: Fraction) -> Any:
    time = otio.opentime.RationalTime
    return SCHEMA.Transition(
        transition_type=SCHEMA.TransitionTypes.SMPTE_Dissolve,
        in_offset=time(before, float(rate)),
        out_offset=time(after, float(rate)),
    )


def read_back(data: bytes, folder: Path) -> ReadSequence:
    """Read in this process, which for what we wrote ourselves is safe and quick."""
    path = folder / "written.aaf"
    path.write_bytes(data)
    warnings: list[str] = []
    with aaf2.open(str(path)) as file:
        (sequence,) = read_sequences(file, warnings)
    assert warnings == []
    return sequence


def layout(timeline: Any, rate: Fraction) -> list[Any]:
    """Tracks, and on each its clips, nested sequences, transitions, in record frames."""
    return [
        (track.kind, track.name, list(placed(track, rate)))
        for track in sorted(timeline.tracks, key=lambda one: str(one.kind), reverse=True)
    ]


def placed(track: Any, rate: Fraction) -> Any:
    position = Fraction(0)
    for item in track:
        if isinstance(item, SCHEMA.Transition):
            offsets = seconds(item.in_offset) * rate, seconds(item.out_offset) * rate
            yield ("transition", position, *offsets)
            continue
        length = seconds(item.duration()) * rate
        if not isinstance(item, SCHEMA.Gap):
            yield (position, length, item.name, item.enabled, *shown(item, rate))
        position += length


def shown(item: Any, rate: Fraction) -> Any:
    warps = [e for e in item.effects if isinstance(e, SCHEMA.LinearTimeWarp)]
    speeds = [warp.time_scalar for warp in warps if warp.time_scalar != 1]
    # A retimed clip that a dissolve reaches into begins between frames of its source.
    start = round(seconds(item.trimmed_range().start_time) * rate, 9)
    if isinstance(item, SCHEMA.Stack):
        return start, speeds, [list(placed(track, rate)) for track in item]
    return start, speeds, getattr(item.media_reference, "target_url", None), reels(item)


def marks(timeline: Any, rate: Fraction) -> list[Any]:
    """Markers in record frames; none is on a clip played backwards."""
    found = [(marker, Fraction(0), Fraction(0), 1) for marker in timeline.tracks.markers]
    for track in timeline.tracks:
        found += [(marker, Fraction(0), Fraction(0), 1) for marker in track.markers]
        position = Fraction(0)
        for item in track:
            if isinstance(item, SCHEMA.Transition):
                continue
            speed = next((e.time_scalar for e in item.effects if hasattr(e, "time_scalar")), 1)
            own = seconds(item.trimmed_range().start_time)
            found += [(marker, position, own, speed or 1) for marker in item.markers]
            position += seconds(item.duration())
    return sorted(
        (
            (begins + (seconds(m.marked_range.start_time) - own) / Fraction(speed)) * rate,
            seconds(m.marked_range.duration) * rate / Fraction(speed),
            m.name,
            m.comment,
            m.color,
        )
        for m, begins, own, speed in found
    )


TEXT = st.text("aZ ä雪&<'", max_size=8)
TITLE = st.text("aZ ä雪&<'", min_size=1, max_size=8)
COLOURS = st.sampled_from(["RED", "GREEN", "CYAN", "PINK", "WHITE", "PURPLE"])


@st.composite
def markers(draw: Any, start: int, length: int, rate: Fraction, speed: Fraction) -> Any:
    """A marker within an item, in the item's own time."""
    at = draw(st.integers(0, length - 1)) * speed
    duration = draw(st.integers(0, 5)) * speed
    time = otio.opentime.RationalTime
    ranged = otio.opentime.TimeRange(
        time(float(start + at), float(rate)), time(float(duration), float(rate))
    )
    return SCHEMA.Marker(draw(TITLE), ranged, draw(COLOURS), comment=draw(TEXT))


@st.composite
def items(draw: Any, kind: str, rate: Fraction, depth: int = 0) -> Any:
    length, start = draw(st.integers(20, 90)), draw(st.integers(600, 200_000))
    what = draw(st.sampled_from(["clip", "clip", "gap", "nested" if depth == 0 else "clip"]))
    if what == "gap":
        return SCHEMA.Gap(source_range=span(0, length, rate))
    if what == "nested":
        inside = draw(st.lists(tracks(kind, rate, 1), min_size=1, max_size=2))
        longest = int(max(track.duration().value for track in inside))
        for track in inside:
            if (missing := longest - int(track.duration().value)) > 0:
                track.append(SCHEMA.Gap(source_range=span(0, missing, rate)))
        first = draw(st.integers(0, longest - 1))
        extent = span(first, longest - first, rate)
        return SCHEMA.Stack(draw(TITLE), children=inside, source_range=extent)
    made = clip(draw(st.sampled_from("abc")), start, length, rate)
    if made.name != "a":
        made.metadata["cmx_3600"] = {"reel": f"reel {made.name}"}
    speeds = ["1", "1", "2", "1/2", "3/4", "0", "-1"] if kind == "Video" else ["1"]
    speed = Fraction(draw(st.sampled_from(speeds)))
    if speed == 0:
        made.effects.append(SCHEMA.FreezeFrame())
    elif speed != 1:
        made.effects.append(SCHEMA.LinearTimeWarp(time_scalar=float(speed)))
    if depth == 0 and speed in (1, 2):
        made.markers.extend(draw(st.lists(markers(start, length, rate, speed), max_size=2)))
    made.enabled = draw(st.booleans())
    return made


@st.composite
def tracks(draw: Any, kind: str, rate: Fraction, depth: int = 0) -> Any:
    track = SCHEMA.Track("" if depth else draw(TEXT), kind=kind)
    for item in draw(st.lists(items(kind, rate, depth), min_size=1, max_size=4)):
        joins = len(track) and isinstance(item, SCHEMA.Clip) and isinstance(track[-1], SCHEMA.Clip)
        if joins and draw(st.booleans()):
            offsets = draw(st.integers(0, 9)), draw(st.integers(1, 9))
            track.append(fade(*offsets, rate))
        track.append(item)
    return track


@st.composite
def timelines(draw: Any) -> Any:
    rate, drop = draw(RATES)
    timeline = SCHEMA.Timeline(draw(TITLE))
    for kind in ("Video", "Audio"):
        timeline.tracks.extend(draw(st.lists(tracks(kind, rate), min_size=1, max_size=2)))
    length = int(timeline.duration().value)
    timeline.tracks.markers.extend(
        draw(st.lists(markers(0, length, rate, Fraction(1)), max_size=2))
    )
    return timeline, rate, drop, draw(st.integers(0, 2_000_000))


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


def scored() -> Any:
    """Picture under a score track with fades, as they are written beside a cut."""
    timeline = SCHEMA.Timeline("scored")
    picture = SCHEMA.Track("Picture", kind="Video")
    picture.append(clip("shot", 900, 240, NTSC))
    score = SCHEMA.Track(
        "HPM Score", kind="Audio", metadata={"otio_hpm": {"role": "score", "lane": 0}}
    )
    score.append(SCHEMA.Gap(source_range=span(0, 30, NTSC)))
    score.append(
        SCHEMA.Transition(
            transition_type=SCHEMA.TransitionTypes.SMPTE_Dissolve,
            in_offset=otio.opentime.RationalTime(0, 48000),
            out_offset=otio.opentime.RationalTime(480, 48000),
        )
    )
    score.append(score_clip("R1_1m1_t01.wav", 107892 + 30, 200, NTSC))
    score.append(fade(30, 0, NTSC))
    timeline.tracks.extend([picture, score])
    return timeline


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


def from_reels(*names: str) -> Any:
    """A cut of offline clips at 01:00:00:00 and every half minute after it, and sound of one."""
    clips = [
        SCHEMA.Clip(f"clip {at}", SCHEMA.MissingReference(), span(108_000 + at * 900, 100, NTSC))
        for at in range(len(names) + 1)
    ]
    for one, reel in zip(clips, (*names, names[0]), strict=True):
        one.metadata["cmx_3600"] = {"reel": reel} if reel else {}
    pictures = SCHEMA.Track("V1", clips[:-1], kind=SCHEMA.TrackKind.Video)
    sound = SCHEMA.Track("A1", clips[-1:], kind=SCHEMA.TrackKind.Audio)
    timeline = SCHEMA.Timeline("reels")
    timeline.tracks.extend([pictures, sound])
    return timeline


def tapes_in(path: Path) -> dict[str, list[str]]:
    """The tapes of an AAF by mob id: name, and the kinds of its slots."""
    with aaf2.open(str(path)) as file:
        return {
            str(mob.mob_id): [mob.name, *sorted(str(slot.media_kind) for slot in mob.slots)]
            for mob in file.content.sourcemobs()
            if type(mob.descriptor).__name__ == "TapeDescriptor"
        }


def test_a_reel_is_one_tape_that_all_its_clips_are_on(tmp_path: Path) -> None:
    timeline, path = from_reels("A001", "B002", "A001", ""), tmp_path / "written.aaf"
    found = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    tapes = tapes_in(path)
    assert sorted(tapes.values()) == [
        ["A001", "Picture", "Sound", "Timecode"],
        ["B002", "Picture", "Timecode"],
    ]
    clips = list(found.find_clips())
    assert [reels(one) for one in clips] == [("A001",), ("B002",), ("A001",), (), ("A001",)]
    assert [one.source_range for one in clips] == [
        one.source_range for one in timeline.find_clips()
    ]
    read_back(write_aaf(found, delivery(tmp_path)).data, tmp_path)
    assert tapes_in(path) == tapes, "also from what was read, with the same ids"


def test_clips_of_one_file_are_on_their_own_tapes(tmp_path: Path) -> None:
    told = ["A001", "B002", "A001", ""]
    clips = [clip("m", 1000 + 100 * at, 50, NTSC) for at in range(len(told))]
    for one, reel in zip(clips, told, strict=True):
        one.media_reference.available_range = span(0, 5000, NTSC)
        one.metadata["cmx_3600"] = {"reel": reel} if reel else {}
    timeline = SCHEMA.Timeline("one file")
    timeline.tracks.append(SCHEMA.Track("V1", clips))
    for _ in range(2):
        data = write_aaf(timeline, delivery(tmp_path)).data
        timeline = read_back(data, tmp_path).timeline
        clips = timeline.find_clips()
        assert [first_reel(one) for one in clips] == told
        for one in clips:  # as where an AAF had one master and file, and reels were told later
            for item, first in ((one, clips[0]), (one.media_reference, clips[0].media_reference)):
                item.metadata["AAF"]["MobID"] = first.metadata["AAF"]["MobID"]


def test_what_begins_before_the_first_timecode_is_placed_on_it_and_named(tmp_path: Path) -> None:
    early = clip("early", 10, 50, NTSC)
    early.media_reference.available_range = span(-30, 200, NTSC)
    timeline = SCHEMA.Timeline("early")
    timeline.tracks.append(SCHEMA.Track("V1", [early]))
    written = write_aaf(timeline, delivery(tmp_path))
    assert written.losses == (
        "media that begin before timecode 00:00:00:00 are counted from there: track 'V1', 'early'",
    )
    (found,) = read_back(written.data, tmp_path).timeline.find_clips()
    assert found.media_reference.available_range == span(0, 200, NTSC)
    assert found.source_range == span(40, 50, NTSC), "the same pictures of the file"
    with aaf2.open(str(tmp_path / "written.aaf")) as file:
        for mob in file.content.sourcemobs():
            assert all(getattr(slot.segment, "start", 0) >= 0 for slot in mob.slots)


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


def marker(name: str, start: int) -> Any:
    return SCHEMA.Marker(name, span(start, 0, NTSC))


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
