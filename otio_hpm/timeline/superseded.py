"""Marks that do not count, because a marker merged from a spotting sheet stands in their place.

That marker tells so in metadata of its own: what the row said, and the texts of the marks inside
its range that it stands for. Theirs stay as they are, and count again where it is deleted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.placed_marks import Choice, PlacedMark, placed_marks
from otio_hpm.timeline.tree import Place

LIST_KEY = "marker_list"
"""Key in a marker's metadata of what its list says and OpenTimelineIO has no field for."""
ROW_KEY = "row"
"""Under it: that a sheet's row was merged as this marker, and what it was then."""
_SUPERSEDES = "supersedes"
"""Under it: texts of the marks in whose place it stands."""


def spotted_marks(cut: Cut, places: Sequence[Place], choice: Choice) -> list[PlacedMark]:
    """All markers that are chosen, as `placed_marks` gives them, and what stands in their place."""
    placed = list(placed_marks(cut, places, choice))
    instead = _instead(placed)
    return [
        replace(one, superseded_by=f"{instead[index].text!r} at {instead[index].timecode}")
        if index in instead
        else one
        for index, one in enumerate(placed)
    ]


def essence(text: str) -> str:
    """The different words of a marker, which stay where a system moves or repeats its text.

    >>> essence("SCORE SCORE: slow")
    'SCORE slow'
    """
    return " ".join(dict.fromkeys(text.replace(":", " ").split()))


def reach(start: int, end: int, word: str) -> range:
    """Record frames in which a row stands for others: a mark's range, the frame of a wish."""
    return range(start, max(start + 1, end if word == "score" else start))


def facts_of_list(marker: Any) -> Mapping[str, Any]:
    """What the list that a marker came from said, and what was told of it; empty for others."""
    told = marker.metadata.get(LIST_KEY)
    return told if hasattr(told, "get") else {}


def superseded_texts(marker: Any) -> set[str]:
    """The texts in whose place a marker stands."""
    told: Any = facts_of_list(marker).get(_SUPERSEDES)
    return {text for text in told if isinstance(text, str)} if hasattr(told, "__iter__") else set()


def supersede(marker: Any, texts: Iterable[str]) -> None:
    """Let a marker that was merged from a sheet stand in the place of those with these texts."""
    all_texts = superseded_texts(marker).union(map(essence, texts))
    marker.metadata[LIST_KEY] = {**facts_of_list(marker), _SUPERSEDES: sorted(all_texts)}


def disown(marker: Any) -> None:
    """Make a marker that was merged from a sheet one of the editor's own."""
    told = facts_of_list(marker)
    kept = {key: told[key] for key in told if key not in (ROW_KEY, _SUPERSEDES)}
    marker.metadata[LIST_KEY] = kept


def _instead(placed: Sequence[PlacedMark]) -> dict[int, PlacedMark]:
    """For the index of each mark that does not count, the one in its place."""
    standing = [(one, texts) for one in placed if (texts := superseded_texts(one.marker))]
    alike = _by_text(placed) if standing else {}
    instead: dict[int, PlacedMark] = {}
    for one, texts in standing:
        frames = reach(one.record_frames, nearest(one.end), one.said.word)
        for text in texts if not one.unseen_because else ():
            found = alike.get((one.said.word, text), [])
            ends = (bisect_left(found, (frame, 0)) for frame in (frames.start, frames.stop))
            for _, index in found[slice(*ends)]:
                instead.setdefault(index, one)
    return instead


def _by_text(placed: Sequence[PlacedMark]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Frame and index of all marks but those of rows, in order, by what they are and say."""
    found = defaultdict(list)
    for index, one in enumerate(placed):
        if ROW_KEY not in facts_of_list(one.marker):
            found[one.said.word, essence(one.text)].append((one.record_frames, index))
    return {key: sorted(of_key) for key, of_key in found.items()}
