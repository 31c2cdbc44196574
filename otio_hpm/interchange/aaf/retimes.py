"""Changes of speed: `Motion Control` as Avid writes it, and AAF's own `Video Speed Control`.

Avid's map `PARAM_SPEED_OFFSET_MAP_U` gives the source frame shown at each record frame of the
effect; where it is a straight line, its slope is the speed. `SpeedRatio` (the length of the output
over that of the input) is rounded by Avid to what the source clip holds, so it comes second.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.mobs import exact, length_of, operation_of

OFFSET_MAP = "PARAM_SPEED_OFFSET_MAP_U"
VIDEO_REPEAT = "9d2ea891-0968-11d3-8a38-0050040ef7d2"
"""AUID of the operation that repeats its input."""
_CURVES = (OFFSET_MAP, "PARAM_OFFSET_MAP_U")
_RATIOS = ("SpeedRatio", "Speed Ratio")
_LARGEST_SPEED = 10_000


@dataclass(frozen=True, kw_only=True)
class Retime:
    """The speed of an operation group."""

    speed: Fraction | None
    """Source frames per record frame, 0 a still, negative backwards; None where it varies."""
    first_frame: Fraction = Fraction(0)
    """Frame of the input shown first."""
    curve: list[list[str]] = field(default_factory=list)
    """Of a varying one: record time and source frame, as rationals."""

    def effect(self, name: str, metadata: dict[str, Any]) -> Any:
        """The OTIO effect."""
        if self.speed is None:
            return schema.TimeEffect(
                name=name, effect_name=name, metadata={"AAF": {**metadata, "Curve": self.curve}}
            )
        if self.speed == 0:
            return schema.FreezeFrame(name=name, metadata={"AAF": metadata})
        return schema.LinearTimeWarp(
            name=name, time_scalar=float(self.speed), metadata={"AAF": metadata}
        )

    def source_offset(self, length: int) -> Fraction:
        """Frames from the input's first frame to the earliest one that is shown."""
        if self.speed is not None and self.speed < 0:
            return self.first_frame + 1 + self.speed * length
        return self.first_frame


def retime_of(group: Any) -> Retime | None:
    """The change of speed that an operation group makes; None where it makes none."""
    operation = operation_of(group)
    if not (operation.getvalue("IsTimeWarp") or operation.name == "Video Speed Control"):
        return None
    parameters = {parameter.name: parameter for parameter in group.getvalue("Parameters") or ()}
    for name in _CURVES:
        if name in parameters and "PointList" in parameters[name]:
            return _along(_points(parameters[name]))
    for name in _RATIOS:
        if name in parameters and "Value" in parameters[name]:
            return _by_ratio(exact(parameters[name].value), length_of(group))
    return Retime(speed=Fraction(0) if _repeats_a_frame(group) else None)


def _repeats_a_frame(group: Any) -> bool:
    """Whether an effect shows one frame again and again, as older Avid's `Repeat Control`."""
    inputs = group.getvalue("InputSegments") or []
    is_repeat = str(operation_of(group).auid).lower() == VIDEO_REPEAT
    return is_repeat and len(inputs) == 1 and length_of(inputs[0]) == 1


def _points(parameter: Any) -> list[tuple[Fraction, Fraction]]:
    return [
        (exact(point["Time"].value), exact(point["Value"].value))
        for point in parameter["PointList"].value
    ]


def _along(points: list[tuple[Fraction, Fraction]]) -> Retime:
    """The speed along a curve of source frames over record frames."""
    slopes = {
        (value - before) / (time - since)
        for (since, before), (time, value) in itertools.pairwise(points)
        if time != since
    }
    if len(slopes) != 1 or abs(next(iter(slopes))) > _LARGEST_SPEED:
        return Retime(speed=None, curve=[[str(time), str(value)] for time, value in points])
    speed = slopes.pop()
    return Retime(speed=speed, first_frame=points[0][1] - speed * points[0][0])


def _by_ratio(ratio: Fraction, length: int) -> Retime:
    """The speed by the ratio of output to input; a still has its own length as ratio."""
    if ratio == length and length > 1:
        return Retime(speed=Fraction(0))
    if ratio == 0 or abs(1 / ratio) > _LARGEST_SPEED:
        return Retime(speed=None)
    speed = 1 / ratio
    return Retime(speed=speed, first_frame=-1 - speed * length if speed < 0 else Fraction(0))
