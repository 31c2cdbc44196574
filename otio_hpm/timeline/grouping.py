"""Which marks belong to one cue, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from otio_hpm.errors import MarkError
from otio_hpm.timeline.marked import MarkedRange
from otio_hpm.timeline.marks import describe
from otio_hpm.timeline.shots import VisibleShots

_OF_THE_MARK = ("cue", "range")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A cue before it has its number, options and shots."""

    start_frames: int
    end_frames: int
    number: str | None = None
    """What `cue=` says."""
    earlier_number: str | None = None
    """What an earlier scoring called it."""
    marks: tuple[MarkedRange, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    """Settings of all its marks together."""


def group_marks(found: Sequence[MarkedRange], visible: VisibleShots) -> list[Draft]:
    """One draft for each cue= and for each range without one, in record order.

    A mark without cue= joins the cue of a mark with the same range. Raises MarkError for a cue
    whose shots are not neighbours, and for settings that contradict each other.
    """
    groups: dict[Any, list[MarkedRange]] = {}
    of_range: dict[tuple[int, int], Any] = {}
    ordered = sorted(found, key=lambda marked: (marked.start_frames, marked.end_frames))
    for marked in sorted(ordered, key=lambda marked: "cue" not in marked.values):
        where = (marked.start_frames, marked.end_frames)
        number = marked.values.get("cue")
        key = number.casefold() if number is not None else of_range.get(where, where)
        of_range.setdefault(where, key)
        groups.setdefault(key, []).append(marked)
    drafts = [_draft(group, visible) for group in groups.values()]
    return sorted(drafts, key=lambda draft: (draft.start_frames, draft.end_frames))


def _draft(group: Sequence[MarkedRange], visible: VisibleShots) -> Draft:
    marks = sorted(
        group, key=lambda one: (one.start_frames, one.end_frames, one.mark.record_frames)
    )
    reach = marks[0]
    for marked in marks[1:]:
        if marked.start_frames > reach.end_frames and visible.under(
            reach.end_frames, marked.start_frames
        ):
            raise MarkError(
                f"{describe(reach.mark)} and {describe(marked.mark)}: both say "
                f"cue={marked.values['cue']}, but other shots lie between theirs",
                hint="Mark the shots between as well, or give one of them another cue number.",
            )
        reach = max(reach, marked, key=lambda one: one.end_frames)
    return Draft(
        start_frames=marks[0].start_frames,
        end_frames=reach.end_frames,
        number=next((one.values["cue"] for one in marks if "cue" in one.values), None),
        earlier_number=next((one.earlier_number for one in marks if one.earlier_number), None),
        marks=tuple(marks),
        values=_together(marks),
    )


def _together(marks: Sequence[MarkedRange]) -> dict[str, Any]:
    said_by: dict[str, MarkedRange] = {}
    for marked in marks:
        for key in marked.values.keys() - set(_OF_THE_MARK):
            first = said_by.setdefault(key, marked)
            if first.values[key] != marked.values[key]:
                raise MarkError(
                    f"{describe(first.mark)} and {describe(marked.mark)}: they make one cue, but "
                    f"say {key}={first.mark.settings[key]} and {key}={marked.mark.settings[key]}",
                    hint=f"Leave {key}= in one of them.",
                )
    return {key: marked.values[key] for key, marked in said_by.items()}
