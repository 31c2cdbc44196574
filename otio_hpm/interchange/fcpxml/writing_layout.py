"""Where the items of a track stand in record time, in exact seconds from its first frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.writing_times import Grid, expressible
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.extent import length_s


@dataclass(frozen=True, kw_only=True)
class Slot:
    """An item (clip, gap, stack or nested track) and what it takes of its track."""

    item: Any
    start_s: Fraction
    end_s: Fraction
    trimmed_s: Fraction = Fraction(0)
    """How much of its head is cut off by the range of what it is in, in the track's time."""

    @property
    def length_s(self) -> Fraction:
        """What it takes of record time."""
        return self.end_s - self.start_s

    @property
    def is_gap(self) -> bool:
        """Whether nothing is seen or heard there."""
        return isinstance(self.item, schema.Gap)


@dataclass(frozen=True, kw_only=True)
class Cross:
    """A transition and what it takes of its track, over a cut."""

    transition: Any
    cut_s: Fraction
    start_s: Fraction
    end_s: Fraction


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The content of one track."""

    track: Any
    slots: tuple[Slot, ...]
    """Side by side, each where the one before it ends, from 0 on."""
    crosses: tuple[Cross, ...]

    @property
    def end_s(self) -> Fraction:
        """Where its last item ends."""
        return self.slots[-1].end_s if self.slots else Fraction(0)

    def cross_at(self, cut_s: Fraction) -> Cross | None:
        """The transition over a cut."""
        return next((cross for cross in self.crosses if cross.cut_s == cut_s), None)

    def shown(self, window: Any) -> Lane:
        """What a TimeRange shows of it, counted from where that begins; all of it for None."""
        if window is None:
            return self
        first_s = seconds(window.start_time)
        last_s = first_s + seconds(window.duration)
        slots = [
            dataclasses.replace(
                slot,
                start_s=max(slot.start_s, first_s) - first_s,
                end_s=min(slot.end_s, last_s) - first_s,
                trimmed_s=slot.trimmed_s + max(first_s - slot.start_s, Fraction(0)),
            )
            for slot in self.slots
            if slot.start_s < last_s and slot.end_s > first_s
        ]
        crosses = [
            dataclasses.replace(
                cross,
                cut_s=cross.cut_s - first_s,
                start_s=cross.start_s - first_s,
                end_s=cross.end_s - first_s,
            )
            for cross in self.crosses
            if first_s <= cross.cut_s <= last_s
        ]
        return dataclasses.replace(self, slots=tuple(slots), crosses=tuple(crosses))

    def fitted(self, fit: Callable[[Fraction], Fraction]) -> Lane:
        """The same with every time moved to one that `fit` allows."""
        slots = [
            dataclasses.replace(slot, start_s=fit(slot.start_s), end_s=fit(slot.end_s))
            for slot in self.slots
        ]
        crosses = [
            dataclasses.replace(
                cross,
                cut_s=fit(cross.cut_s),
                start_s=fit(cross.start_s),
                end_s=fit(cross.end_s),
            )
            for cross in self.crosses
        ]
        return dataclasses.replace(
            self,
            slots=tuple(slot for slot in slots if slot.start_s < slot.end_s),
            crosses=tuple(cross for cross in crosses if cross.start_s < cross.end_s),
        )


def lane_of(track: Any, window: Any, grid: Grid, losses: Losses, *, whole_frames: bool) -> Lane:
    """The lane of a track in a stack that shows `window`; a child of no track is a lane of its own.

    Picture begins and ends on whole frames; sound where it is. Raises TimelineError for an item
    whose length is negative or not known.
    """
    is_track = isinstance(track, schema.Track)
    whole = _laid_out(track, list(track) if is_track else [track])
    exact = whole.shown(track.source_range if is_track else None).shown(window)
    lane = exact.fitted(grid.snapped if whole_frames else expressible)
    _note_changes(exact, lane, losses, whole_frames=whole_frames)
    return lane


def _laid_out(track: Any, children: list[Any]) -> Lane:
    slots: list[Slot] = []
    crosses: list[Cross] = []
    position_s = Fraction(0)
    for child in children:
        if isinstance(child, schema.Transition):
            before, after = seconds(child.in_offset), seconds(child.out_offset)
            crosses.append(
                Cross(
                    transition=child,
                    cut_s=position_s,
                    start_s=position_s - before,
                    end_s=position_s + after,
                )
            )
        else:
            end_s = position_s + length_s(child)
            slots.append(Slot(item=child, start_s=position_s, end_s=end_s))
            position_s = end_s
    return Lane(track=track, slots=tuple(slots), crosses=tuple(crosses))


def named(transition: Any) -> str:
    """A transition in words: its name, else the clip that it leads to or, at an end, from."""
    track = transition.parent()
    if transition.name or track is None:
        return repr(transition.name)
    before, after = track.neighbors_of(transition)
    beside = (item.name for item in (after, before) if item is not None and item.name)
    return next((f"one at {name!r}" for name in beside), "")


def _note_changes(exact: Lane, lane: Lane, losses: Losses, *, whole_frames: bool) -> None:
    """Say which items were moved or have become nothing."""
    placed = {id(slot.item): slot for slot in lane.slots}
    for slot in exact.slots:
        if slot.is_gap:
            continue
        now = placed.get(id(slot.item))
        if now is None:
            losses.add("Items without a duration are left out", repr(slot.item.name))
        elif whole_frames and (now.start_s, now.end_s) != (slot.start_s, slot.end_s):
            losses.add("Cuts between frames are moved to the nearest frame", repr(slot.item.name))
    crossed = {id(cross.transition) for cross in lane.crosses}
    for cross in exact.crosses:
        if id(cross.transition) not in crossed:
            losses.add("Transitions without a duration are left out", named(cross.transition))
