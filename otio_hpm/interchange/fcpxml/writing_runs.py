"""The connected items of a track: each by itself, or in a storyline where transitions join them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.writing_job import Job
from otio_hpm.interchange.fcpxml.writing_kept import facts
from otio_hpm.interchange.fcpxml.writing_layout import Cross, Lane, Slot, named
from otio_hpm.interchange.fcpxml.writing_sound import Fades
from otio_hpm.interchange.fcpxml.writing_times import Grid
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.unsaid import is_name


@dataclass(kw_only=True)
class Run:
    """Items side by side that are connected as one."""

    slots: list[Slot]
    crosses: list[Cross] = field(default_factory=list)
    fades: dict[int, Fades] = field(default_factory=dict)
    """Of sounds, by the identity of their item."""

    @property
    def is_storyline(self) -> bool:
        """Whether it needs a storyline of its own."""
        return len(self.slots) > 1 or bool(self.crosses)


def runs_of(job: Job, lane: Lane, absorbed: Collection[int], *, sound: bool) -> list[Run]:
    """The runs of a lane without its gaps and without items that are part of others.

    A transition between an item and nothing lies inside the item: of sound it is a fade, of
    picture a transition at the end of a storyline. A storyline is on whole frames.
    """
    there = [slot for slot in lane.slots if id(slot.item) not in absorbed]
    solid = [slot for slot in there if not slot.is_gap]
    ending = {slot.end_s: slot for slot in solid}
    starting = {slot.start_s: slot for slot in solid}
    runs: list[Run] = []
    for slot in there:
        cross = lane.cross_at(slot.start_s)
        crossed = cross is not None and slot.start_s in ending and not slot.is_gap
        goes_on = runs and runs[-1].slots[-1].end_s == slot.start_s
        if goes_on and (crossed or (not sound and _same_storyline(runs[-1].slots[-1], slot))):
            runs[-1].slots.append(slot)
            runs[-1].crosses += [cross] if cross is not None and crossed else []
        elif not slot.is_gap:
            runs.append(Run(slots=[slot]))
    for run in runs:
        while run.slots[-1].is_gap:
            run.slots.pop()
    _note_idle(job.losses, lane)
    for run in runs:
        for cross in _edges(lane, run, ending, starting):
            _add_edge(job.losses, run, cross, sound=sound)
    return [_on_frames(run, job.grid, job.losses) if run.is_storyline else run for run in runs]


def inside(
    losses: Losses, crosses: Iterable[Cross], start_s: Fraction, end_s: Fraction
) -> list[Cross]:
    """Transitions cut to the storyline that they are in."""
    found = []
    for cross in crosses:
        first_s, last_s = max(cross.start_s, start_s), min(cross.end_s, end_s)
        if (first_s, last_s) != (cross.start_s, cross.end_s):
            words = "Transitions are cut where nothing is before or after them"
            losses.add(words, named(cross.transition))
        if first_s < last_s:
            found.append(dataclasses.replace(cross, start_s=first_s, end_s=last_s))
    return found


def _same_storyline(one: Slot, other: Slot) -> bool:
    """Whether a file had both in one connected storyline."""
    number = facts(one.item).get("storyline")
    return isinstance(number, int) and number == facts(other.item).get("storyline")


def _note_idle(losses: Losses, lane: Lane) -> None:
    """Name the transitions between nothing and nothing."""
    edges = {time for slot in lane.slots if not slot.is_gap for time in (slot.start_s, slot.end_s)}
    for cross in lane.crosses:
        if cross.cut_s not in edges:
            words = "Transitions between nothing and nothing are left out"
            losses.add(words, named(cross.transition))


def _edges(
    lane: Lane, run: Run, ending: dict[Fraction, Slot], starting: dict[Fraction, Slot]
) -> Iterator[Cross]:
    """The transitions from nothing and to nothing."""
    first, last = run.slots[0], run.slots[-1]
    head, tail = lane.cross_at(first.start_s), lane.cross_at(last.end_s)
    if head is not None and first.start_s not in ending:
        yield head
    if tail is not None and last.end_s not in starting:
        yield tail


def _add_edge(losses: Losses, run: Run, cross: Cross, *, sound: bool) -> None:
    first, last = run.slots[0], run.slots[-1]
    at_head = cross.cut_s == first.start_s
    slot = first if at_head else last
    start_s, end_s = max(cross.start_s, slot.start_s), min(cross.end_s, slot.end_s)
    if (start_s, end_s) != (cross.start_s, cross.end_s):
        words = "Transitions with nothing are only as long as they are inside a clip"
        losses.add(words, named(cross.transition))
    if start_s >= end_s:
        return
    if not sound:
        inside = dataclasses.replace(cross, start_s=start_s, end_s=end_s)
        run.crosses.insert(0 if at_head else len(run.crosses), inside)
        return
    transition = cross.transition
    is_dissolve = transition.transition_type == schema.TransitionTypes.SMPTE_Dissolve
    if is_name(transition.name) or not is_dissolve:
        words = "Fades of sound have neither kinds nor names"
        losses.add(words, repr(transition.name or transition.transition_type))
    fades = run.fades.get(id(slot.item), Fades())
    length_s = end_s - start_s
    run.fades[id(slot.item)] = fades.beside(transition, length_s, at_head=at_head)


def _on_frames(run: Run, grid: Grid, losses: Losses) -> Run:
    """A storyline whose every time is on a frame boundary."""
    crosses = [
        dataclasses.replace(
            cross,
            cut_s=grid.snapped(cross.cut_s),
            start_s=grid.snapped(cross.start_s),
            end_s=grid.snapped(cross.end_s),
        )
        for cross in run.crosses
    ]
    slots = [_snapped(slot, grid, losses) for slot in run.slots]
    for old, new in zip(run.crosses, crosses, strict=True):
        if old != new:
            words = "Transitions of sound are moved to whole frames"
            losses.add(words, named(old.transition))
    return Run(
        slots=[slot for slot in slots if slot.length_s > 0],
        crosses=inside(losses, crosses, slots[0].start_s, slots[-1].end_s),
        fades=run.fades,
    )


def _snapped(slot: Slot, grid: Grid, losses: Losses) -> Slot:
    start_s, end_s = grid.snapped(slot.start_s), grid.snapped(slot.end_s)
    if (start_s, end_s) != (slot.start_s, slot.end_s):
        losses.add("Cuts between frames are moved to the nearest frame", _name(slot.item))
    return dataclasses.replace(slot, start_s=start_s, end_s=end_s)


def _name(item: Any) -> str:
    return repr(item.name)
