"""Every real AAF is read as the plain objects of the library tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import aaf2
import opentimelineio as otio
import pytest

from otio_hpm.interchange.aaf.reading import read_aaf
from otio_hpm.interchange.exchange import Imported, Sequence
from otio_hpm.timeline.clip_source import reels
from otio_hpm.timeline.exact import exact_rate, seconds

AVID = (
    "otio-aaf-adapter/30fps.aaf",
    "otio-aaf-adapter/bad_marker_track_from_avid.aaf",
    "otio-aaf-adapter/duplicates.aaf",
    "otio-aaf-adapter/linear_speed_effects.aaf",
    "otio-aaf-adapter/misc_speed_effects.aaf",
    "otio-aaf-adapter/multiple-markers-over-transitions.aaf",
    "otio-aaf-adapter/multiple_markers.aaf",
    "otio-aaf-adapter/nested_audio_dissolve.aaf",
    "otio-aaf-adapter/nesting_test.aaf",
    "otio-aaf-adapter/normalclip_sourceclip_references_compositionmob_with_usercomments_"
    "no_mastermob_usercomments.aaf",
    "otio-aaf-adapter/one_audio_clip.aaf",
    "otio-aaf-adapter/simple.aaf",
    "otio-aaf-adapter/test_muted_clip.aaf",
    "otio-aaf-adapter/timecode_test.aaf",
    "otio-aaf-adapter/trims.aaf",
    "OpenTimelineIO-history/one_marker.aaf",
)
PREMIERE = (
    "otio-aaf-adapter/2997fps-DFTC.aaf",
    "otio-aaf-adapter/multiple_top_level_mobs.aaf",
)
MASTERS_ONLY = "otio-aaf-adapter/marker-over-audio.aaf"
FIXTURES = (*AVID, *PREMIERE, MASTERS_ONLY)

Find = Callable[[str], Path]


@cache
def whole(path: Path) -> Imported:
    """A fixture as read, once for all tests, none of which changes it."""
    return read_aaf(path)


def mobs_of(file: Any) -> list[Any]:
    return list(file.content.toplevel()) or list(file.content.mastermobs())


def media_slots(mob: Any) -> list[Any]:
    kinds = {"Picture", "Sound"}
    return [s for s in mob.slots if hasattr(s, "edit_rate") and str(s.media_kind) in kinds]


def leaves(segment: Any) -> Iterator[Any]:
    """Source clips, transitions and fillers of a track, as the object model nests them."""
    kind = type(segment).__name__
    held = {
        "Sequence": "Components",
        "OperationGroup": "InputSegments",
        "NestedScope": "Slots",
        "Selector": "Alternates",
    }.get(kind)
    if held is None:
        yield segment
    for inside in (segment.getvalue(held) or ()) if held else ():
        yield from leaves(inside)


def count(mob: Any, kind: str) -> int:
    slots = media_slots(mob)
    return sum(type(leaf).__name__ == kind for s in slots for leaf in leaves(s.segment))


def events(mob: Any) -> list[Any]:
    slots = [slot for slot in mob.slots if type(slot).__name__ == "EventMobSlot"]
    return [event for slot in slots for event in slot.segment.components]


def markers_in(sequence: Sequence) -> list[tuple[Any, Any]]:
    """Markers of a timeline, with what they are on."""
    stack = sequence.timeline.tracks
    items = [stack, *stack.find_children()]
    return [(marker, item) for item in items for marker in getattr(item, "markers", ())]


def record_s(marker: Any, item: Any, timeline: Any) -> Fraction:
    """Where a marker stands, by OTIO's own arithmetic; none is on a clip of another speed."""
    start = marker.marked_range.start_time
    if item is timeline.tracks:
        return seconds(start)
    return seconds(item.transformed_time(start, timeline.tracks))


@pytest.mark.parametrize("name", FIXTURES)
def test_the_counts_are_the_files_own(name: str, fixture: Find) -> None:
    path = fixture(name)
    found = whole(path)
    with aaf2.open(str(path)) as file:
        mobs = mobs_of(file)
        assert [s.timeline.name for s in found.sequences] == [mob.name for mob in mobs]
        for sequence, mob in zip(found.sequences, mobs, strict=True):
            slots = media_slots(mob)
            scopes = [s.segment for s in slots if type(s.segment).__name__ == "NestedScope"]
            tracks = len(slots) + sum(len(list(scope.slots)) - 1 for scope in scopes)
            timeline = sequence.timeline
            transitions = timeline.find_children(descended_from_type=otio.schema.Transition)
            assert len(timeline.tracks) == tracks
            assert len(timeline.find_clips()) == count(mob, "SourceClip")
            assert len(transitions) == count(mob, "Transition")
            assert len(markers_in(sequence)) == len(events(mob))


@pytest.mark.parametrize("name", FIXTURES)
def test_the_tapes_of_a_file_are_the_reels_of_its_clips(name: str, fixture: Find) -> None:
    path = fixture(name)
    with aaf2.open(str(path)) as file:
        tapes = {
            mob.name
            for mob in file.content.sourcemobs()
            if type(mob.descriptor).__name__ == "TapeDescriptor"
        }
    timelines = [sequence.timeline for sequence in whole(path).sequences]
    assert {reel for one in timelines for clip in one.find_clips() for reel in reels(clip)} == tapes


