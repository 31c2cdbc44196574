"""Markers, chapter markers and keywords of what they stand on."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.marking import OUTER
from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, listed, mapping, texts
from otio_hpm.interchange.fcpxml.writing_layout import Slot
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.timeline.exact import frame_s, seconds

_ZERO = Fraction(0)
_KINDS = ("marker", "chapter-marker")
_RATINGS = ("favorite", "reject")


def add_markers(
    job: Job,
    item: Any,
    host: Host,
    own_seconds: Callable[[Any], Fraction] = seconds,
    origin_s: Fraction = _ZERO,
) -> None:
    """The markers of an item inside its element; their times are those of its media or content.

    `origin_s` is what its content counts from.
    """
    for marker in item.markers:
        if (times := times_of(job, marker, own_seconds)) is None:
            continue
        first_s, length_s = origin_s + times[0], times[1]
        if not length_s and host.clock.speed < 0:
            first_s += frame_s(item.trimmed_range())  # a moment backwards begins where it is seen
        last_s = first_s + length_s
        ends = sorted((host.clock.of_source(first_s), host.clock.of_source(last_s)))
        _add(job, marker, host, ends[0], ends[1] - ends[0])


def add_markers_of_gap(job: Job, slot: Slot, host_at: Callable[[Fraction], Host | None]) -> None:
    """The markers of a gap that is not written, on what `host_at` finds beneath them.

    Those outside the gap are not seen, and would be beneath: they are left out, and said.
    """
    own = slot.item.source_range
    shift_s = slot.start_s - slot.trimmed_s - (seconds(own.start_time) if own else 0)
    for marker in slot.item.markers:
        if (times := times_of(job, marker)) is None:
            continue
        first_s = shift_s + times[0]
        begun = job.grid.snapped(first_s) >= slot.start_s or first_s + times[1] > slot.start_s
        if not begun or first_s >= slot.end_s:
            words = "Markers outside the gaps between connected clips that they are of are left out"
            job.losses.add(words, repr(marker.name))
        elif (host := host_at(first_s)) is not None:
            words = "Markers of gaps between connected clips stand on the clips beneath"
            job.losses.add(words, repr(marker.name))
            add_outer_marker(job, marker, host, first_s)


def add_outer_marker(job: Job, marker: Any, host: Host, record_s: Fraction) -> None:
    """A marker of the timeline or a track, on the element beneath it."""
    start_s = host.local(record_s)
    length_s = max(seconds(marker.marked_range.duration), _ZERO) * host.clock.pace
    element = _add(job, marker, host, start_s, length_s)
    if length_s > job.grid.frame_s * host.clock.pace:
        set_attributes(element, {"note": f"{marker.comment} {OUTER}".lstrip()})


def add_keywords(item: Any, host: Host) -> None:
    """The keywords and ratings that a file had for an item."""
    for one in listed(facts(item).get("keywords")):
        attributes = texts(one)
        tag = "rating" if attributes.get("value") in _RATINGS else "keyword"
        if attributes.get("value"):
            set_attributes(etree.SubElement(host.element, tag), attributes)


def times_of(
    job: Job, marker: Any, own_seconds: Callable[[Any], Fraction] = seconds
) -> tuple[Fraction, Fraction] | None:
    """Where a marker begins and how long it is, in seconds; None, said, of one that has no time."""
    try:
        span = marker.marked_range
        return own_seconds(span.start_time), max(own_seconds(span.duration), _ZERO)
    except (ValueError, OverflowError):
        job.losses.add("Markers whose time is not a number are left out", repr(marker.name))
        return None


def _add(job: Job, marker: Any, host: Host, start_s: Fraction, length_s: Fraction) -> Any:
    kept = facts(marker)
    tag = kept.get("element") if kept.get("element") in _KINDS else "marker"
    attributes = texts(mapping(kept.get("attributes")))
    allowed = ("completed",) if tag == "marker" else ("posterOffset",)
    element = etree.SubElement(host.element, tag, {"start": job.grid.text(start_s)})
    if length_s > 0:
        element.set("duration", job.grid.text(length_s))
    set_attributes(element, {"value": marker.name or ""})
    set_attributes(element, {k: v for k, v in attributes.items() if k in allowed})
    if marker.comment:
        set_attributes(element, {"note": marker.comment})
    if marker.color and not kept:
        job.losses.add("Markers have no colours of their own", repr(marker.name))
    return element
