"""Nested sequences of Final Cut Pro 7 XML: what is inside them comes back, or is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema
from test_fcp7_round_trips import back, span

from otio_hpm.interchange.exchange import Delivery

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
