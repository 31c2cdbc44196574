"""The order of a storyline: by its offsets, where a file states them in another."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.kept import STORY

_ZERO = Fraction(0)
_TIMED = STORY | {"transition"}


def first_time(document: Document, spines: Iterable[Any], start_s: Fraction) -> Fraction:
    """The time of a timeline's first frame on the clock of its storylines' offsets.

    Some systems count them from 0, whatever the start timecode `start_s` is.
    """
    firsts = (next((one for one in spine if one.get("offset")), None) for spine in spines)
    offsets = (document.time(one, "offset") for one in firsts if one is not None)
    return min([start_s, *(offset for offset in offsets if offset is not None)])


def in_order(document: Document, children: Iterable[Any]) -> list[Any]:
    """A storyline's elements in the order of their offsets, if none overlap then.

    Else, and where one states no offset, in that of the file.
    """
    written = list(children)
    timed = [child for child in written if child.tag in _TIMED]
    found = [(document.time(child, "offset"), child) for child in timed]
    by_offset = sorted(
        ((offset, child) for offset, child in found if offset is not None),
        key=lambda one: one[0],
    )
    if len(by_offset) < len(timed) or [child for _, child in by_offset] == timed:
        return written
    items = [(offset, child) for offset, child in by_offset if child.tag in STORY]
    ends = [offset + (document.time(child, "duration") or _ZERO) for offset, child in items]
    if any(end > later for end, (later, _) in zip(ends, items[1:], strict=False)):
        return written
    others = [child for child in written if child.tag not in _TIMED]
    return [*(child for _, child in by_offset), *others]
