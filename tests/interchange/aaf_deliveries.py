"""Timelines for AAF, what is written of them, and what is compared when it is read back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import opentimelineio as otio

from otio_hpm.interchange.aaf.sequences import ReadSequence, read_sequences
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.clip_source import reels
from otio_hpm.timeline.exact import seconds

NTSC = Fraction(30000, 1001)


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


def marker(name: str, start: int) -> Any:
    return SCHEMA.Marker(name, span(start, 0, NTSC))
