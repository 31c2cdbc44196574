"""Tracks of OTIO as slots of a composition: clips, gaps, transitions, retimes, nested sequences.

Positions are rounded to frames, never lengths, so that nothing drifts. A transition overlaps its
neighbours, which are written longer by what it needs; fades stand against filler, as Avid has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.definitions import (
    AUDIO_DISSOLVE,
    LEVEL,
    VIDEO_DISSOLVE,
    Definitions,
)
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import nearest, seconds


@dataclass(kw_only=True)
class Span:
    """One item on a track, in frames."""

    item: Any
    """None for filler beyond the ends of the track."""
    start: int
    end: int
    head: int = 0
    """Frames before its start that a transition needs."""
    tail: int = 0

    @property
    def length(self) -> int:
        """With what its transitions need."""
        return self.end - self.start + self.head + self.tail


@dataclass(frozen=True, kw_only=True)
class Fade:
    """A transition, in frames."""

    item: Any
    before: int
    """Frames before the edit."""
    after: int


def spans_of(track: Any, rate: Fraction, losses: Losses, where: str) -> list[Span | Fade]:
    """Items and transitions of a track in record order, with filler beside outer transitions."""
    found = list(_walked(track, rate, losses, where))
    if found and isinstance(found[-1], Fade):
        end = next(one.end for one in reversed(found) if isinstance(one, Span))
        found.append(Span(item=None, start=end, end=end))
    if found and isinstance(found[0], Fade):
        found.insert(0, Span(item=None, start=0, end=0))
    return _fitted(found, losses, where)


def transition(file: Any, definitions: Definitions, fade: Fade, kind: str) -> Any:
    """A dissolve, of picture or of sound."""
    length = fade.before + fade.after
    operation = VIDEO_DISSOLVE if kind == "picture" else AUDIO_DISSOLVE
    made = file.create.Transition(media_kind=kind, length=length)
    group = definitions.group(operation, length)
    definitions.set_line(group, LEVEL, [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))])
    made["OperationGroup"].value = group
    made["CutPoint"].value = fade.before
    return made


def _walked(track: Any, rate: Fraction, losses: Losses, where: str) -> Iterator[Span | Fade]:
    position_s = Fraction(0)
    for child in track:
        if isinstance(child, schema.Transition):
            yield _fade(child, rate, losses, where)
            continue
        start_s, position_s = position_s, position_s + seconds(child.duration())
        if (position_s * rate).denominator != 1:
            losses.add("edits that are on no frame are moved to the nearest one", where)
        yield Span(item=child, start=nearest(start_s * rate), end=nearest(position_s * rate))


def _fade(child: Any, rate: Fraction, losses: Losses, where: str) -> Fade:
    before, after = (_frames(t, rate) for t in (child.in_offset, child.out_offset))
    exact = seconds(child.in_offset) * rate, seconds(child.out_offset) * rate
    if exact != (Fraction(before), Fraction(after)):
        losses.add("fades are whole frames long, and at least one", where)
    if child.transition_type != schema.TransitionTypes.SMPTE_Dissolve:
        losses.add("transitions that are no dissolves become dissolves", where)
    return Fade(item=child, before=before, after=after)


def _frames(offset: Any, rate: Fraction) -> int:
    length = max(Fraction(0), seconds(offset) * rate)
    return max(1, nearest(length)) if length else 0


def _fitted(found: list[Span | Fade], losses: Losses, where: str) -> list[Span | Fade]:
    """With each transition cut to what the items beside it have room for; none of no length."""
    result: list[Span | Fade] = []
    free: dict[int, int] = {}
    for index, one in enumerate(found):
        if isinstance(one, Span):
            free.setdefault(index, one.end - one.start)
            result.append(one)
            continue
        left = found[index - 1]
        right = found[index + 1]
        if not isinstance(left, Span) or not isinstance(right, Span):
            losses.add("transitions that stand beside another are left out", where)
            continue
        room = free.get(index - 1, 0), right.end - right.start
        before, after = min(one.before, room[0]), min(one.after, room[1])
        if (before, after) != (one.before, one.after):
            losses.add("transitions longer than the clips beside them are shortened", where)
        if before + after:
            left.tail, right.head = after, before
            free[index + 1] = right.end - right.start - after
            result.append(Fade(item=one.item, before=before, after=after))
    return result
