"""Random timelines written as Final Cut Pro 7 XML and read back: everything is where it was."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentimelineio import opentime, schema

from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7 import read_fcp7, write_fcp7

RATES = [Fraction(n) for n in (24, 25, 30, 48, 50, 60)]
RATES += [Fraction(n * 1000, 1001) for n in (24, 30, 60)]
COLORS = ["GREEN", "RED", "YELLOW", "PURPLE", "ORANGE", "BLUE", "CYAN", "WHITE"]
SAID = ("tracks that do not say their channels", "the frame's size is not known")
"""What is always lost here: these timelines say neither channels nor size."""

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
lengths = st.integers(1, 400)


def time(frames: Any, rate: Fraction) -> Any:
    return opentime.RationalTime(float(frames), float(rate))


def span(start: Any, length: Any, rate: Fraction) -> Any:
    return opentime.TimeRange(time(start, rate), time(length, rate))


@st.composite
def markers(draw: Any, rate: Fraction, first: int) -> Any:
    found = schema.Marker(
        name=draw(names),
        marked_range=span(first + draw(st.integers(0, 500)), draw(st.integers(0, 50)), rate),
        color=draw(st.sampled_from(COLORS)),
    )
    found.comment = draw(names)
    return found


@st.composite
def clips(draw: Any, rate: Fraction, length: int) -> Any:
    media_start = draw(st.integers(0, 10**6))
    head = draw(st.integers(0, 300))
    media = draw(st.sampled_from(["a b.mov", "ä#1.wav", "C:/x/50%.mov", "/Volumes/k & l/m.mov"]))
    reference = schema.ExternalReference(
        target_url=f"{media}?{media_start}",
        available_range=span(media_start, head + length + 5000, rate),
    )
    clip = schema.Clip(
        name=draw(names),
        media_reference=draw(st.sampled_from([reference, schema.MissingReference(name="gone")])),
        source_range=span(media_start + head, length, rate),
    )
    missing = clip.media_reference.is_missing_reference
    if missing:
        media_start = 0
    clip.enabled = draw(st.booleans())
    speed = draw(st.sampled_from([1, 1, 1, 0, 2, 0.5, -1, 1 / 3, 1.234, -4]))
    if speed == 0:
        clip.effects.append(schema.FreezeFrame())
    elif speed != 1:
        clip.effects.append(schema.LinearTimeWarp(time_scalar=speed))
    # At other speeds markers come between frames; backwards they end with the media.
    if speed in (0, 0.5, 1) or (speed == -1 and not missing):
        clip.markers.extend(draw(st.lists(markers(rate, media_start), max_size=2)))
    return clip


@st.composite
def nested(draw: Any, rate: Fraction, length: int) -> Any:
    inside = draw(tracks(rate, "Video", deep=False))
    stack = schema.Stack(name=draw(names), children=[inside])
    stack.source_range = span(draw(st.integers(0, 100)), length, rate)
    stack.markers.extend(draw(st.lists(markers(rate, 0), max_size=1)))
    return stack


@st.composite
def tracks(draw: Any, rate: Fraction, kind: str, deep: bool = True) -> Any:
    track = schema.Track(name=draw(names), kind=kind)
    track.enabled = draw(st.booleans())
    before = False  # whether a clip ends here
    for _ in range(draw(st.integers(1, 4))):
        length = draw(lengths)
        what = draw(st.sampled_from(["clip", "clip", "gap", "nested"]))
        if what == "gap" and before:
            fade_out(draw, track, rate, last=True)
        if what == "gap":
            gap = schema.Gap(source_range=span(0, length, rate))
            if len(track) and isinstance(track[-1], schema.Gap):
                continue
            track.append(gap)
        elif what == "nested" and deep and kind == "Video":
            track.append(draw(nested(rate, length)))
        else:
            fade_out(draw, track, rate, last=False)
            track.append(draw(clips(rate, length)))
        before = what != "gap"
    while len(track) and isinstance(track[-1], schema.Gap | schema.Transition):
        del track[-1]
    return track


def fade_out(draw: Any, track: Any, rate: Fraction, last: bool) -> None:
    """Perhaps a transition at the end of what stands on the track."""
    reach_in, reach_out = draw(st.tuples(st.integers(0, 20), st.integers(0, 20)))
    plain = len(track) and isinstance(track[-1], schema.Clip)
    empty = not len(track) or isinstance(track[-1], schema.Gap)
    stood = [child.duration().value for child in track if not isinstance(child, schema.Transition)]
    reach_in = 0 if empty else min(reach_in, int(sum(stood)))  # not before the timeline begins
    reach_out = 0 if last else reach_out
    if draw(st.booleans()) and reach_in + reach_out and (plain or (empty and not last)):
        track.append(
            schema.Transition(
                transition_type=schema.TransitionTypes.SMPTE_Dissolve,
                in_offset=time(reach_in, rate),
                out_offset=time(reach_out, rate),
            )
        )


@st.composite
def timelines(draw: Any) -> tuple[Any, Delivery]:
    rate = draw(st.sampled_from(RATES))
    start = draw(st.integers(0, 10**6))
    timeline = schema.Timeline(name=draw(names), global_start_time=time(start, rate))
    for kind in draw(st.lists(st.sampled_from(["Video", "Audio"]), min_size=1, max_size=3)):
        timeline.tracks.append(draw(tracks(rate, kind)))
    timeline.tracks.markers.extend(draw(st.lists(markers(rate, 0), max_size=3)))
    drop = rate.denominator == 1001 and draw(st.booleans())
    path = Path(tempfile.gettempdir()) / "round trip.xml"
    return timeline, Delivery(path=path, rate=rate, start_frames=start, drop_frame=drop)


def seconds(time: Any, rate: Fraction) -> Fraction:
    """Exact, for times whose rate is `rate`."""
    assert abs(time.rate - float(rate)) < 1e-9
    return Fraction(time.value) / rate


def facts(timeline: Any, rate: Fraction) -> list[Any]:
    """All that must come back, with record positions added up here."""
    ordered = sorted(timeline.tracks, key=lambda track: track.kind == "Audio")
    return [track_facts(track, rate) for track in ordered] + [
        [marker_facts(marker, rate) for marker in timeline.tracks.markers],
        timeline.name,
        seconds(timeline.global_start_time, rate),
    ]


def track_facts(track: Any, rate: Fraction) -> list[Any]:
    found: list[Any] = [track.name.strip(), track.kind, track.enabled]
    position = Fraction(0)
    for child in track:
        if isinstance(child, schema.Transition):
            reach = seconds(child.in_offset, rate), seconds(child.out_offset, rate)
            found.append(("fade", position, *reach))
            continue
        shown = child.trimmed_range()
        if not isinstance(child, schema.Gap):
            found.append(
                (
                    child.name, child.enabled, position, seconds(shown.start_time, rate),
                    seconds(shown.duration, rate),
                    [effect.time_scalar for effect in child.effects],
                    [marker_facts(marker, rate) for marker in child.markers],
                    [track_facts(one, rate) for one in child]
                    if isinstance(child, schema.Stack) else None,
                )
            )  # fmt: skip
        position += seconds(shown.duration, rate)
    return found


def marker_facts(marker: Any, rate: Fraction) -> tuple[Any, ...]:
    shown = marker.marked_range
    ends = seconds(shown.start_time, rate), seconds(shown.duration, rate)
    return marker.name, marker.comment, marker.color, *ends


def back(timeline: Any, delivery: Delivery) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """The sequence as read again, what was said to be lost, and what reading warns of."""
    written = write_fcp7(timeline, delivery)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.xml"
        path.write_bytes(written.data)
        found = read_fcp7(path)
    assert len(found.sequences) == 1
    return found.sequences[0], written.losses, found.warnings


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(timelines())
def test_everything_on_frames_comes_back_exactly(made: tuple[Any, Delivery]) -> None:
    timeline, delivery = made
    before = timeline.to_json_string()
    sequence, losses, warnings = back(timeline, delivery)
    assert timeline.to_json_string() == before
    assert [loss for loss in losses if not loss.startswith(SAID)] == []
    assert warnings == ()
    assert facts(sequence.timeline, delivery.rate) == facts(timeline, delivery.rate)
    assert sequence.rate[0] == delivery.rate
    assert sequence.drop_frame[0] == (delivery.drop_frame and delivery.rate.numerator % 30000 == 0)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(timelines(), st.data())
def test_what_is_between_frames_is_named_as_moved(
    made: tuple[Any, Delivery], data: st.DataObject
) -> None:
    timeline, delivery = made
    clips = [
        item
        for track in timeline.tracks
        for item in track
        if isinstance(item, schema.Clip) and not item.effects and not item.markers
    ]
    if not clips:
        return
    clip = data.draw(st.sampled_from(clips))
    old = clip.source_range
    off = data.draw(st.sampled_from([0, 0.25, 0.5]))
    clip.source_range = opentime.TimeRange(
        old.start_time + time(off, delivery.rate), old.duration + time(off, delivery.rate)
    )
    sequence, losses, _ = back(timeline, delivery)
    kinds = ("edits between frames", "sources between frames")
    assert any(loss.startswith(kinds) for loss in losses) == bool(off)
    for old_place, new_place in zip(
        places(timeline, delivery.rate), places(sequence.timeline, delivery.rate), strict=True
    ):
        moved = [abs(a - b) * delivery.rate for a, b in zip(old_place, new_place, strict=True)]
        assert max(moved) <= (1 if off else 0)


def places(timeline: Any, rate: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Record position and first source frame of every clip, in seconds."""
    return [
        (one[2], one[3])
        for track in facts(timeline, rate)[:-3]
        for one in track[3:]
        if one[0] != "fade"
    ]