@pytest.mark.parametrize("name", FIXTURES)
def test_rate_start_and_duration_are_the_files_own(name: str, fixture: Find) -> None:
    path = fixture(name)
    found = whole(path)
    with aaf2.open(str(path)) as file:
        for sequence, mob in zip(found.sequences, mobs_of(file), strict=True):
            slots = media_slots(mob)
            raw = next((s.edit_rate for s in slots if str(s.media_kind) == "Picture"), None)
            raw = slots[0].edit_rate if raw is None else raw
            assert sequence.rate is not None
            assert sequence.rate[0] == Fraction(raw.numerator, raw.denominator)
            lengths = [s.segment.length / s.edit_rate for s in slots]
            assert seconds(sequence.timeline.duration()) == max(map(Fraction, lengths))
            codes = [s.segment for s in mob.slots if type(s.segment).__name__ == "Timecode"]
            codes = [code for code in codes if code.fps == round(sequence.rate[0])]
            start = sequence.timeline.global_start_time
            if not codes:
                assert start is None and sequence.drop_frame is None
                continue
            assert start.value == codes[0].start
            assert exact_rate(start.rate) == sequence.rate[0]
            assert start.rate == float(sequence.rate[0])
            assert sequence.drop_frame is not None
            assert sequence.drop_frame[0] == codes[0].drop


@pytest.mark.parametrize("name", FIXTURES)
def test_markers_keep_place_text_and_colour(name: str, fixture: Find) -> None:
    path = fixture(name)
    found = whole(path)
    with aaf2.open(str(path)) as file:
        for sequence, mob in zip(found.sequences, mobs_of(file), strict=True):
            expected = sorted(
                (int(e["Position"].value), e.getvalue("Comment") or "", colour_of(e))
                for e in events(mob)
            )
            read = sorted(
                (
                    int(record_s(marker, item, sequence.timeline) * sequence.rate[0]),
                    "\n".join(filter(None, (marker.name, marker.comment))),
                    marker.color,
                )
                for marker, item in markers_in(sequence)
                if sequence.rate
            )
            assert read == expected


def colour_of(event: Any) -> str:
    named = {tag.name: tag.value for tag in event["CommentMarkerAttributeList"].value}
    return str(named.get("_ATN_CRM_COLOR") or by_rgb(event["CommentMarkerColor"].value)).upper()


def by_rgb(colour: dict[str, int]) -> str:
    """Of the few colours in these files: which parts are bright."""
    high = {part for part, value in colour.items() if value > 32768} or {
        max(colour, key=lambda part: colour[part])
    }
    return {
        frozenset({"red"}): "Red",
        frozenset({"green"}): "Green",
        frozenset({"blue"}): "Blue",
        frozenset({"red", "green"}): "Yellow",
        frozenset({"green", "blue"}): "Cyan",
        frozenset({"red", "blue"}): "Magenta",
    }[frozenset(high)]


@pytest.mark.parametrize("name", AVID)
def test_clips_stand_where_the_published_adapter_puts_them(name: str, fixture: Find) -> None:
    adapter = pytest.importorskip("otio_aaf_adapter.adapters.advanced_authoring_format")
    path = fixture(name)
    ours = whole(path).sequences[0].timeline
    published = adapter.read_from_file(str(path))
    assert [facts(clip) for clip in ours.find_clips()] == [
        facts(clip) for clip in published.find_clips()
    ]


def facts(clip: Any) -> tuple[Any, ...]:
    speeds = [e.time_scalar for e in clip.effects if isinstance(e, otio.schema.LinearTimeWarp)]
    shown = clip.source_range
    varies = [e for e in clip.effects if e.metadata["AAF"].get("Curve")]
    return (
        clip.name,
        seconds(shown.start_time),
        seconds(shown.duration),
        clip.enabled,
        [] if varies or speeds == [1.0] else speeds,
    )


def test_source_timecode_is_not_counted_twice(fixture: Find) -> None:
    """Premiere writes it as timecode (28662 at 29.97) and again as the start of the tape's clip."""
    found = whole(fixture("otio-aaf-adapter/multiple_top_level_mobs.aaf"))
    clips = found.sequences[1].timeline.find_clips()
    clip = next(clip for clip in clips if clip.name.startswith("BIRDSeagulls"))
    assert clip.source_range.start_time.value == 28662 + 35
    picture = found.sequences[0].timeline.find_clips()[0]
    assert picture.media_reference.available_range.start_time.value == 86400


def test_tracks_are_named_and_markers_on_lost_tracks_are_the_timelines(fixture: Find) -> None:
    named = whole(fixture("otio-aaf-adapter/2997fps-DFTC.aaf")).sequences[0].timeline
    assert [track.name for track in named.tracks] == ["", *["Audio 1"] * 6]
    bad = whole(fixture("otio-aaf-adapter/bad_marker_track_from_avid.aaf")).sequences[0]
    assert len(bad.timeline.tracks.markers) == 1


def test_a_varying_speed_is_told(fixture: Find) -> None:
    found = whole(fixture("otio-aaf-adapter/misc_speed_effects.aaf"))
    assert any("speed of a clip varies" in warning for warning in found.warnings)


def test_what_wrote_a_file_is_told(fixture: Find) -> None:
    assert whole(fixture(AVID[0])).dialect == "avid"
    assert whole(fixture(PREMIERE[0])).dialect == "premiere"
