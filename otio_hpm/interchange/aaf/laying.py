"""Where items stand and how long they are: edits under transitions, lengths under effects."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.aaf.mobs import length_of
from otio_hpm.interchange.aaf.retimes import Retime
from otio_hpm.interchange.aaf.sources import moment
from otio_hpm.timeline.exact import rational


def laid_over_edits(found: list[Any], rate: Fraction) -> list[Any]:
    """Items cut to the edits of the transitions between them."""
    result = list(found)
    if result and isinstance(result[-1], schema.Transition):
        result.append(gap_of(0, rate))
    if result and isinstance(result[0], schema.Transition):
        result.insert(0, gap_of(0, rate))
    for before, item, after in zip(result, result[1:], result[2:], strict=False):
        if isinstance(item, schema.Transition):
            _trim(before, 0, item.out_offset.value)
            _trim(after, item.in_offset.value, 0)
    return result


def without_empty_gaps(items: list[Any]) -> list[Any]:
    """Without gaps of no length, unless two transitions would meet."""
    kept: list[Any] = []
    for index, item in enumerate(items):
        after = items[index + 1] if index + 1 < len(items) else None
        before = kept[-1] if kept else None
        empty = isinstance(item, schema.Gap) and item.source_range.duration.value <= 0
        between = isinstance(before, schema.Transition) and isinstance(after, schema.Transition)
        if not empty or between:
            kept.append(item)
    return kept


def single_clip(stack: Any) -> Any:
    """The one clip that a nested sequence is made of, trimmed as the nested one is; or None."""
    if len(stack) != 1 or len(stack[0]) != 1 or not isinstance(stack[0][0], schema.Clip):
        return None
    track = stack[0]
    clip = track[0].deepcopy()
    if any(hasattr(effect, "time_scalar") for effect in clip.effects):
        return None
    ahead = stack.source_range.start_time
    start = clip.source_range.start_time
    clip.source_range = opentime.TimeRange(
        start + ahead if ahead.value else start, stack.source_range.duration
    )
    clip.effects.extend(effect.deepcopy() for effect in track.effects)
    return clip


def as_long(item: Any, group: Any, rate: Fraction, retime: Retime | None = None) -> Any:
    """An item as long as the effect over it, which for a change of speed is not its own length."""
    length = length_of(group)
    start = item.source_range.start_time
    offset = retime.source_offset(length) if retime else Fraction(0)
    if offset:
        start = start + rational(offset, rate)
    item.source_range = opentime.TimeRange(start, opentime.RationalTime(length, float(rate)))
    return item


def stack_of(name: str, tracks: list[Any], length: int, rate: Fraction) -> Any:
    """A nested sequence, counted from its beginning."""
    return schema.Stack(
        name=name, children=tracks, source_range=range_of(Fraction(0), length, rate)
    )


def gap_of(length: int, rate: Fraction) -> Any:
    """A gap of some edit units."""
    return schema.Gap(source_range=range_of(Fraction(0), length, rate))


def range_of(start_s: Fraction, length: int, rate: Fraction) -> Any:
    """A range that is some edit units long. Raises ValueError for a negative length."""
    if length < 0:
        raise ValueError(f"a length of {length}")
    return opentime.TimeRange(moment(start_s, rate), opentime.RationalTime(length, float(rate)))


def _trim(item: Any, head: float, tail: float) -> None:
    """Shorten an item on its track; what it shows at the moments that stay is the same."""
    if isinstance(item, schema.Transition):
        return
    extent = item.source_range
    speed = next((e.time_scalar for e in item.effects if hasattr(e, "time_scalar")), 1.0)
    cut = head * speed if speed >= 0 else -tail * speed
    rate = extent.duration.rate
    start = extent.start_time
    if cut:
        start = start + opentime.RationalTime(cut, rate)
    length = max(0.0, extent.duration.value - head - tail)
    item.source_range = opentime.TimeRange(start, opentime.RationalTime(length, rate))
