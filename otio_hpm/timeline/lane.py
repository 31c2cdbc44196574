"""One track laid out: what stands where, and which neighbours a transition mixes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.exact import nearest, seconds


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An item and the track time of its in."""

    item: Any
    start_s: Fraction


@dataclass(frozen=True, kw_only=True)
class Event:
    """A stretch of track with one item, or with a transition between two."""

    start_s: Fraction
    end_s: Fraction
    item: Placed | None
    """The item; in a transition the incoming one, None at a track's end."""
    outgoing: Placed | None = None
    mix_start_s: Fraction = Fraction(0)
    mix_length_s: Fraction = Fraction(0)
    """Length of the transition; 0 where there is none."""


@dataclass(frozen=True)
class Lane:
    """The events of a track in order, without gap or overlap."""

    events: Sequence[Event]
    starts: Sequence[Fraction]

    def between(self, start_s: Fraction, end_s: Fraction) -> Iterator[Event]:
        """The events that a stretch of track time meets."""
        first = max(0, bisect_right(self.starts, start_s) - 1)
        for event in self.events[first : bisect_right(self.starts, end_s)]:
            if event.start_s < end_s and event.end_s > start_s:
                yield event


@lru_cache(maxsize=64)
def lane_of(track: Any, grid: Fraction | None) -> Lane:
    """A track's layout in its own time; edit points go to the nearest frame of rate `grid`.

    Kept, so that many cues on a long timeline lay it out once.
    """
    items: list[Placed] = []
    mixes: dict[int, Any] = {}
    position = Fraction(0)
    for child in track:
        if isinstance(child, schema.Transition):
            mixes[len(items)] = child
            continue
        items.append(Placed(item=child, start_s=_on_grid(position, grid)))
        position += duration_s(child)
    ends = [*(placed.start_s for placed in items[1:]), _on_grid(position, grid)]
    events = list(_events(items, ends, mixes))
    return Lane(events, [event.start_s for event in events])


def duration_s(item: Any) -> Fraction:
    """How much time of its track an item takes."""
    return seconds(item.duration())


def _on_grid(time_s: Fraction, grid: Fraction | None) -> Fraction:
    return time_s if grid is None else nearest(time_s * grid) / grid


def _events(
    items: Sequence[Placed], ends: Sequence[Fraction], mixes: dict[int, Any]
) -> Iterator[Event]:
    """Items and the transitions over their edit points; a transition never reaches another."""
    position = Fraction(0)
    for index in range(len(items) + 1):
        edit = items[index].start_s if index < len(items) else ends[-1] if items else position
        mix = mixes.get(index)
        before = items[index - 1] if index else None
        start = max(position, edit - seconds(mix.in_offset) if mix else edit)
        if before and start > position:
            yield Event(start_s=position, end_s=start, item=before)
        position = start
        if mix and (length := edit + seconds(mix.out_offset) - start) > 0:
            yield Event(
                start_s=start,
                end_s=start + length,
                item=items[index] if index < len(items) else None,
                outgoing=before,
                mix_start_s=start,
                mix_length_s=length,
            )
            position = start + length