@pytest.mark.parametrize("record", [24, Fraction(24000, 1001), 30])
@pytest.mark.parametrize("source", [15, 24, 25, Fraction(24000, 1001), 60, 48000])
def test_sources_of_other_rates_keep_their_time(record: Fraction, source: Fraction) -> None:
    rate, own = Fraction(record), Fraction(source)
    first, available = round(100 * own), round(3600 * own)
    clip = schema.Clip(
        name="c",
        media_reference=schema.ExternalReference(
            target_url="/m/a.mov", available_range=span(float(available), 9000, own)
        ),
        source_range=opentime.TimeRange(time(available + first, own), time(50, rate)),
    )
    timeline = schema.Timeline(name="x", global_start_time=time(0, rate))
    timeline.tracks.append(schema.Track(kind="Video", children=[clip]))
    delivery = Delivery(path=Path("/x.xml"), rate=rate, start_frames=0, drop_frame=False)
    sequence, _, warnings = back(timeline, delivery)
    [again] = sequence.timeline.tracks[0]
    shown, media = again.trimmed_range(), again.media_reference.available_range
    assert warnings == () and shown.duration.value == 50
    before = (shown.start_time - media.start_time).to_seconds()
    assert before == pytest.approx(float(first / own), abs=float(1 / rate) if own > 1000 else 1e-6)


