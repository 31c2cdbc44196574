"""Transitions: over which cut each lies, in picture and in sound."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.clock import Clock, range_of, time_of
from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.kept import KEY, MARKERS, attributes, children, resources
from otio_hpm.interchange.fcpxml.marking import marker
from otio_hpm.interchange.fcpxml.own_effects import CROSS_DISSOLVE
from otio_hpm.interchange.fcpxml.tracks import Placed
from otio_hpm.timeline.exact import nearest

_ZERO = Fraction(0)
_OWN_START_S = 3600
"""Where the own time of what Final Cut Pro generates begins, to the nearest frame."""


def placed_transition(
    document: Document,
    element: Any,
    clock: Clock,
    cuts: tuple[Fraction, ...],
    sides: tuple[list[Placed], list[Placed]],
    rate: Fraction | None,
) -> list[Placed]:
    """A transition of a storyline over the first of the cuts that it covers.

    `sides` is what the items before and after it became. It is in the picture, and in each sound
    that begins or ends at the cut; with a filter for only one of the two, only in that.
    """
    extent = _extent(document, element, clock)
    cut_s = next((cut for cut in cuts if extent and extent[0] <= cut <= extent[1]), None)
    if extent is None or cut_s is None:
        document.warn(element, "lies over no cut and is left out")
        return []
    has_sound = element.find("filter-audio") is not None
    has_picture = element.find("filter-video") is not None
    targets: dict[tuple[str, str, int], None] = {}
    for one in _at_cut(sides, cut_s):
        is_picture = one.kind == schema.TrackKind.Video
        if (has_picture or not has_sound) if is_picture else (has_sound or not has_picture):
            targets[one.kind, one.role, one.layer] = None
    return [
        Placed(
            item=_transition(document, element, extent, cut_s, kind, rate),
            kind=kind,
            start_s=cut_s,
            end_s=cut_s,
            lane=(),
            run=0,
            role=role,
            layer=layer,
        )
        for kind, role, layer in targets
    ]


def transition_markers(
    document: Document, element: Any, clock: Clock, rate: Fraction | None
) -> list[Any]:
    """The markers of a transition in its timeline's time, since OTIO's transitions have none."""
    extent = _extent(document, element, clock)
    found = []
    for one in element.iterchildren(*MARKERS):
        own_s, length_s = document.time(one, "start"), document.time(one, "duration")
        if extent is None or own_s is None:
            document.warn(one, "has no place and is left out")
            continue
        origin_s = Fraction(nearest(_OWN_START_S * rate)) / rate if rate else Fraction(_OWN_START_S)
        start_s = extent[0] + own_s - origin_s
        found.append(marker(one, range_of(start_s, max(length_s or _ZERO, _ZERO), rate)))
    return found


def _extent(document: Document, element: Any, clock: Clock) -> tuple[Fraction, Fraction] | None:
    """Where a transition begins and ends on its timeline."""
    offset_s = document.time(element, "offset")
    duration_s = document.time(element, "duration")
    if offset_s is None or duration_s is None or duration_s <= 0:
        return None
    return clock.at(offset_s), clock.at(offset_s + duration_s)


def _at_cut(sides: tuple[list[Placed], list[Placed]], cut_s: Fraction) -> Iterable[Placed]:
    before, after = sides
    yield from (one for one in before if one.end_s == cut_s)
    yield from (one for one in after if one.start_s == cut_s)


def _transition(
    document: Document,
    element: Any,
    extent: tuple[Fraction, Fraction],
    cut_s: Fraction,
    kind: str,
    rate: Fraction | None,
) -> Any:
    filters = "filter-video" if kind == schema.TrackKind.Video else "filter-audio"
    named = element.find(filters)
    kept = children(document, element)
    found = {
        "attributes": attributes(element, ("name", "offset", "duration")),
        "children": kept,
        "resources": resources(document, element, kept),
    }
    is_plain = kind == schema.TrackKind.Audio or _is_dissolve(document, element)
    kinds = schema.TransitionTypes
    return schema.Transition(
        name=(named.get("name") if named is not None else "") or element.get("name") or "",
        transition_type=kinds.SMPTE_Dissolve if is_plain else kinds.Custom,
        in_offset=time_of(cut_s - extent[0], rate),
        out_offset=time_of(extent[1] - cut_s, rate),
        metadata={KEY: {key: value for key, value in found.items() if value}},
    )


def _is_dissolve(document: Document, element: Any) -> bool:
    """Whether the effect of a picture's transition is a cross dissolve.

    Its identifier says so, whatever it is called; the name only where no effect is stated.
    """
    named = element.find("filter-video")
    effect = document.resources.get(named.get("ref") or "") if named is not None else None
    if effect is not None and effect.get("uid"):
        return bool(effect.get("uid") == CROSS_DISSOLVE["uid"])
    return "dissolve" in (element.get("name") or "").casefold()
