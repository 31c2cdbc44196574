"""What the published adapter loses, and elements of which only one is lost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from xmeml import FILE, RATE, clip, items, read, sequence, track

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.dialects import stated_counting

SPEED = (
    "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
    "<parameter><parameterid>variablespeed</parameterid><value>{}</value></parameter>"
    "<parameter><parameterid>speed</parameterid><value>{}</value></parameter>"
    "<parameter><parameterid>reverse</parameterid><value>{}</value></parameter>"
    "{}</effect></filter>"
)


def source(item: Any) -> tuple[float, float]:
    shown = item.trimmed_range()
    return shown.start_time.value, shown.duration.value


def marker(name: str, start: int, end: int, more: str = "") -> str:
    return (
        f"<marker><name>{name}</name><comment>note of {name}</comment>"
        f"<in>{start}</in><out>{end}</out>{more}</marker>"
    )


def test_markers_have_their_comment_colour_length_and_the_media_s_timecode(tmp_path: Path) -> None:
    marks = marker("a", 20, -1, "<pproColor>4281740498</pproColor>") + marker("b", 30, 42)
    found = read(
        tmp_path,
        sequence(track(clip(0, 50, 10, 60, FILE + marks)), marker("whole", 7, 9), name="MZ"),
    )
    read_marks = [
        (m.name, m.comment, m.color, m.marked_range.start_time.value, m.marked_range.duration.value)
        for m in (*items(found)[0].markers, *found.sequences[0].timeline.tracks.markers)
    ]
    assert read_marks == [
        ("a", "note of a", "RED", 86420, 0),
        ("b", "note of b", "RED", 86430, 12),
        ("whole", "note of whole", "RED", 7, 2),
    ]


@pytest.mark.parametrize(
    ("ppro", "color"),
    [
        (4281740498, "RED"), (4281049552, "YELLOW"), (4289825711, "PURPLE"),
        (4280578025, "ORANGE"), (4294741314, "BLUE"), (4292277273, "CYAN"), (4294967295, "WHITE"),
        ("", "GREEN"), ("no number", "GREEN"),
    ],
)  # fmt: skip
def test_premiere_s_colours(tmp_path: Path, ppro: object, color: str) -> None:
    said = f"<pproColor>{ppro}</pproColor>" if ppro else ""
    content = sequence(track(), marker("m", 1, -1, said)).replace("<sequence", "<sequence MZ.X='1'")
    [found] = read(tmp_path, content).sequences[0].timeline.tracks.markers
    assert found.color == color


@pytest.mark.parametrize(
    ("timebase", "ntsc", "rate"),
    [
        ("24", "TRUE", Fraction(24000, 1001)), ("30", "TRUE", Fraction(30000, 1001)),
        ("60", "true", Fraction(60000, 1001)), ("25", "FALSE", Fraction(25)),
        ("29.97", "FALSE", Fraction(30000, 1001)), ("15", "FALSE", Fraction(15)),
    ],
)  # fmt: skip
def test_rates_are_exact(tmp_path: Path, timebase: str, ntsc: str, rate: Fraction) -> None:
    said = f"<rate><timebase>{timebase}</timebase><ntsc>{ntsc}</ntsc></rate>"
    found = read(tmp_path, sequence(track(clip(0, 9, 0, 9)), rate=said)).sequences[0]
    assert found.rate is not None and found.rate[0] == rate
    assert found.timeline.tracks[0][0].source_range.duration.rate == float(rate)


@pytest.mark.parametrize(
    ("timecode", "start", "drop"),
    [
        ("<frame>107892</frame><displayformat>DF</displayformat>", 107892, True),
        ("<string>01;00;00;00</string><displayformat>DF</displayformat>", 107892, True),
        ("<string>01:00:00:00</string><displayformat>NDF</displayformat>", 108000, False),
        ("<frame>107905</frame><string>01:00:00;13</string>", 107905, True),
        ("<frame>107905</frame><displayformat>df</displayformat>", 107905, True),
        ("<frame>108000</frame>", 108000, None),
    ],
)
def test_start_timecode(tmp_path: Path, timecode: str, start: int, drop: bool | None) -> None:
    rate = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
    more = f"<timecode>{rate}{timecode}</timecode>"
    found = read(tmp_path, sequence(track(), more, rate=rate)).sequences[0]
    assert found.timeline.global_start_time.value == start
    assert (found.drop_frame[0] if found.drop_frame else None) is drop
    kept = stated_counting(found.timeline)
    assert (kept.drop_frame if kept else None) is drop, "as an .otio says it later"


@pytest.mark.parametrize(
    ("variable", "speed", "reverse", "graph", "first", "scalar"),
    [
        (0, 200, "FALSE", "", 86400 + 20, 2.0),
        (0, 50, "FALSE", "", 86400 + 5, 0.5),
        (0, 100, "TRUE", "", 86400 + 500 - 10 - 50, -1.0),
        (0, 100, "TRUE", [(0, 400), (400, 0)], 86400 + 400 - 60, -1.0),
        (0, 0, "FALSE", [(0, 33), (100, 33)], 86400 + 33, 0.0),
        (1, 150, "FALSE", [(0, 0), (100, 150)], 86400 + 15, 1.5),
    ],
)
def test_constant_speeds(
    tmp_path: Path, variable: int, speed: int, reverse: str, graph: Any, first: int, scalar: float
) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>" for when, value in graph
    )
    points = f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>" if graph else ""
    remap = SPEED.format(variable, speed, reverse, points)
    found = read(tmp_path, sequence(track(clip(0, 50, 10, 60, FILE + remap))))
    [read_clip] = items(found)
    assert [effect.time_scalar for effect in read_clip.effects] == [scalar]
    assert source(read_clip) == (first, 50)
    assert found.warnings == ()


def test_a_changing_speed_may_begin_on_the_first_frame_of_the_media(tmp_path: Path) -> None:
    graph = ((0, 0), (30, 0), (100, 140))
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>" for when, value in graph
    )
    points = f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>"
    more = FILE + SPEED.format(1, 100, "FALSE", points)
    held = items(read(tmp_path, sequence(track(clip(0, 50, 10, 60, more)))))[0]
    plain = items(read(tmp_path, sequence(track(clip(0, 50, 0, 50, FILE)))))[0]
    assert held.source_range.start_time == plain.source_range.start_time


def test_a_changing_speed_is_kept_and_said(tmp_path: Path) -> None:
    keys = "<keyframe><when>0</when><value>0</value></keyframe>"
    keys += "<keyframe><when>30</when><value>30</value></keyframe>"
    keys += "<keyframe><when>100</when><value>200</value></keyframe>"
    points = f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>"
    remap = SPEED.format(1, 100, "FALSE", points)
    more = FILE + remap + marker("HIT", 50, -1)
    found = read(tmp_path, sequence(track(clip(0, 50, 10, 60, more))))
    [effect] = items(found)[0].effects
    [mark] = items(found)[0].markers
    after = mark.marked_range.start_time - items(found)[0].source_range.start_time
    assert after.value == 40  # on the track, where the retimed frame is
    assert effect.metadata["fcp_xml"]["effectid"] == "timeremap"
    assert not isinstance(effect, otio.schema.TimeEffect)
    assert "changing speed" in found.warnings[0] and "line 1" in found.warnings[0]


def test_nested_sequences_are_stacks_of_the_track_s_kind(tmp_path: Path) -> None:
    inner = sequence(
        track(clip(0, 80, 0, 80, name="picture")), audio=track(clip(5, 80, 0, 75, name="sound")),
        more=marker("inside", 3, -1), name="inner",
    )  # fmt: skip
    outer = sequence(
        track(clip(10, 60, 20, 70, inner, name="n")),
        audio=track(clip(10, 60, 20, 70, '<sequence id="inner"/>', name="n")),
    )
    found = read(tmp_path, outer)
    for index, name in ((0, "picture"), (1, "sound")):
        gap, stack = items(found, index)
        assert (gap.duration().value, source(stack)) == (10, (20, 50))
        clips = [c.name for c in stack[0] if isinstance(c, otio.schema.Clip)]
        assert (len(stack), clips) == (1, [name])
    assert found.warnings == ()


def test_exploded_stereo_is_one_track_again(tmp_path: Path) -> None:
    def channel(index: int) -> str:
        attributes = (
            f'currentExplodedTrackIndex="{index}" totalExplodedTrackCount="2"'
            ' premiereTrackType="Stereo" MZ.TrackName="Music"'
        )
        source = f"<sourcetrack><trackindex>{index + 1}</trackindex></sourcetrack>"
        return track(clip(0, 50, 0, 50, FILE + source), attributes=attributes)

    found = read(tmp_path, sequence("", audio=channel(0) + channel(1) + track(clip(0, 9, 0, 9))))
    tracks = found.sequences[0].timeline.tracks
    assert [(t.name, t.kind, len(t)) for t in tracks] == [("Music", "Audio", 1), ("", "Audio", 1)]
    sources = tracks[0][0].metadata["fcp_xml"]["sourcetrack"]
    assert [one["trackindex"] for one in sources] == ["1", "2"]


def test_transitions_lie_over_their_edit_points(tmp_path: Path) -> None:
    def mix(start: int, end: int, alignment: str, more: str = "") -> str:
        return (
            f"<transitionitem><start>{start}</start><end>{end}</end>"
            f"<alignment>{alignment}</alignment>{more}</transitionitem>"
        )

    found = read(
        tmp_path,
        sequence(
            track(
                mix(10, 20, "start-black"), clip(10, -1, 0, 60, name="a"), mix(50, 70, "center"),
                clip(-1, -1, 30, 80, name="b"),
                mix(95, 100, "end-black", "<cutPointTicks>52920000000</cutPointTicks>"),
            )
        ),
    )  # fmt: skip
    kinds = [type(item).__name__ for item in items(found)]
    assert kinds == ["Gap", "Transition", "Clip", "Transition", "Clip", "Transition"]
    offsets = [
        (item.in_offset.value, item.out_offset.value)
        for item in items(found)
        if isinstance(item, otio.schema.Transition)
    ]
    assert offsets == [(0, 10), (10, 10), (5, 0)]
    assert source(items(found)[2]) == (86400, 50)
    assert source(items(found)[4]) == (86400 + 40, 40)
    assert found.warnings == ()


def test_a_transition_whose_alignment_leads_beside_the_edit_is_over_the_edit(
    tmp_path: Path,
) -> None:
    mix = "<transitionitem><start>40</start><end>53</end><alignment>center</alignment>"
    mixed = f"{mix}</transitionitem>"
    found = read(tmp_path, sequence(track(clip(0, 47, 0, 47), mixed, clip(47, 90, 9, 52))))
    (fade,) = [item for item in items(found) if isinstance(item, otio.schema.Transition)]
    assert (fade.in_offset.value, fade.out_offset.value) == (7, 6)
    assert found.warnings == ()


def test_only_what_is_not_understood_is_lost(tmp_path: Path) -> None:
    good = clip(100, 150, 0, 50, name="good")
    bad = [
        clip(-1, 20, 0, 20, name="no transition"), clip("x", 20, 0, 20, name="no start"),
        clip(30, 30, 0, 0, name="empty"), clip(40, "9" * 30, 0, 9, name="huge"),
        clip(0, 50, 0, 50, '<sequence id="s"/>', name="itself"),
        "<transitionitem><start>60</start><end>70</end></transitionitem>",
        "<clipitem/>",
    ]  # fmt: skip
    found = read(tmp_path, sequence(track(*bad, good), marker("no place", -5, 1)))
    assert [item.name for item in items(found)] == ["", "good"]
    assert found.sequences[0].timeline.tracks[0].range_of_child_at_index(1).start_time.value == 100
    assert len(found.warnings) == len(bad) + 1
    assert all("line 1" in one or "frame 65" in one for one in found.warnings)


def test_clips_without_media_and_out_of_order(tmp_path: Path) -> None:
    content = track(clip(50, 60, 3, 13, "", name="b"), clip(0, 50, 0, 50, name="a"))
    found = read(tmp_path, sequence(content))
    assert [(item.name, source(item)) for item in items(found)] == [
        ("a", (86400, 50)), ("b", (3, 10)),
    ]  # fmt: skip
    assert items(found)[1].media_reference.is_missing_reference
    assert any("names no media" in warning for warning in found.warnings)


def test_media_and_generators(tmp_path: Path) -> None:
    slug = f'<file id="s"><name>Slug</name><mediaSource>Slug</mediaSource>{RATE}</file>'
    text = (
        "<effect><name>T</name><effectid>Text</effectid><effecttype>generator</effecttype></effect>"
    )
    generator = clip(20, 30, 0, 10, text).replace("clipitem", "generatoritem")
    content = track(clip(0, 10, 5, 15), clip(10, 20, 0, 10, slug), generator)
    found, black, title = items(read(tmp_path, sequence(content)))
    assert found.media_reference.target_url == "file://localhost/C%3a/a.mov"
    available = found.media_reference.available_range
    assert (available.start_time.value, available.duration.value) == (86400, 500)
    assert black.media_reference.generator_kind == "Slug"
    assert title.media_reference.generator_kind == "Text"


def test_several_sequences_and_those_in_bins(tmp_path: Path) -> None:
    inside = f"<bin><children>{sequence('', name='two')}</children></bin>"
    project = f"<project><children>{inside}</children></project>"
    found = read(tmp_path, sequence("", name="one") + project)
    assert [one.timeline.name for one in found.sequences] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no sequence"),
        (sequence("", rate=""), "states no frame rate"),
        (sequence("", rate="<rate><timebase>0</timebase></rate>"), "states no frame rate"),
        ("<sequence>", "not whole XML"),
        ("<a>" * 200 + "</a>" * 200, "levels deep"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(TimelineError, match=why):
        read(tmp_path, content)
