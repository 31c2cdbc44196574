"""The numbers that cues had, told by the music that stands on the timeline.

A mark knows its cue by a link in its metadata. Where another format or system has dropped that, the
clip of the cue still tells which marks it came from: by their timecode, else by text and shot.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.grouping import Draft
from otio_hpm.timeline.marks import cue_number
from otio_hpm.timeline.score_tracks import standing_clips
from otio_hpm.timeline.takes import facts_of
from otio_hpm.timeline.told import described


def with_earlier_numbers(drafts: Sequence[Draft], cut: Cut) -> list[Draft]:
    """The drafts, with the earlier numbers of those whose marks do not tell them."""
    told: dict[Any, set[str]] = defaultdict(set)
    for placed in standing_clips(cut.timeline, cut):
        number = cue_number(placed.number)
        for sign in _signs(facts_of(placed.clip)) if number else ():
            told[sign].add(number or "")
    return [_numbered(draft, told) for draft in drafts] if told else list(drafts)


def _numbered(draft: Draft, told: Mapping[Any, set[str]]) -> Draft:
    if draft.number or draft.earlier_number:
        return draft
    signs: list[Any] = [marked.mark.timecode for marked in draft.marks]
    signs += [(marked.mark.text, marked.place.item.name) for marked in draft.marks]
    found = next((told[sign] for sign in signs if len(told.get(sign, ())) == 1), None)
    return dataclasses.replace(draft, earlier_number=min(found)) if found else draft


def _signs(facts: Any) -> Iterator[Any]:
    """What tells the marks of a clip: each timecode, and each text with the name of a shot."""
    names = [shot.get("name") for shot in described(facts, "shots")]
    for mark in described(facts, "marks"):
        yield str(mark.get("timecode"))
        yield from ((str(mark.get("text")), str(name)) for name in names)
