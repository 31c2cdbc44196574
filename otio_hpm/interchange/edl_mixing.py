"""Transitions as an edit decision list has them: each begins an event.

What comes in reaches back to where the transition begins, and what goes out ends there, as in the
published adapter. What fades out goes to an event of black. Whatever goes out keeps a frame before
its transition, because an event that is shorter than that is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.edl_model import NEVER, Mix, Span
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import nearest, seconds
from otio_hpm.timeline.fades import is_as_written


class Mixer:
    """Settles who gives way to whom where a transition stands."""

    def __init__(self, rate: Fraction, losses: Losses) -> None:
        self._rate = rate
        self._losses = losses

    def mixed(self, spans: list[Span], mixes: dict[int, Any]) -> Iterator[Span]:
        """The spans with their transitions; a fade to nothing becomes a span of black."""
        if not spans:
            return
        end = spans[-1].end
        rest = replace(spans[-1], item=schema.Gap(), start=end, end=NEVER, speed=Fraction(1))
        free = spans[0].start  # what stands before here is settled
        waiting: Span | None = None
        for index, span in enumerate([*spans, rest]):
            before, after = self._reach(mixes.get(index), waiting, span, free)
            if waiting:
                reach = before + after
                waiting = replace(waiting, end=waiting.end - before, reach=reach, tail=before)
                yield waiting
            mix = self._mix(mixes.get(index), before, after, waiting)
            free = span.start + after
            waiting = replace(span, start=span.start - before, mix=mix)
            if mix and span.is_black:  # black as long as the fade, then the rest of the gap
                yield replace(waiting, end=free)
                waiting = replace(span, start=free)

    def _reach(self, transition: Any, left: Span | None, right: Span, free: int) -> tuple[int, int]:
        """Frames of a transition before and after its edit point, as far as there is room."""
        if transition is None or ((left is None or left.is_black) and right.is_black):
            return 0, 0
        wanted = self._frames(transition, "in_offset"), self._frames(transition, "out_offset")
        least = free if left is None or left.is_black else max(free, left.start + 1)
        before = max(0, min(wanted[0], right.start - least))
        after = min(wanted[1], right.end - right.start)
        if (before, after) != wanted:
            named = right if left is None or right.item.name else left
            words = "transitions longer than what they join are shortened"
            self._losses.add(words, repr(named.item.name))
        return before, after

    def _mix(self, transition: Any, before: int, after: int, left: Span | None) -> Mix | None:
        if not before + after:
            return None
        kept = transition.metadata.get("cmx_3600")
        edit = str(kept.get("transition")) if isinstance(kept, Mapping) else ""
        is_wipe = re.fullmatch(r"W\d{3}", edit) is not None
        if not is_wipe and transition.transition_type != schema.TransitionTypes.SMPTE_Dissolve:
            self._losses.add("transitions of another kind become dissolves", transition.name)
        return Mix(
            edit=edit if is_wipe else "D",
            length=before + after,
            before=before,
            outgoing=left if left and not left.is_black else None,
        )

    def _frames(self, transition: Any, side: str) -> int:
        exact = seconds(getattr(transition, side)) * self._rate
        if exact.denominator != 1 and not is_as_written(transition, self._rate):
            self._losses.add("transitions and fades are rounded to whole frames")
        return max(0, nearest(exact))
