"""Timelines that are drawn at random for AAF."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio
from aaf_deliveries import NTSC, SCHEMA, clip, fade, span
from hypothesis import strategies as st

RATES = st.sampled_from(
    [(Fraction(24), False), (Fraction(24000, 1001), False), (Fraction(25), False), (NTSC, True)]
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
