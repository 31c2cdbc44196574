"""Speeds that change within a clip, from point to point: those that are kept of XML files.

OTIO has effects for constant speeds alone. FCPXML's `timeMap` and xmeml's `timeremap` stay in
metadata, of clips and of nested sequences; between their points the speed is taken as even, where
Final Cut Pro may smooth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcp7.source import changing_remap
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.lane import duration_s
from otio_hpm.timeline.tree import speed_of

_ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a clip that is played evenly."""

    start_s: Fraction
    """After the clip's in, in seconds of its track."""
    end_s: Fraction
    source_s: Fraction
    """Source time at its start, from that at the clip's in."""
    speed: Fraction
    """Seconds of source per second of track."""


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """How a clip of changing speed plays its media."""

    points: tuple[tuple[Fraction, Fraction], ...]
    """Seconds of track after the clip's in, and of source from that at its in; by the first."""

    def pieces(self, start_s: Fraction, end_s: Fraction) -> Iterator[Piece]:
        """A stretch of the clip in even pieces; before and after all points it is held."""
        inside = [at for at, _ in self.points if start_s < at < end_s]
        for first, last in pairwise((start_s, *inside, end_s)):
            source_s, later_s = self._source(first), self._source(last)
            speed = (later_s - source_s) / (last - first)
            yield Piece(start_s=first, end_s=last, source_s=source_s, speed=speed)

    def _source(self, at: Fraction) -> Fraction:
        if at <= self.points[0][0]:
            return self.points[0][1]
        for (x, y), (later, value) in pairwise(self.points):
            if at <= later:
                return y + (at - x) * (value - y) / (later - x)
        return self.points[-1][1]


def ramp_of(item: Any) -> Ramp | None:
    """The ramp of a clip or nested sequence.

    None for one of constant speed, and where what is kept does not fit.
    """
    warps = (effect for effect in item.effects if isinstance(effect, schema.LinearTimeWarp))
    if any(effect.enabled for effect in warps):
        return None
    return _of_time_map(item) or _of_remap(item)


def pieces_of(item: Any, start_s: Fraction, end_s: Fraction) -> Iterator[Piece]:
    """A stretch of a nested sequence in even pieces: one, unless it has a ramp."""
    if (ramp := ramp_of(item)) is not None:
        yield from ramp.pieces(start_s, end_s)
        return
    speed = speed_of(item)
    from_s = start_s if speed >= 0 else start_s - duration_s(item)  # backwards from its end
    yield Piece(start_s=start_s, end_s=end_s, source_s=from_s * speed, speed=speed)


def _of_time_map(item: Any) -> Ramp | None:
    """By the `timeMap` of an FCPXML file, whose clip is found by the source time at its in."""
    kept = item.metadata.get("fcpxml")
    text = kept.get("timeMap") if hasattr(kept, "get") else None
    own = item.source_range
    if not isinstance(text, str) or own is None:
        return None
    from lxml import etree

    from otio_hpm.interchange.fcpxml.writing_clock import Source, kept_clock, points_of
    from otio_hpm.interchange.fcpxml.writing_kept import origin_of, own_of

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        time_map = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    first_s = origin_of(item) + seconds(own.start_time)
    source = Source(first_s=first_s, speed=Fraction(1), length_s=seconds(own.duration))
    clock = kept_clock(source, time_map, own_of(item))
    if clock is None:
        return None
    return _ramp((at - clock.start_s, value - first_s) for at, value in points_of(time_map))


def _of_remap(item: Any) -> Ramp | None:
    """By the `timeremap` of an xmeml file, in frames of the clip's rate and of its media."""
    remap, own = changing_remap(item), item.source_range
    available = getattr(getattr(item, "media_reference", None), "available_range", None)
    if remap is None or own is None or own.start_time.rate <= 0:
        return None
    rate = exact_rate(own.start_time.rate)
    origin_s = seconds(available.start_time) if available is not None else _ZERO
    first = (seconds(own.start_time) - origin_s) * rate
    retimed = remap.retimed_frame(first)
    if retimed is None:
        return None
    return _ramp(((when - retimed) / rate, (value - first) / rate) for when, value in remap.graph)


def _ramp(points: Iterator[tuple[Fraction, Fraction]]) -> Ramp | None:
    """Points in order, each time once."""
    once: dict[Fraction, Fraction] = {}
    for at, source in points:
        once.setdefault(at, source)
    return Ramp(points=tuple(sorted(once.items()))) if len(once) > 1 else None
