"""Timelines of pictures whose frames tell their numbers, and what is seen of them."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from coded_media import numbers, write_image, write_movie, write_sound
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.film.frames import read_frames
from otio_hpm.settings import MediaSettings, Missing
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Picture
from otio_hpm.timeline.visible import picture_under

BLACK = 0
HOUR = 86_400


def with_media(folder: Path) -> Path:
    """The folder, with movies a.mp4 and b.mp4; frames 0 are black, so shots of them start later."""
    for name in "ab":
        write_movie(folder / f"{name}.mp4", 200)
    write_movie(folder / "tc.mp4", 100, timecode="01:00:00:00")
    write_movie(folder / "film.mp4", 100, Fraction(24000, 1001))
    write_image(folder / "still.png", np.full((36, 64, 3), 200, np.uint8))
    write_image(folder / "A_title.png", np.full((36, 64, 3), 255, np.uint8))
    half = np.full((36, 64, 4), 255, np.uint8)
    half[..., 3] = 128
    write_image(folder / "overlay.png", half)
    write_sound(folder / "sound.wav")
    return folder


def span(start: float, duration: float, rate: float = 24) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(duration, rate))


def shot(media: str, start: float, duration: float, speed: float | None = None) -> schema.Clip:
    """A clip of a file whose first frame has source time 0."""
    reference = schema.ExternalReference(target_url=media, available_range=span(0, 200))
    effects = [] if speed is None else [schema.LinearTimeWarp(time_scalar=speed)]
    return schema.Clip(media, reference, span(start, duration), effects=effects)


def disabled(item: Any) -> Any:
    item.enabled = False
    return item


def gap(duration: float) -> schema.Gap:
    return schema.Gap(source_range=span(0, duration))


def track(*items: Any, **more: Any) -> schema.Track:
    made = schema.Track(kind=more.pop("kind", "Video"), **more)
    made.extend(items)
    return made


def dissolve(before: float, after: float) -> schema.Transition:
    return schema.Transition(
        transition_type="SMPTE_Dissolve",
        in_offset=RationalTime(before, 24),
        out_offset=RationalTime(after, 24),
    )


def cut_of(folder: Path, *tracks: Any, rate: Fraction = Fraction(24)) -> Cut:
    timeline = schema.Timeline("film")
    timeline.tracks.extend(tracks)
    return read(timeline, folder / "film.otio", rate)


def read(timeline: Any, path: Path, rate: Fraction) -> Cut:
    longest = timeline.tracks.duration()
    return Cut(
        timeline=timeline,
        path=path,
        rate=rate,
        rate_source="",
        start_frames=HOUR,
        drop_frame=False,
        drop_frame_source="",
        dialect="plain",
        duration_frames=round(Fraction(longest.value) / Fraction(longest.rate) * round(rate)),
    )


def look(cut: Cut, missing: Missing = "error", start: int = 0, end: int | None = None) -> Picture:
    finder = MediaFinder(cut.path.parent, MediaSettings())
    return picture_under(cut, start, cut.duration_frames if end is None else end, finder, missing)


def seen(cut: Cut, **how: Any) -> list[int]:
    """The number seen at every record frame."""
    return numbers(every(look(cut, **how), cut.rate))


def every(picture: Picture, rate: Fraction) -> np.ndarray:
    first, end = picture.spans[0].start_frames, picture.spans[-1].end_frames
    return read_frames(picture, first, end, rate, fps=math.ceil(rate))[: end - first]


def ramped(points: list[tuple[float, float]], start: float, **more: str) -> schema.Clip:
    """A clip of two seconds whose own time and media are tied as FCPXML ties them."""
    times = "".join(f'<timept time="{own}s" value="{value}s"/>' for own, value in points)
    made = shot("a.mp4", start, 48)
    made.metadata["fcpxml"] = {"timeMap": f"<timeMap>{times}</timeMap>", **more}
    return made


def remapped(points: list[tuple[int, int]], start: float) -> schema.Clip:
    """The same in frames, as xmeml does."""
    frames = [{"when": str(when), "value": str(value)} for when, value in points]
    parameters = [
        {"parameterid": "variablespeed", "value": "1"},
        {"parameterid": "speed", "value": "100"},
        {"parameterid": "graphdict", "keyframe": frames},
    ]
    made = shot("a.mp4", start, 48)
    made.effects.append(
        schema.Effect(metadata={"fcp_xml": {"effectid": "timeremap", "parameter": parameters}})
    )
    return made


def nest(*items: Any, start: float, duration: float, speed: float | None = None) -> schema.Stack:
    stack = schema.Stack("nest", source_range=span(start, duration))
    stack.append(track(*items))
    if speed is not None:
        stack.effects.append(schema.LinearTimeWarp(time_scalar=speed))
    return stack
