"""The items of one track as an edit decision list has them: without overlap, in whole frames.

A transition begins an event: what comes in reaches back to where the transition begins, and what
goes out ends there, as in the published adapter. What fades out goes to an event of black.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from opentimelineio import exceptions, schema

from otio_hpm.errors import OutputError
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import exact_rate, nearest, seconds
from otio_hpm.timing import nominal

_NEVER = 1 << 62
"""A record frame that no timeline reaches."""


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A transition at the beginning of a span."""

    edit: str
    """D, or W and three digits."""
    length: int
    """Frames."""
    outgoing: Span | None
    """What it comes from; None for black."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """One item on a track. Record frames count from the timeline's first frame."""

    item: Any
    """A clip, a nested composition, or a gap."""
    start: int
    end: int
    first: int
    """Record frame at which the item's own range begins; before `start` where it is trimmed."""
    last: int
    """Record frame at which the item's own range ends."""
    source: Fraction
    """Where that range begins, in frames of source time."""
    speed: Fraction
    """Source frames per record frame; 0 is frozen."""
    mix: Mix | None = None
    reach: int = 0
    """Record frames beyond `end` for which it is still seen in the next span's transition."""

    @property
    def is_black(self) -> bool:
        """Whether nothing is seen or heard in it."""
        return isinstance(self.item, schema.Gap)

    def source_at(self, record: int) -> Fraction:
        """Source frame at which a stretch begins that begins at a record frame.

        Backwards that is the lowest frame of this span, wherever it begins.
        """
        if self.speed >= 0:
            return self.source + (record - self.first) * self.speed
        return self.source - (self.last - self.end) * self.speed

    @property
    def source_range(self) -> tuple[int, int]:
        """First source frame and one past the last, whole; a frozen frame is one."""
        start = nearest(self.source_at(self.start))
        return start, start + max(1, nearest(abs(self.speed) * (self.end - self.start)))

    def record_of(self, source: Fraction, duration: Fraction) -> Fraction:
        """Record frame at which a stretch of source time begins; a moment is one frame long."""
        pace = self.speed or Fraction(1)
        if pace > 0:
            return self.first + (source - self.source) / pace
        end = self.source - pace * (self.last - self.first)
        return self.first + (source + (duration or 1) - end) / pace


@dataclass(kw_only=True)
class Lane:
    """A track laid out."""

    track: Any
    kind: str
    """Video or Audio."""
    spans: list[Span] = field(default_factory=list)
    """In record order, gaps among them."""
    shift: Fraction = Fraction(0)
    """Record frame at which the track's own time is 0."""

    @property
    def seen(self) -> list[Span]:
        """The spans that become events."""
        return [s for s in self.spans if not s.is_black or s.mix]


def lane_of(track: Any, stack: Any, rate: Fraction, losses: Losses) -> Lane:
    """The layout of a track of the timeline's `stack`, cut to the ranges that both may have.

    Raises OutputError for an item whose length is not known.
    """
    begins_s = [seconds(x.source_range.start_time) for x in (track, stack) if x.source_range]
    shift = -sum(begins_s, Fraction(0)) * rate
    spans, mixes = _raw(track, shift, rate, losses)
    first, last = _window(track, stack, shift, rate)
    seen = _Mixer(rate, losses).mixed(spans, mixes)
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
    speed, is_black = _speed_of(item), isinstance(item, schema.Gap)
    if not is_black and start >= end:
        losses.add("clips shorter than a frame are left out", repr(item.name))
    if not is_black and not item.enabled:
        losses.add("disabled clips are left out", repr(item.name))
        item, speed = schema.Gap(), Fraction(1)
    source = source_frames(own.start_time, rate)
    return Span(item=item, start=start, end=end, first=start, last=end, source=source, speed=speed)


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


def _speed_of(item: Any) -> Fraction:
    """Source time per record time, from the linear retimes of an item."""
    speed = Fraction(1)
    for effect in item.effects:
        is_linear = isinstance(effect, schema.LinearTimeWarp) and effect.enabled
        if is_linear and math.isfinite(effect.time_scalar):
            speed *= Fraction(effect.time_scalar)
    return speed


def _window(track: Any, stack: Any, shift: Fraction, rate: Fraction) -> tuple[int, int]:
    """Record frames between which a track is seen."""
    first, last = [Fraction(0)], [Fraction(_NEVER)]
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
    return replace(span, start=max(first, span.start), end=min(last, span.end), mix=mix)


class _Mixer:
    """Settles who gives way to whom where a transition stands."""

    def __init__(self, rate: Fraction, losses: Losses) -> None:
        self._rate = rate
        self._losses = losses

    def mixed(self, spans: list[Span], mixes: dict[int, Any]) -> Iterator[Span]:
        """The spans with their transitions; a fade to nothing becomes a span of black."""
        if not spans:
            return
        end = spans[-1].end
        rest = replace(spans[-1], item=schema.Gap(), start=end, end=_NEVER, speed=Fraction(1))
        free = spans[0].start  # what stands before here is settled
        waiting: Span | None = None
        for index, span in enumerate([*spans, rest]):
            before, after = self._reach(mixes.get(index), waiting, span, free)
            if waiting:
                waiting = replace(waiting, end=waiting.end - before, reach=before + after)
                yield waiting
            mix = self._mix(mixes.get(index), before + after, waiting)
            free = span.start + after
            waiting = replace(span, start=span.start - before, mix=mix)
            if mix and span.is_black:  # black as long as the fade, then the rest of the gap
                yield replace(waiting, end=free)
                waiting = replace(span, start=free)

    def _reach(self, transition: Any, left: Span | None, right: Span, free: int) -> tuple[int, int]:
        """Frames of a transition before and after its edit point, as far as there is room."""
        if transition is None or ((left is None or left.is_black) and right.is_black):
            return 0, 0
        wanted = self._frames(transition.in_offset), self._frames(transition.out_offset)
        before = min(wanted[0], right.start - free)
        after = min(wanted[1], right.end - right.start)
        if (before, after) != wanted:
            named = right if left is None or right.item.name else left
            words = "transitions longer than what they join are shortened"
            self._losses.add(words, repr(named.item.name))
        return before, after

    def _mix(self, transition: Any, length: int, left: Span | None) -> Mix | None:
        if not length:
            return None
        kept = transition.metadata.get("cmx_3600")
        edit = str(kept.get("transition")) if isinstance(kept, Mapping) else ""
        is_wipe = re.fullmatch(r"W\d{3}", edit) is not None
        if not is_wipe and transition.transition_type != schema.TransitionTypes.SMPTE_Dissolve:
            self._losses.add("transitions of another kind become dissolves", transition.name)
        return Mix(
            edit=edit if is_wipe else "D",
            length=length,
            outgoing=left if left and not left.is_black else None,
        )

    def _frames(self, offset: Any) -> int:
        exact = seconds(offset) * self._rate
        if exact.denominator != 1:
            self._losses.add("transitions and fades are rounded to whole frames")
        return max(0, nearest(exact))
