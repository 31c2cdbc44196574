"""Markers of a file as OTIO's, in the source time of what they are on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.clock import Clock, range_of
from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.kept import KEY, MARKERS, attributes
from otio_hpm.interchange.fcpxml.retime import Retime
from otio_hpm.timeline.exact import seconds

_ZERO = Fraction(0)
OUTER = "[timeline]"
"""What the note of a marker over a range of the timeline ends with.

The format has markers on clips alone, each of one frame in Final Cut Pro; a marker with a length
means that length only where it is not its clip's.
"""
_SAID = ("start", "duration", "value", "note")


def markers_of(
    document: Document, element: Any, retime: Retime, origin_s: Fraction, *rates: Fraction | None
) -> list[Any]:
    """The markers of an element whose source time counts from `origin_s` of its media's."""
    found = []
    for one in element.iterchildren(*MARKERS):
        if _is_outer(one):
            continue
        own_s = document.time(one, "start")
        if own_s is None:
            document.warn(one, f"on line {one.sourceline} has no place and is left out")
            continue
        end_s = own_s + max(document.time(one, "duration") or _ZERO, _ZERO)
        first, last = sorted((retime.source(own_s), retime.source(end_s)))
        length_s = last - first
        if not length_s and retime.speed < 0 and rates[-1]:
            first -= 1 / rates[-1]  # a moment backwards is at the frame seen
        found.append(marker(one, range_of(first - origin_s, length_s, *rates)))
    return found


def outer_markers(
    document: Document, element: Any, clock: Clock, rate: Fraction | None
) -> list[Any]:
    """The markers on an element that are the timeline's; one frame is no length, as on clips."""
    found = []
    for one in filter(_is_outer, element.iterchildren(*MARKERS)):
        for made in loose_markers(document, one, clock, rate):
            made.comment = made.comment.removesuffix(OUTER).rstrip()
            if rate and seconds(made.marked_range.duration) * rate <= 1:
                made.marked_range = range_of(seconds(made.marked_range.start_time), _ZERO, rate)
            found.append(made)
    return found


def loose_markers(document: Document, one: Any, clock: Clock, rate: Fraction | None) -> list[Any]:
    """A marker that stands on a timeline itself, where the document type has none."""
    own_s = document.time(one, "start")
    if own_s is None:
        document.warn(one, f"on line {one.sourceline} has no place and is left out")
        return []
    length_s = max(document.time(one, "duration") or _ZERO, _ZERO) * clock.pace
    return [marker(one, range_of(clock.at(own_s), length_s, rate))]


def marker(element: Any, marked_range: Any) -> Any:
    """A marker over a range, in the colour that Final Cut Pro shows it in."""
    return schema.Marker(
        name=element.get("value") or "",
        marked_range=marked_range,
        color=_color(element),
        comment=element.get("note") or "",
        metadata={KEY: {"element": element.tag, "attributes": attributes(element, _SAID)}},
    )


def _is_outer(element: Any) -> bool:
    return (element.get("note") or "").endswith(OUTER)


def _color(element: Any) -> str:
    if element.tag == "chapter-marker":
        return str(schema.MarkerColor.ORANGE)
    done = {"0": schema.MarkerColor.RED, "1": schema.MarkerColor.GREEN}
    return str(done.get(element.get("completed") or "", schema.MarkerColor.BLUE))
