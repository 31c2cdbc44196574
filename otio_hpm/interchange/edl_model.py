"""The items of one track as an edit decision list has them: without overlap, in whole frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.exact import nearest

NEVER = 1 << 62
"""A record frame that no timeline reaches."""


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A transition at the beginning of a span."""

    edit: str
    """D, or W and three digits."""
    length: int
    """Frames."""
    before: int
    """Of these, frames before the edit point, where the two clips meet."""
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
    frame: Fraction = Fraction(1)
    """One frame of the item's own time, in frames of source time."""
    mix: Mix | None = None
    reach: int = 0
    """Record frames beyond `end` for which it is still seen in the next span's transition."""
    tail: int = 0
    """Of these, frames before the next span's edit point."""

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
    def edit(self) -> int:
        """Record frame of its edit point, where it takes the place of what is before it."""
        return self.start + (self.mix.before if self.mix else 0)

    @property
    def until(self) -> int:
        """Record frame of the next span's edit point, where that takes its place."""
        return self.end + self.tail

    @property
    def source_range(self) -> tuple[int, int]:
        """First source frame and one past the last, each the nearest; a frozen frame is one."""
        exact = self.source_at(self.start)
        start, end = nearest(exact), nearest(exact + abs(self.speed) * (self.end - self.start))
        return start, max(start + 1, end)

    def record_of(self, source: Fraction, duration: Fraction) -> Fraction:
        """Record frame at which a stretch of source time begins; a moment is one frame long."""
        pace = self.speed or Fraction(1)
        if pace > 0:
            return self.first + (source - self.source) / pace
        end = self.source - pace * (self.last - self.first)
        return self.first + (source + (duration or self.frame) - end) / pace


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
