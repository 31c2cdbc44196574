"""The clock of an element that is written: its own time, against its media's and the record's.

`conform-rate` and `timeMap` are written as Final Cut Pro writes them: the first where media of
another rate are played in step with the sequence, frame for frame, or are not; the second for
every other retime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.interchange.fcpxml.writing_times import Grid
from otio_hpm.timing import nominal

_SPEEDS = 10**6
"""Largest number below the line of a speed: a third is 1/3, and 0.999 is 999/1000."""
_SOURCE_RATES = {
    Fraction(24000, 1001): "23.98", Fraction(24): "24", Fraction(25): "25",
    Fraction(30000, 1001): "29.97", Fraction(30): "30", Fraction(60): "60",
    Fraction(48000, 1001): "47.95", Fraction(48): "48", Fraction(50): "50",
    Fraction(60000, 1001): "59.94",
}  # fmt: skip
_NEAR = Fraction(1, 20)
_SAME_S = Fraction(1, 10_000)
_FILM_RATES = (Fraction(24000, 1001), Fraction(48000, 1001))


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a clip shows of its media, and how fast."""

    first_s: Fraction
    """Media time at its in."""
    speed: Fraction
    """Seconds of media to a second of the record."""
    length_s: Fraction
    """What it takes of the record."""

    @property
    def used(self) -> tuple[Fraction, Fraction]:
        """The stretch of media that it shows, from the earlier to the later time."""
        ends = sorted((self.first_s, self.first_s + self.speed * self.length_s))
        return ends[0], ends[1]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """An element's own time."""

    start_s: Fraction
    """At its in."""
    pace: Fraction = Fraction(1)
    """Seconds of its own time to a second of the record."""
    first_s: Fraction
    """Media time at its in."""
    speed: Fraction = Fraction(1)
    """Seconds of media to a second of its own time; of a freeze frame, as if it ran on.

    Of a changing speed 1, as the reader has it: OTIO knows no such effect, so that its markers
    stand where they are seen.
    """
    timing: tuple[Any, ...] = ()
    """The elements that say so."""

    def of_record(self, after_s: Fraction) -> Fraction:
        """Its own time some time of the record after its in."""
        return self.start_s + after_s * self.pace

    def of_source(self, source_s: Fraction) -> Fraction:
        """Its own time at a time of its media."""
        return self.start_s + (source_s - self.first_s) / self.speed


def tame(speed: Fraction) -> Fraction:
    """The simple fraction that a float speed stands for."""
    return speed.limit_denominator(_SPEEDS)


def clock_of(
    source: Source,
    limits: tuple[Fraction, Fraction],
    media_rate: Fraction | None,
    grid: Grid,
    *,
    is_still: bool = False,
) -> Clock:
    """The clock of a clip of media that reach from one limit to the other, in seconds."""
    if is_still:
        return Clock(start_s=source.first_s, first_s=source.first_s)
    if source.speed == _in_step(media_rate, grid.rate):
        scaled: dict[str, str] = {}
    elif source.speed == 1:
        scaled = {"scaleEnabled": "0"}
    else:
        return _mapped(source, limits, grid)
    return Clock(
        start_s=source.first_s,
        pace=source.speed,
        first_s=source.first_s,
        timing=tuple(_conformed(media_rate, grid.rate, scaled)),
    )


def kept_clock(source: Source, time_map: Any, own_s: Fraction | None = None) -> Clock | None:
    """The clock of a clip whose kept `timeMap` is not even; None where it does not fit.

    `own_s` is its own time at its in as it was, which goes before where the map comes by again.
    """
    segments = list(pairwise(points_of(time_map)))
    for (own_a, source_a), (own_b, source_b) in segments:
        if own_s is None or not own_a <= own_s < own_b:
            continue
        speed = (source_b - source_a) / (own_b - own_a)
        if abs(source_a + (own_s - own_a) * speed - source.first_s) < _SAME_S:
            return Clock(start_s=own_s, first_s=source.first_s, timing=(time_map,))
    for (own_a, source_a), (own_b, source_b) in segments:
        low, high = sorted((source_a, source_b))
        if low <= source.first_s <= high and own_a < own_b and low < high:
            speed = (source_b - source_a) / (own_b - own_a)
            start_s = own_a + (source.first_s - source_a) / speed
            return Clock(start_s=start_s, first_s=source.first_s, timing=(time_map,))
    return None


def _in_step(media: Fraction | None, rate: Fraction) -> Fraction | None:
    """The speed at which Final Cut Pro plays media of another rate in step with a sequence."""
    if media not in _SOURCE_RATES or media is None or media == rate:
        return None
    if abs(media / rate - 1) < _NEAR:
        return rate / media
    return nominal(media) / media if media in _FILM_RATES else None


def _conformed(media: Fraction | None, rate: Fraction, scaled: Mapping[str, str]) -> Iterator[Any]:
    """The element that says how media of another rate run; of one that has no name, none."""
    if media is not None and media != rate and media in _SOURCE_RATES:
        yield etree.Element("conform-rate", {**scaled, "srcFrameRate": _SOURCE_RATES[media]})


def _mapped(source: Source, limits: tuple[Fraction, Fraction], grid: Grid) -> Clock:
    """A clock through a map of all the media, so that transitions have media to use."""
    speed = source.speed
    if speed == 0:
        points = [(source.first_s, source.first_s)]
        points.append((source.first_s + source.length_s, source.first_s))
        return Clock(start_s=source.first_s, first_s=source.first_s, timing=(_map(points, grid),))
    low, high = min(limits[0], source.used[0]), max(limits[1], source.used[1])
    if speed > 0:
        start_s, values = grid.snapped(source.first_s / speed), (low, high)
    else:
        start_s, values = grid.snapped((low + high - source.first_s) / -speed), (high, low)
    points = [(start_s + (value - source.first_s) / speed, value) for value in values]
    return Clock(start_s=start_s, first_s=source.first_s, speed=speed, timing=(_map(points, grid),))


def _map(points: list[tuple[Fraction, Fraction]], grid: Grid) -> Any:
    element = etree.Element("timeMap")
    for own_s, source_s in points:
        times = {"time": grid.text(own_s), "value": grid.text(source_s)}
        etree.SubElement(element, "timept", {**times, "interp": "linear"})
    return element


def points_of(time_map: Any) -> list[tuple[Fraction, Fraction]]:
    """Own and media time of the points of a `timeMap`; none of one that is damaged."""
    try:
        return [
            (parse_time(point.get("time") or ""), parse_time(point.get("value") or ""))
            for point in time_map.iterchildren("timept")
        ]
    except ValueError:
        return []