@given(st.lists(st.tuples(lengths, st.booleans()), min_size=1, max_size=6), st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_ranges_of_tracks_and_of_the_whole_are_written_as_what_is_seen(
    pieces: list[tuple[int, bool]], cut: int
) -> None:
    rate = Fraction(25)
    track = schema.Track(name="V1", kind="Video")
    total = sum(length for length, _ in pieces)
    for index, (length, is_gap) in enumerate(pieces):
        track.append(
            schema.Gap(source_range=span(0, length, rate))
            if is_gap
            else schema.Clip(name=str(index), source_range=span(1000 * index, length, rate))
        )
    track.source_range = span(cut, max(1, total - cut), rate)
    timeline = schema.Timeline(name="x")
    timeline.tracks.append(track)
    seen: dict[tuple[int, int], tuple[str, int]] = {}
    position = -cut
    for index, (length, is_gap) in enumerate(pieces):
        start, end = max(0, position), min(position + length, max(1, total - cut))
        if not is_gap and end > start:
            seen[start, end] = (str(index), 1000 * index + start - position)
        position += length
    delivery = Delivery(path=Path("/x.xml"), rate=rate, start_frames=0, drop_frame=False)
    sequence, _, warnings = back(timeline, delivery)
    found: dict[tuple[int, int], tuple[str, int]] = {}
    position = 0
    for item in sequence.timeline.tracks[0]:
        shown = item.trimmed_range()
        length = int(shown.duration.value)
        if isinstance(item, schema.Clip):
            found[position, position + length] = (item.name, int(shown.start_time.value))
        position += length
    assert (found, warnings) == (seen, ())
