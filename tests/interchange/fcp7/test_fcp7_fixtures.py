"""Each Final Cut Pro 7 XML that a real system wrote: counts and clock as ElementTree finds them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Delivery, Sequence
from otio_hpm.interchange.fcp7 import read_fcp7, write_fcp7

Find = Callable[[str], Path]
FIXTURES = [
    "empty_name_tags.xml",
    "hiero_xml_export.xml",
    "premiere_enable_property.xml",
    "premiere_example.xml",
    "premiere_generators.xml",
    "sample_just_track.xml",
]


def rate_in(element: ET.Element) -> Fraction:
    base = Fraction(element.findtext("rate/timebase", ""))
    return base * 1000 / 1001 if element.findtext("rate/ntsc") == "TRUE" else base


def own_tracks(sequence: ET.Element) -> list[ET.Element]:
    """Tracks of the sequence itself; of an exploded sound the first channel alone."""
    tracks = sequence.findall("media/video/track") + sequence.findall("media/audio/track")
    return [track for track in tracks if track.get("currentExplodedTrackIndex", "0") == "0"]


def items(track: ET.Element, *tags: str) -> list[ET.Element]:
    return [child for child in track if child.tag in tags]


@pytest.fixture(params=FIXTURES)
def both(request: pytest.FixtureRequest, fixture: Find) -> tuple[ET.Element, Sequence]:
    """The first sequence's element, and what is read of it."""
    path = fixture(f"otio-fcp-adapter/{request.param}")
    found = read_fcp7(path)
    elements = ET.parse(path).getroot().findall("sequence")
    elements += ET.parse(path).getroot().findall(".//children/sequence")
    assert len(found.sequences) == len(elements)
    return elements[0], found.sequences[0]


def test_clock(both: tuple[ET.Element, Sequence]) -> None:
    element, sequence = both
    timecode = element.find("timecode")
    assert timecode is not None and sequence.rate is not None
    start = sequence.timeline.global_start_time
    assert sequence.rate[0] == rate_in(element)
    assert (start.value, start.rate) == (
        int(timecode.findtext("frame", "")),
        float(rate_in(element)),
    )
    assert sequence.drop_frame is not None
    assert sequence.drop_frame[0] == (timecode.findtext("displayformat") == "DF")


def test_counts_and_length(both: tuple[ET.Element, Sequence]) -> None:
    element, sequence = both
    read, tracks = list(sequence.timeline.tracks), own_tracks(element)
    kinds = [otio.schema.Clip, otio.schema.Stack, otio.schema.Transition]
    found = [[sum(isinstance(child, kind) for child in track) for kind in kinds] for track in read]
    wanted = [
        [
            len([item for item in items(track, "clipitem", "generatoritem")
                 if item.find("sequence") is None]),
            len([item for item in items(track, "clipitem") if item.find("sequence") is not None]),
            len(items(track, "transitionitem")),
        ]
        for track in tracks
    ]  # fmt: skip
    assert found == wanted
    assert [track.name for track in read] == [
        track.get("MZ.TrackName") or track.findtext("name") or "" for track in tracks
    ]
    ends = [
        int(float(item.findtext("end", "")))
        for track in tracks
        for item in items(track, "clipitem", "generatoritem")
    ]
    assert sequence.timeline.duration().value == max(ends, default=0)


def test_markers(both: tuple[ET.Element, Sequence]) -> None:
    element, sequence = both
    wanted = [
        (one.findtext("name") or "", one.findtext("comment") or "", int(one.findtext("in", "")))
        for one in element.findall("marker")
    ]
    found = [
        (marker.name, marker.comment, marker.marked_range.start_time.value)
        for marker in sequence.timeline.tracks.markers
    ]
    assert found == wanted
    on_clips = [
        marker
        for track in own_tracks(element)
        for item in items(track, "clipitem", "generatoritem")
        for marker in item.findall("marker")
    ]
    clips = [child for track in sequence.timeline.tracks for child in track]
    kinds = (otio.schema.Clip, otio.schema.Stack)
    read = [marker for clip in clips if isinstance(clip, kinds) for marker in clip.markers]
    read = [marker for marker in read if "owner" not in marker.metadata.get("fcp_xml", {})]
    assert len(read) == len(on_clips)
    assert [m.marked_range.duration.value for m in read] == [0] * len(on_clips)


