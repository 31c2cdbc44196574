"""Markers (Avid's locators): read from event slots and put on the items that they stand over.

A `DescriptiveMarker` has a position on its slot, the slots that it describes, and, through the
slot that it is on, the number of the track among those of its kind: of a nested scope, the layer.
One that describes no slot (as DaVinci Resolve writes), or none that holds media, is the timeline's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.aaf.colours import otio_colour
from otio_hpm.interchange.aaf.faults import said
from otio_hpm.interchange.aaf.mobs import (
    class_name,
    components,
    edit_rate,
    notes,
    plain,
    track_number,
)
from otio_hpm.timeline.exact import exact_rate, seconds

MARKERS = ("DescriptiveMarker", "CommentMarker")
_FACTS = ("CommentMarkerDate", "CommentMarkerTime")
_USERS = ("CommentMarkerUser", "CommentMarkerUSer")
"""Files spell it either way."""
_MAX_MARKERS = 100_000
LENGTH = "_ATN_CRM_LENGTH"
"""Avid's attribute of a marker for its frames, which is 1 for a point."""
OWNER, TRACK = "otio_hpm_owner", "track"
"""Attribute of a marker that is a track's own, which would else be that of the item under it."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One marker."""

    marker: Any
    """OTIO marker in record time, counted from the sequence's beginning."""
    slots: frozenset[int]
    """Ids of the slots that it describes."""
    track: int | None
    """Number of its track among those of its kind."""
    is_tracks: bool
    """Whether it is its track's own."""


def read_markers(mob: Any, warnings: list[str]) -> list[Found]:
    """Every marker of a mob, in record order."""
    found: list[Found] = []
    for slot in mob.slots:
        if class_name(slot) != "EventMobSlot":
            continue
        try:
            rate, track = edit_rate(slot), track_number(slot)
            events = [e for e in components(slot.segment) if class_name(e) in MARKERS]
        except Exception as error:  # whatever the library raises for a damaged object
            warnings.append(f"a track of markers is not understood ({said(error)})")
            continue
        for event in events[:_MAX_MARKERS]:
            try:
                found.append(_read(event, rate, track))
            except Exception as error:  # as above
                warnings.append(f"a marker is not understood ({said(error)})")
    return sorted(found, key=lambda one: seconds(one.marker.marked_range.start_time))


def attach(found: list[Found], tracks: dict[tuple[int, int], Any], timeline: Any) -> None:
    """Put markers on the items under them; `tracks` are by slot id and number of the track."""
    spans = {id(track): _spans(track) for track in tracks.values()}
    for one in found:
        track = _track_of(one, tracks)
        if track is not None and one.is_tracks:
            track.markers.append(one.marker)
            continue
        item = None if track is None else _under(spans[id(track)], one.marker)
        if item is None:
            timeline.tracks.markers.append(one.marker)
        else:
            target, begins_s = item
            _move_into(one.marker, target, begins_s)
            target.markers.append(one.marker)


def _read(event: Any, rate: Fraction, track: int | None) -> Found:
    attributes = notes(event, "CommentMarkerAttributeList")
    is_tracks = attributes.pop(OWNER, "") == TRACK
    text = str(event.getvalue("Comment") or attributes.get("_ATN_CRM_COM") or "")
    title, _, comment = text.partition("\n")
    marker = schema.Marker(
        name=title,
        comment=comment,
        color=otio_colour(
            str(attributes.get("_ATN_CRM_COLOR", "")), event.getvalue("CommentMarkerColor")
        ),
        marked_range=opentime.TimeRange(
            opentime.RationalTime(int(event["Position"].value), float(rate)),
            opentime.RationalTime(_length(event, attributes), float(rate)),
        ),
        metadata={"AAF": _facts(event, attributes)},
    )
    slots = event.getvalue("DescribedSlots") or ()
    return Found(
        marker=marker,
        slots=frozenset(int(slot) for slot in slots),
        track=track,
        is_tracks=is_tracks,
    )


def _length(event: Any, attributes: dict[str, Any]) -> int:
    """Frames of a marker; an event without a length is instantaneous (AAF Object Specification)."""
    stated = event.getvalue("Length")
    said = attributes.get(LENGTH) if stated is None else stated
    return max(0, said) if isinstance(said, int) else 0


def _facts(event: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"ClassName": class_name(event)}
    for name in _FACTS:
        if (value := event.getvalue(name)) is not None:
            facts[name] = plain(value)
    users = [event.getvalue(name) for name in _USERS]
    if user := next((one for one in users if one), attributes.get("_ATN_CRM_USER")):
        facts["CommentMarkerUser"] = str(user)
    colour = event.getvalue("CommentMarkerColor")
    if colour:
        facts["CommentMarkerColor"] = {str(key): int(value) for key, value in colour.items()}
    if attributes:
        facts["CommentMarkerAttributeList"] = attributes
    return facts


def _track_of(one: Found, tracks: dict[tuple[int, int], Any]) -> Any:
    """The track that a marker names; the only one of its slot where the number says nothing."""
    for slot in sorted(one.slots):
        if one.track is not None and (slot, one.track) in tracks:
            return tracks[slot, one.track]
    return None


def _spans(track: Any) -> list[tuple[Any, Fraction, Fraction]]:
    """Items of a track with the seconds at which they begin and end."""
    spans = []
    begins = Fraction(0)
    for child in track:
        if not isinstance(child, schema.Transition):
            ends = begins + seconds(child.duration())
            spans.append((child, begins, ends))
            begins = ends
    return spans


def _under(spans: list[tuple[Any, Fraction, Fraction]], marker: Any) -> tuple[Any, Fraction] | None:
    at = seconds(marker.marked_range.start_time)
    return next(((item, first) for item, first, last in spans if first <= at < last), None)


def _move_into(marker: Any, item: Any, begins_s: Fraction) -> None:
    """From record time to the item's own time, which its change of speed stretches."""
    marked, own = marker.marked_range, item.source_range
    rate = marked.start_time.rate
    speed = Fraction(next((e.time_scalar for e in item.effects if hasattr(e, "time_scalar")), 1))
    speed = speed or Fraction(1)
    ahead_s = (seconds(marked.start_time) - begins_s) * speed
    duration_s = seconds(marked.duration) * abs(speed)
    if speed < 0:  # a moment is where its frame begins to be seen
        frame_s = 1 / exact_rate(own.start_time.rate)
        ahead_s -= seconds(own.duration) * speed + (duration_s or frame_s)
    marker.marked_range = opentime.TimeRange(
        own.start_time + _near(ahead_s, rate), _near(duration_s, rate)
    )


def _near(time_s: Fraction, rate: float) -> Any:
    """A time at a rate, without what a speed kept as a float leaves behind the comma."""
    return opentime.RationalTime(round(float(time_s * exact_rate(rate)), 6), rate)
