"""Laying out a track for an edit decision list: where each item stands, in whole frames."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from opentimelineio import exceptions, schema
from opentimelineio.opentime import RationalTime

from otio_hpm.errors import OutputError
from otio_hpm.interchange.edl_mixing import Mixer
from otio_hpm.interchange.edl_model import NEVER, Lane, Span
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import exact_rate, frame_s, nearest, seconds
from otio_hpm.timeline.tree import speed_of
from otio_hpm.timing import nominal


def lane_of(track: Any, stack: Any, rate: Fraction, losses: Losses) -> Lane:
    """The layout of a track of the timeline's `stack`, cut to the ranges that both may have.

    Raises OutputError for an item whose length is not known.
    """
    begins_s = [seconds(x.source_range.start_time) for x in (track, stack) if x.source_range]
    shift = -sum(begins_s, Fraction(0)) * rate
    spans, mixes = _raw(track, shift, rate, losses)
    first, last = _window(track, stack, shift, rate)
    seen = Mixer(rate, losses).mixed(spans, mixes)
    cut = [_cut(span, first, last, losses) for span in seen if span.start < last]
    kept = [span for span in cut if span.start < span.end]
    return Lane(track=track, kind=track.kind, spans=kept, shift=shift)


def source_frames(time: Any, rate: Fraction) -> Fraction:
    """A source time in frames of the list; rates that count alike (24, 23.976) share numbers."""
    own = exact_rate(time.rate) if time.rate > 0 else rate
    alike = nominal(own) == nominal(rate)
    return Fraction(time.value) if alike else seconds(time) * rate


def _raw(
    track: Any, shift: Fraction, rate: Fraction, losses: Losses
) -> tuple[list[Span], dict[int, Any]]:
    """Items as they stand, and transitions by the number of the item that they bring in."""
    spans: list[Span] = []
    mixes: dict[int, Any] = {}
    position = shift
    for child in track:
        if isinstance(child, schema.Transition):
            mixes[len(spans)] = child
            continue
        own = _own_range(child)
        end = position + seconds(own.duration) * rate
        spans.append(_span(child, own, (nearest(position), nearest(end)), rate, losses))
        position = end
    return spans, mixes


def _span(item: Any, own: Any, record: tuple[int, int], rate: Fraction, losses: Losses) -> Span:
    start, end = record
    speed, is_black = speed_of(item), isinstance(item, schema.Gap)
    if not is_black and start >= end:
        losses.add("clips shorter than a frame are left out", repr(item.name))
    if not is_black and not item.enabled:
        losses.add("disabled clips are left out", repr(item.name))
        item, speed = schema.Gap(), Fraction(1)
    return Span(
        item=item,
        start=start,
        end=end,
        first=start,
        last=end,
        source=source_frames(own.start_time, rate),
        speed=speed,
        frame=_frame(own, rate),
    )


def _frame(own: Any, rate: Fraction) -> Fraction:
    """One frame of an item's own time, in frames of the list."""
    own_s = frame_s(own)
    return source_frames(RationalTime(1, float(1 / own_s)), rate) if own_s else Fraction(1)


def _own_range(item: Any) -> Any:
    """The range of an item in its own time. Raises OutputError."""
    try:
        own = item.trimmed_range()
        if own.duration.value >= 0 and math.isfinite(own.duration.value + own.start_time.value):
            return own
    except exceptions.OTIOError:
        pass
    raise OutputError(
        f"{item.name!r} has no length: neither it nor its media states a range",
        hint="export the timeline again with media online",
    )


def _window(track: Any, stack: Any, shift: Fraction, rate: Fraction) -> tuple[int, int]:
    """Record frames between which a track is seen."""
    first, last = [Fraction(0)], [Fraction(NEVER)]
    if track.source_range:
        begin = shift + seconds(track.source_range.start_time) * rate
        first.append(begin)
        last.append(begin + seconds(track.source_range.duration) * rate)
    if stack.source_range:
        last.append(seconds(stack.source_range.duration) * rate)
    return nearest(max(first)), nearest(min(last))


def _cut(span: Span, first: int, last: int, losses: Losses) -> Span:
    """A span within the range that is seen."""
    mix = span.mix
    if mix and span.start < first:
        losses.add("transitions that the timeline's own range cuts are left out", span.item.name)
        mix = None
    end = min(last, span.end)
    tail = min(span.tail, last - end)
    return replace(span, start=max(first, span.start), end=end, mix=mix, tail=tail)