def test_enabled(both: tuple[ET.Element, Sequence]) -> None:
    element, sequence = both
    wanted = [
        item.findtext("enabled", "TRUE") == "TRUE"
        for track in own_tracks(element)
        for item in items(track, "clipitem", "generatoritem")
    ]
    kinds = (otio.schema.Clip, otio.schema.Stack)
    children = [child for track in sequence.timeline.tracks for child in track]
    assert [child.enabled for child in children if isinstance(child, kinds)] == wanted
    assert [track.enabled for track in sequence.timeline.tracks] == [
        track.findtext("enabled", "TRUE") == "TRUE" for track in own_tracks(element)
    ]


def test_positions_and_sources(both: tuple[ET.Element, Sequence]) -> None:
    """Clips without transitions or retimes stand at their start and show from their in."""
    element, sequence = both
    for track, read in zip(own_tracks(element), sequence.timeline.tracks, strict=True):
        clips = [child for child in read if isinstance(child, otio.schema.Clip | otio.schema.Stack)]
        for item, clip in zip(items(track, "clipitem", "generatoritem"), clips, strict=True):
            if item.findtext("start") != "-1":
                placed = read.range_of_child(clip).start_time
                assert placed.to_seconds() * rate_in(element) == pytest.approx(
                    int(float(item.findtext("start", ""))), abs=1e-6
                )
            if item.findtext("start") == "-1" or item.find("filter/effect/effectid") is not None:
                continue
            shown = clip.trimmed_range().start_time
            assert shown.value - media_start(element, item) == pytest.approx(
                float(item.findtext("in", ""))
            )


def media_start(sequence: ET.Element, item: ET.Element) -> float:
    """The first frame number of a clip item's media."""
    file = item.find("file")
    if file is None:
        return 0
    defined = [one for one in sequence.iter("file") if one.get("id") == file.get("id") and len(one)]
    return float(defined[0].findtext("timecode/frame", "0"))


def test_written_again_it_is_read_the_same(
    both: tuple[ET.Element, Sequence], tmp_path: Path
) -> None:
    _, sequence = both
    rate, start = sequence.rate, sequence.timeline.global_start_time
    assert rate is not None
    delivery = Delivery(
        path=tmp_path / "again.xml", rate=rate[0], start_frames=int(start.value), drop_frame=False
    )
    written = write_fcp7(sequence.timeline, delivery)
    delivery.path.write_bytes(written.data)
    again = read_fcp7(delivery.path).sequences[0].timeline
    assert contents(again) == contents(sequence.timeline)
    assert [loss for loss in written.losses if "frame's size" not in loss] == []


def contents(timeline: Any) -> list[Any]:
    return [
        [
            (
                type(item).__name__,
                item.name,
                item.trimmed_range() if isinstance(item, otio.core.Item) else item.in_offset,
                [(effect.name, effect.schema_name()) for effect in getattr(item, "effects", [])],
                [marker.marked_range for marker in getattr(item, "markers", [])],
            )
            for item in track
        ]
        for track in timeline.tracks
    ]


def test_nested_sequences_hold_their_clips(fixture: Find) -> None:
    path = fixture("otio-fcp-adapter/premiere_example.xml")
    inside = ET.parse(path).getroot().find(".//clipitem/sequence[@id='sequence-2'][media]")
    assert inside is not None
    wanted = [len(items(track, "clipitem")) for track in inside.findall("media/video/track")]
    [stack] = [
        child
        for track in read_fcp7(path).sequences[0].timeline.video_tracks()
        for child in track
        if isinstance(child, otio.schema.Stack)
    ]
    kinds = otio.schema.Clip
    assert [sum(isinstance(child, kinds) for child in track) for track in stack] == wanted


def test_a_filter_alone_is_refused(fixture: Find) -> None:
    with pytest.raises(TimelineError, match="root element is <filter>"):
        read_fcp7(fixture("otio-fcp-adapter/premiere_example_filter.xml"))
