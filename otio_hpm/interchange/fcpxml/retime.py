"""Retimes: the way from a clip's own time to that of its media, and what OTIO calls it.

A `timeMap` gives pairs of a clip's own time and its media's. `conform-rate` says that media of
another frame rate are played in step with the sequence: 25 in 24 frame for frame, 23.98 in 50 as if
it were 24. Then the clip's own time is that of its media, and what the clip holds and where its
markers stand is stretched with it; its duration is not. (Observed in files of Final Cut Pro.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.document import Document, elements
from otio_hpm.timing import nominal, snap_rate

_NEAR = Fraction(1, 20)
_EVEN = Fraction(1, 10_000)
_FILM_RATES = (Fraction(24000, 1001), Fraction(48000, 1001))


@dataclass(frozen=True, kw_only=True)
class Retime:
    """How a clip plays its media."""

    own_s: Fraction = Fraction(0)
    """Some moment of the clip's own time,"""
    source_s: Fraction = Fraction(0)
    """and the media's time there."""
    speed: Fraction = Fraction(1)
    """Seconds of media to one of the clip's own time."""
    pace: Fraction = Fraction(1)
    """Seconds of the timeline to one of the clip's own time."""
    frames_alike: bool = False
    """Media times are frame numbers counted at the timeline's rate; no effect is needed."""
    even: bool = True
    """Whether the speed is the same all through."""

    def content(self, own_s: Fraction) -> Fraction:
        """What is inside at a moment of the clip's own time; frozen, as if it ran on."""
        return self.source_s + (own_s - self.own_s) * (self.speed or 1)

    def source(self, own_s: Fraction) -> Fraction:
        """The same as OTIO's source time."""
        return self.content(own_s) * (self.pace if self.frames_alike else 1)

    def start(self, own_s: Fraction, duration_s: Fraction) -> Fraction:
        """The earliest media time of a stretch; `duration_s` counts the timeline's seconds."""
        if self.speed >= 0:
            return self.source(own_s)
        return self.source(own_s + duration_s / self.pace)

    @property
    def effects(self) -> list[Any]:
        """As OTIO's effects."""
        if not self.speed:
            return [schema.FreezeFrame(name="Freeze Frame")]
        speed = self.speed if self.frames_alike else self.speed / self.pace
        return [] if speed == 1 else [schema.LinearTimeWarp(name="Speed", time_scalar=float(speed))]


def retime_of(
    document: Document, element: Any, own_s: Fraction, duration_s: Fraction, rate: Fraction | None
) -> Retime:
    """The retime of a clip that begins at `own_s` of its own time, in a sequence of `rate`."""
    time_map = element.find("timeMap")
    if time_map is not None:
        return _mapped(document, element, time_map, own_s, duration_s)
    conform = element.find("conform-rate")
    if conform is None or conform.get("scaleEnabled") == "0":
        return Retime()
    return _conformed(document, element, conform, rate)


def _conformed(document: Document, element: Any, conform: Any, rate: Fraction | None) -> Retime:
    media = snap_rate(conform.get("srcFrameRate") or "")
    if media is None or rate is None:
        document.warn(element, "has a conform-rate of unknown rates; it plays at its own speed")
        return Retime()
    if abs(media / rate - 1) < _NEAR:
        return Retime(pace=media / rate, frames_alike=nominal(media) == nominal(rate))
    if media in _FILM_RATES:
        return Retime(pace=media / nominal(media))
    document.warn(
        element,
        f"conforms {float(media):.5g} to {float(rate):.5g} frames per second in a way that is not "
        "known; it plays at its own speed",
    )
    return Retime()


def _mapped(
    document: Document, element: Any, time_map: Any, own_s: Fraction, duration_s: Fraction
) -> Retime:
    points = _points(document, time_map)
    if len(points) < 2:
        document.warn(element, "has a timeMap without two points; it plays at its own speed")
        return Retime()
    segments = list(pairwise(points))
    shown = [s for s in segments if s[0][0] < own_s + duration_s and s[1][0] > own_s]
    shown = shown or [segments[0] if own_s < points[0][0] else segments[-1]]
    speeds = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in shown]
    (first_own, first_source), _ = shown[0]
    if not any(speeds):
        return Retime(own_s=own_s, source_s=first_source, speed=Fraction(0))
    if max(speeds) - min(speeds) <= _EVEN:
        return Retime(own_s=first_own, source_s=first_source, speed=speeds[0])
    document.warn(
        element, "changes its speed; that is kept, and followed from point to point in pictures"
    )
    source_s = first_source + (own_s - first_own) * speeds[0]
    return Retime(own_s=own_s, source_s=source_s, even=False)


def _points(document: Document, time_map: Any) -> list[tuple[Fraction, Fraction]]:
    """Own and media time of each point, in order of own time, each own time once."""
    points: dict[Fraction, Fraction] = {}
    for point in elements(time_map):
        own, source = document.time(point, "time"), document.time(point, "value")
        if own is not None and source is not None:
            points.setdefault(own, source)
    return sorted(points.items())
