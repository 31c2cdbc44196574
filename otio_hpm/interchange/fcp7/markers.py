"""Markers of sequences and clips, read and written.

A marker's `in` and `out` count frames of its clip's media from their first, or of its sequence;
`out` is -1 for a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import opentime, schema

from otio_hpm.interchange.fcp7.colors import color_of, writable
from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.kept import KEY, add, as_dict, fill, kept_of
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.values import number, said
from otio_hpm.interchange.losses import Losses

_OWN_TAGS = ("name", "comment", "in", "out")

Time = Callable[[Fraction], Any]
"""From a frame number to a RationalTime of what the marker belongs to."""


@dataclass(frozen=True, kw_only=True)
class MarkerReader:
    """Reads the markers of one file."""

    document: Document
    notes: Notes
    default_color: str
    """Of markers that state none: green in Premiere's files."""

    def markers_of(self, element: Element, time: Time, extra: dict[str, str]) -> Iterator[Any]:
        """The markers directly below an element; `extra` joins what is kept of each."""
        for marker in element.iterfind("marker"):
            start, end = number(marker, "in"), number(marker, "out")
            if start is None or start < 0:
                self.notes.add(f"{self.document.where(marker)} has no position and is left out")
                continue
            length = end - start if end is not None and end > start else Fraction(0)
            first, last = sorted((time(start), time(start + length)))  # backwards: the other way
            duration = last - first
            if not length and time(start + 1) < first:  # a moment backwards is at the frame seen
                first -= opentime.RationalTime(1, first.rate)
            yield self._marker(marker, opentime.TimeRange(first, duration), extra)

    def _marker(self, marker: Element, span: Any, extra: dict[str, str]) -> Any:
        kept = as_dict(marker, without=_OWN_TAGS) | extra
        found = schema.Marker(
            name=said(marker, "name"),
            marked_range=span,
            color=color_of(marker, self.default_color),
            metadata={KEY: kept} if kept else {},
        )
        found.comment = said(marker, "comment")
        return found


def write_marker(parent: Element, marker: Any, start: int, length: int, losses: Losses) -> None:
    """Add an OTIO marker at a frame to a clip or sequence."""
    element, kept = add(parent, "marker"), kept_of(marker)
    add(element, "comment", marker.comment or str(kept.get("comment") or ""))
    add(element, "name", marker.name)
    add(element, "in", start)
    add(element, "out", start + length if length > 0 else -1)
    word, ppro = writable(str(marker.color or "GREEN"))
    if word != str(marker.color or "GREEN").upper():
        losses.add(f"markers coloured {marker.color} are written as {word}")
    if ppro is not None:
        add(element, "pproColor", ppro)
    else:  # Premiere's files say nothing for green; for other readers it is said as FCP7 would
        color = add(element, "color")
        for channel, value in (("alpha", 0), ("red", 0), ("green", 255), ("blue", 0)):
            add(color, channel, value)
    fill(element, kept, without=(*_OWN_TAGS, "owner", "pproColor", "color"))
