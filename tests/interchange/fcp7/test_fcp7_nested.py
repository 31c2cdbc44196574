"""Nested sequences of Final Cut Pro 7 XML: what is inside them comes back, or is named."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema
from test_fcp7_round_trips import back, span
from xmeml import clip, read, sequence
from xmeml import track as track_xml

from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7 import write_fcp7

RATE = Fraction(24)


def again(nest: Any, kind: str = "Video") -> tuple[Any, str]:
    """A nested stack as it comes back, and what was lost."""
    timeline = schema.Timeline("film")
    timeline.tracks.append(schema.Track("V1", kind=kind, children=[nest]))
    delivery = Delivery(path=Path("/f.xml"), rate=RATE, start_frames=0, drop_frame=False)
    sequence, losses, _ = back(timeline, delivery)
    return sequence.timeline.tracks[0][0], "\n".join(losses)


def track(kind: str) -> Any:
    """A clip of a second behind a gap as long."""
    gap = schema.Gap(source_range=span(0, 24, RATE))
    clip = schema.Clip(name=f"{kind} clip", source_range=span(100, 24, RATE))
    return schema.Track(name="inner", kind=kind, children=[gap, clip])


def nest(*tracks: Any) -> Any:
    return schema.Stack(name="nest", children=list(tracks), source_range=span(0, 48, RATE))


def test_markers_of_tracks_inside_stand_on_the_nested_sequence() -> None:
    inner = track("Video")
    inner.markers.append(schema.Marker("on the track", span(30, 2, RATE)))
    inner[0].markers.append(schema.Marker("on the gap", span(6, 0, RATE)))
    found, losses = again(nest(inner))
    marks = {one.name: one.marked_range for one in found.markers}
    assert marks == {"on the track": span(30, 2, RATE), "on the gap": span(6, 0, RATE)}
    moved = "markers are moved to the sequence: 'on the gap' of a gap, 'on the track' of track"
    assert moved in losses


def test_sound_that_no_track_of_sound_plays_is_named() -> None:
    words = "sound inside nested sequences that are on no track of sound is not heard: 'nest'"
    found, losses = again(nest(track("Video"), track("Audio")))
    assert [one.kind for one in found] == ["Video"]
    assert words in losses
    assert words not in again(nest(track("Video")))[1]
    assert words not in again(nest(track("Audio")), "Audio")[1]


def test_the_start_timecode_of_a_nested_sequence_comes_back(tmp_path: Path) -> None:
    ntsc = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
    string = "<string>02;00;00;00</string><displayformat>DF</displayformat><source>source</source>"
    inner = sequence(
        track_xml(clip(0, 48, 0, 48)), f"<timecode>{ntsc}{string}</timecode>", "", ntsc, "inner"
    )
    outer = sequence(track_xml(clip(0, 48, 0, 48, inner)), rate=ntsc)
    read_in = read(tmp_path, outer).sequences[0].timeline
    delivery = Delivery(
        path=tmp_path / "out.xml", rate=Fraction(30000, 1001), start_frames=0, drop_frame=False
    )
    root = ET.fromstring(write_fcp7(read_in, delivery).data)
    clock = root.find(".//clipitem/sequence/timecode")
    assert clock is not None
    assert [clock.findtext(tag) for tag in ("string", "frame", "displayformat", "source")] == [
        "02:00:00;00", "215784", "DF", "source",
    ]  # fmt: skip


def test_what_no_track_uses_of_a_nested_sequence_is_named(tmp_path: Path) -> None:
    inner = sequence(track_xml(clip(0, 48, 0, 48)), "", track_xml(clip(0, 48, 0, 48)), name="inner")
    again_by_id = clip(0, 48, 0, 48, '<sequence id="inner"/>')
    words = "line 1: sequence 'inner' is on no track of {0}, and its {0} is left out"
    seen = read(tmp_path, sequence(track_xml(clip(0, 48, 0, 48, inner))))
    assert words.format("sound") in seen.warnings
    heard = read(tmp_path, sequence("", audio=track_xml(clip(0, 48, 0, 48, inner))))
    assert words.format("picture") in heard.warnings
    both = sequence(track_xml(clip(0, 48, 0, 48, inner)), audio=track_xml(again_by_id))
    assert read(tmp_path, both).warnings == ()
