"""Retimes: the Time Remap filter, which maps a clip's retimed frames to frames of its media.

`in` and `out` of a retimed clip count retimed frames, so that they are as far apart as the clip is
long on its track; the filter's `graphdict` has the media's frame (`value`) for some of them
(`when`). Where there is no graph, frames are the speed times as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from otio_hpm.interchange.fcp7.kept import add
from otio_hpm.interchange.fcp7.values import flag, number, parse_number, text

EFFECT_ID = "timeremap"

_BARE_FACTOR = 10
"""Hiero writes the speed as a factor, and without the parameter's bounds: 0.25, where others write
25 with bounds from -100000 to 100000. Up to this a bare speed is a factor."""


@dataclass(frozen=True, kw_only=True)
class Remap:
    """A constant or changing speed. Frames are those of the clip's own rate."""

    speed: Fraction | None
    """Media frames per retimed frame, negative backwards; None where it changes."""
    graph: tuple[tuple[Fraction, Fraction], ...]
    """Retimed frame and media frame (counted from the first), by retimed frame."""
    is_factor: bool = False
    """Whether the file gives the speed as a factor, which only Hiero does."""

    def media_frame(self, retimed: Fraction) -> Fraction | None:
        """The media frame that the graph has at a retimed frame."""
        return _along(self.graph, retimed)

    def speed_between(self, start: Fraction, end: Fraction) -> Fraction | None:
        """The speed from one retimed frame to another, or None where it changes between them."""
        if self.speed is not None:
            return self.speed
        first, last = self.media_frame(start), self.media_frame(end)
        if first is None or last is None or end <= start:
            return None
        even = (last - first) / (end - start)
        inside = [(when, value) for when, value in self.graph if start < when < end]
        off = (abs(first + (when - start) * even - value) for when, value in inside)
        return even if all(distance <= 1 for distance in off) else None

    def retimed_frame(self, media: Fraction) -> Fraction | None:
        """The first retimed frame at which the graph reaches a media frame."""
        for (when, value), (later, next_value) in pairwise(self.graph):
            low, high = sorted((value, next_value))
            if low <= media <= high and value != next_value:
                return when + (media - value) * (later - when) / (next_value - value)
        return None


def remap_of(effect: Element) -> Remap | None:
    """What an `<effect>` does to time; None for one that is no remap or says no speed."""
    if text(effect, "effectid").casefold() != EFFECT_ID:
        return None
    parameters = {_id(one): one for one in effect.iterfind("parameter")}
    graph = _graph(parameters.get("graphdict"))
    if flag(_value(parameters, "variablespeed"), False):
        return Remap(speed=None, graph=graph) if graph else None
    said = parse_number(_value(parameters, "speed"))
    if said is None:
        return None
    bare = "variablespeed" not in parameters and parameters["speed"].find("valuemax") is None
    is_factor = bare and abs(said) <= _BARE_FACTOR
    speed = said if is_factor else said / 100
    backwards = flag(_value(parameters, "reverse"), False)
    return Remap(speed=-abs(speed) if backwards else speed, graph=graph, is_factor=is_factor)


def remap_filter(
    speed: float, in_frames: int, length_frames: int, lowest_media_frame: int
) -> Element:
    """The `<filter>` of a constant speed.

    `lowest_media_frame` is the first frame of the media, counted from 0, that the clip shows, or
    backwards the last; the graph tells it exactly, where the speed times `in_frames` is rounded.
    """
    found = Element("filter")
    effect = add(found, "effect")
    for tag, value in (
        ("name", "Time Remap"), ("effectid", EFFECT_ID), ("effectcategory", "motion"),
        ("effecttype", "motion"), ("mediatype", "video"),
    ):  # fmt: skip
        add(effect, tag, value)
    percent = abs(Decimal(repr(speed)) * 100)
    _parameter(effect, "variablespeed", "0", ("0", "1"))
    _parameter(effect, "speed", format(percent, "f"), ("-100000", "100000"))
    _parameter(effect, "reverse", "TRUE" if speed < 0 else "FALSE")
    _parameter(effect, "frameblending", "FALSE")
    highest = round(lowest_media_frame + abs(Fraction(speed)) * length_frames)
    ends = (lowest_media_frame, highest) if speed >= 0 else (highest, lowest_media_frame)
    graph = _parameter(effect, "graphdict", "0", ("0", str(highest)))
    for when, media, edge in (
        (in_frames, ends[0], "speedkfin"),
        (in_frames + length_frames, ends[1], "speedkfout"),
    ):
        keyframe = add(graph, "keyframe")
        add(keyframe, "when", when)
        add(keyframe, "value", media)
        add(keyframe, "speedvirtualkf", True)
        add(keyframe, edge, True)
    add(add(graph, "interpolation"), "name", "FCPCurve")
    return found


def _parameter(effect: Element, name: str, value: str, bounds: tuple[str, ...] = ()) -> Element:
    parameter = add(effect, "parameter")
    parameter.set("authoringApp", "PremierePro")
    add(parameter, "parameterid", name)
    add(parameter, "name", name)
    for tag, bound in zip(("valuemin", "valuemax"), bounds, strict=False):
        add(parameter, tag, bound)
    add(parameter, "value", value)
    return parameter


def _id(parameter: Element) -> str:
    return (text(parameter, "parameterid") or text(parameter, "name")).casefold()


def _value(parameters: dict[str, Element], name: str) -> str:
    return text(parameters[name], "value") if name in parameters else ""


def _graph(parameter: Element | None) -> tuple[tuple[Fraction, Fraction], ...]:
    keyframes = () if parameter is None else parameter.iterfind("keyframe")
    found = {number(one, "when"): number(one, "value") for one in keyframes}
    points = [(when, value) for when, value in found.items() if None not in (when, value)]
    return tuple(sorted(points)) if len(points) > 1 else ()  # type: ignore[arg-type]


def _along(points: tuple[tuple[Fraction, Fraction], ...], at: Fraction) -> Fraction | None:
    """The value of a line through points, going on straight beyond its ends."""
    if not points:
        return None
    pairs = list(pairwise(points))
    (x, y), (later, value) = next((pair for pair in pairs if at <= pair[1][0]), pairs[-1])
    return y + (at - x) * (value - y) / (later - x)
