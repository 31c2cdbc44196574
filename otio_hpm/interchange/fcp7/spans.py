"""Where the clips of a `<track>` stand: record frames, edit points and transitions.

A clip beside a transition has -1 for its start or end: it begins or ends at the transition's edit
point, and its `in` or `out` is at the transition's far end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.values import number, text
from otio_hpm.timeline.exact import nearest

TICKS = 254_016_000_000
"""Premiere's ticks per second."""

ITEMS = ("clipitem", "generatoritem", "transitionitem")


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A transition, in record frames."""

    element: Element
    start: int
    cut: int
    """The edit point that it lies over."""
    end: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """A clip, in record frames."""

    element: Element
    start: int
    end: int
    head: int = 0
    """Frames between what `in` means and `start`."""
    tail: int = 0
    """Frames between `end` and what `out` means."""


def spans_of(
    track: Element, rate: Fraction, document: Document, notes: Notes
) -> tuple[list[Span], list[Mix]]:
    """The clips and transitions of a track, each in order, no two clips at the same time.

    What has no place is left out, and said.
    """
    items = [document.resolved(child) for child in track if child.tag in ITEMS]
    mixes = [_mix(item, rate) if item.tag == "transitionitem" else None for item in items]
    spans: list[Span] = []
    for index, item in enumerate(items):
        if item.tag == "transitionitem":
            found: object = mixes[index]
        else:
            before = mixes[index - 1] if index else None
            after = mixes[index + 1] if index + 1 < len(items) else None
            found = span = _span(item, before, after)
            if span:
                spans.append(span)
        if not found:
            notes.add(f"{document.where(item)} has no place on its track and is left out")
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    found_mixes = sorted((mix for mix in mixes if mix), key=lambda mix: mix.cut)
    return _apart(ordered, document, notes), found_mixes


def _span(item: Element, before: Mix | None, after: Mix | None) -> Span | None:
    said_start, said_end = number(item, "start"), number(item, "end")
    if said_start is None or said_end is None:
        return None
    start, head, end, tail = nearest(said_start), 0, nearest(said_end), 0
    if start < 0 and before:
        start, head = before.cut, before.cut - before.start
    if end < 0 and after:
        end, tail = after.cut, after.end - after.cut
    if start < 0 or end <= start:
        return None
    return Span(element=item, start=start, end=end, head=head, tail=tail)


def _mix(item: Element, rate: Fraction) -> Mix | None:
    said_start, said_end = number(item, "start"), number(item, "end")
    if said_start is None or said_end is None or not 0 <= said_start < said_end:
        return None
    start, end = nearest(said_start), nearest(said_end)
    return Mix(element=item, start=start, cut=_cut(item, start, end, rate), end=end)


def _cut(item: Element, start: int, end: int, rate: Fraction) -> int:
    """The edit point: as Premiere counts it, else by the alignment."""
    ticks = text(item, "cutPointTicks")
    if ticks.isascii() and ticks.isdecimal() and len(ticks) < 19:
        cut = start + nearest(int(ticks) * rate / TICKS)
        if cut <= end:
            return cut
    alignment = text(item, "alignment")
    return {"start": start, "start-black": start, "end": end, "end-black": end}.get(
        alignment, (start + end) // 2
    )


def _apart(spans: Sequence[Span], document: Document, notes: Notes) -> list[Span]:
    """Spans that end where the next begins, as if each was laid over the one before."""
    apart: list[Span] = []
    for span in spans:
        while apart and apart[-1].end > span.start:
            under = apart.pop()
            where = document.where(under.element)
            if under.start >= span.start:
                notes.add(f"{where} lies under the clip after it and is left out")
                continue
            notes.add(f"{where} ends after the clip after it begins, and is cut there")
            cut = under.end - span.start
            apart.append(replace(under, end=span.start, tail=under.tail + cut))
        apart.append(span)
    return apart
