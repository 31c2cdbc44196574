"""How long a timeline is, with every length on the way checked."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.exact import nearest, seconds


def duration_frames(timeline: Any, rate: Fraction) -> int:
    """Length of the longest track, in frames.

    One pass over the tree. Raises TimelineError naming the item whose length is negative, not a
    number, or not known.
    """
    return nearest(length_s(timeline.tracks) * rate)


def length_s(item: Any) -> Fraction:
    """Seconds that an item takes of its parent's time; raises TimelineError as above."""
    lengths = [length_s(child) for child in _children(item)]
    if item.source_range is not None:
        return _checked(item, item.source_range)
    if hasattr(item, "kind"):
        return sum(lengths, Fraction(0))
    if hasattr(item, "__iter__"):
        return max(lengths, default=Fraction(0))
    return _checked(item, _available(item))


def _children(item: Any) -> list[Any]:
    """What takes time inside an item: no transitions, which lie over their neighbours."""
    inside = item if hasattr(item, "__iter__") else ()
    return [child for child in inside if not child.overlapping()]


def _available(clip: Any) -> Any:
    """The range of a clip's media, for a clip that is not trimmed."""
    reference = getattr(clip, "media_reference", None)
    if reference is None or reference.available_range is None:
        raise TimelineError(
            f"{_named(clip)} has no length: neither it nor its media states a range",
            hint="export the timeline again with media online",
        )
    return reference.available_range


def _checked(item: Any, extent: Any) -> Fraction:
    start, duration = extent.start_time, extent.duration
    if not math.isfinite(start.value + start.rate + duration.value + duration.rate):
        raise TimelineError(f"{_named(item)} has a time that is not a number")
    length = seconds(duration)
    if length < 0:
        raise TimelineError(f"{_named(item)} has a negative length of {float(length):g} s")
    return length


def _named(item: Any) -> str:
    return f"{item.schema_name().lower()} {item.name!r}"
