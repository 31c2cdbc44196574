"""Markers in FCPXML as it is written: in their clips, on what is beneath, or named."""

from __future__ import annotations

import opentimelineio as otio
from fcpxml_plain import (
    FRAME,
    clip,
    film,
    gap,
    project,
    span,
    standing,
    written,
)
from fcpxml_rules import seconds


def test_markers_stand_in_their_clips_with_notes() -> None:
    one = clip("a", 100, 48)
    one.markers.append(otio.schema.Marker("SCORE", span(112, 0), comment="she turns\naway"))
    chapter = otio.schema.Marker("Part", span(124, 1))
    chapter.metadata["fcpxml"] = {
        "element": "chapter-marker",
        "attributes": {"posterOffset": "1/24s"},
    }
    one.markers.append(chapter)
    found = standing(written(film([clip("z", 0, 24), one])).data)["a"]
    assert found.marks() == [
        ("marker", "SCORE", 1 + 12 * FRAME),
        ("chapter-marker", "Part", 2),
    ]
    first, second = found.element.findall("./*")
    assert (first.get("note"), first.get("duration")) == ("she turns\naway", None)
    assert (second.get("posterOffset"), second.get("duration")) == ("1/24s", "1/24s")


def test_markers_of_the_timeline_and_its_tracks_stand_on_what_is_beneath() -> None:
    timeline = film([clip("a", 100, 48), clip("b", 200, 48)])
    timeline.tracks.markers.append(otio.schema.Marker("of the film", span(60, 0)))
    timeline.tracks[0].markers.append(otio.schema.Marker("of the track", span(12, 0)))
    result = written(timeline)
    found = standing(result.data)
    assert found["b"].marks() == [("marker", "of the film", 60 * FRAME)]
    assert found["a"].marks() == [("marker", "of the track", 12 * FRAME)]
    assert any("'of the film', 'of the track'" in loss for loss in result.losses)


def test_markers_of_a_timeline_may_count_in_timecode() -> None:
    timeline = film([clip("a", 100, 48), clip("b", 200, 48)])
    timeline.tracks.markers.append(otio.schema.Marker("late", span(86_460, 0)))
    assert standing(written(timeline, start=86_400).data)["b"].marks()[0][2] == 60 * FRAME


def test_markers_of_gaps_that_are_not_written_stand_on_what_is_beneath() -> None:
    gaps = [gap(60), gap(20), gap(40)]
    for number, one in enumerate(gaps):
        one.source_range = span(100, one.source_range.duration.value)
        one.markers.append(otio.schema.Marker(f"m{number}", span(112, 0)))
    tracks = [gaps[0], clip("over", 5, 24)], (clip("sound", 7, 30), gaps[1], clip("on", 7, 9))
    nested = otio.schema.Stack(
        children=[
            otio.schema.Track(kind="Video", children=[clip("in", 0, 60)]),
            otio.schema.Track(kind="Video", children=[gaps[2], clip("top", 0, 9)]),
        ]
    )
    result = written(film([clip("a", 10, 36), clip("b", 100, 48), nested], *tracks))
    marks = {
        name: (one.name, at / FRAME)
        for one in standing(result.data).values()
        for _, name, at in one.marks()
    }
    assert marks == {"m0": ("a", 12), "m1": ("b", 42)}
    (inner,) = project(result.data).iterfind(".//media//marker")
    assert (inner.get("value"), seconds(inner.get("start"))) == ("m2", 12 * FRAME)
    (said,) = [loss for loss in result.losses if loss.startswith("Markers of gaps")]
    assert all(repr(name) in said for name in ("m0", "m1", "m2"))


def test_markers_that_a_gap_does_not_show_are_named_and_seen_nowhere() -> None:
    hole = gap(24)
    hole.source_range = span(100, 24)
    times = {"early": 90, "first": 100 - 1e-6, "late": 124, "never": float("nan")}
    for name, at in times.items():
        hole.markers.append(otio.schema.Marker(name, span(at, 0)))
    result = written(film([clip("a", 10, 96)], [gap(24), hole, clip("over", 5, 24)]))
    assert [name for _, name, _ in standing(result.data)["a"].marks()] == ["first"]
    said = "\n".join(result.losses)
    words = "Markers outside the gaps between connected clips that they are of are left out"
    assert f"{words}: 'early', 'late'" in said
    assert "Markers whose time is not a number are left out: 'never'" in said


def test_markers_of_timeline_and_tracks_that_have_no_time_are_named() -> None:
    made = film([clip("a", 10, 96)])
    made.tracks.markers.append(otio.schema.Marker("outer", span(24, 0)))
    for owner, number in ((made.tracks, "nan"), (made.tracks[0], "inf")):
        owner.markers.append(otio.schema.Marker(number, span(float(number), 0)))
    result = written(made)
    assert [name for _, name, _ in standing(result.data)["a"].marks()] == ["outer"]
    assert "Markers whose time is not a number are left out: 'nan', 'inf'" in result.losses


def test_markers_of_a_title_that_is_left_out_are_named() -> None:
    title = otio.schema.Clip("t", otio.schema.GeneratorReference(), span(0, 24))
    title.markers.append(otio.schema.Marker("SCORE it", span(2, 0)))
    losses = written(film([clip("a", 0, 24)], [title])).losses
    assert "Markers of what is left out go with it: 'SCORE it'" in losses
