"""Markers as Avid's locators: descriptive markers on an event slot for each track that has some.

Markers of the timeline stand on its timecode track, as Avid has those of its `TC1`. As with Avid, a
point has no `Length`, and how many frames a marker has is among its attributes, 1 for a point. Avid
shows one text per marker, so a note follows its title on a line of its own, which the reader takes
apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.colours import RGB
from otio_hpm.interchange.aaf.marker_reading import LENGTH, OWNER, TRACK
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import frame_s, nearest, seconds
from otio_hpm.timeline.extent import length_s
from otio_hpm.timeline.tree import speed_of

_FIRST_SLOT = 1000
"""Avid numbers event slots from here, by the slot that they describe."""
_USER = "otio-hpm"


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A marker on the sequence."""

    marker: Any
    frame: Fraction
    """Record frame, counted from the sequence's first."""
    length_s: Fraction
    """In record time."""
    is_tracks: bool = False
    """Whether it is the track's own, not that of an item on it."""

    def meets(self, start_s: Fraction, end_s: Fraction, rate: Fraction) -> bool:
        """Whether one of its frames is between two moments."""
        first, last = nearest(self.frame), nearest(self.frame + self.length_s * rate)
        return first < nearest(end_s * rate) and max(first + 1, last) > nearest(start_s * rate)


class MarkerSlots:
    """Writes the markers of a sequence."""

    def __init__(self, file: Any, mob: Any, delivery: Delivery, losses: Losses) -> None:
        self._file = file
        self._mob = mob
        self._rate = delivery.rate
        self._start_frames = delivery.start_frames
        self._losses = losses

    def add_timeline(self, timeline: Any, slot: Any) -> None:
        """Markers of the timeline itself, counted from its first frame.

        They are taken as timecode where none is before its start and one is beyond its end.
        """
        markers = list(timeline.tracks.markers)
        starts = [seconds(marker.marked_range.start_time) for marker in markers]
        first_s = self._start_frames / self._rate
        end_s = length_s(timeline.tracks)
        in_timecode = bool(starts) and 0 < first_s <= min(starts) and max(starts) >= end_s
        origin_s = first_s if in_timecode else Fraction(0)
        trim = timeline.tracks.source_range
        origin_s += seconds(trim.start_time) if trim else 0
        placed = [
            _Placed(
                marker=marker,
                frame=(start - origin_s) * self._rate,
                length_s=seconds(marker.marked_range.duration),
            )
            for marker, start in zip(markers, starts, strict=True)
        ]
        self._add(placed, slot, "the timeline")

    def add_track(self, track: Any, slot: Any, where: str) -> None:
        """Markers of a track and of what stands on it."""
        placed = [
            _Placed(
                marker=marker,
                frame=seconds(marker.marked_range.start_time) * self._rate,
                length_s=seconds(marker.marked_range.duration),
                is_tracks=True,
            )
            for marker in track.markers
        ]
        placed += list(self._of_items(track))
        self._add(placed, slot, where)

    def _of_items(self, track: Any) -> Iterator[_Placed]:
        """Markers of what stands on a track, as far as they are seen, under a dissolve too."""
        begins_s = Fraction(0)
        for index, item in enumerate(track):
            if isinstance(item, schema.Transition):
                continue
            before_s, after_s = _handles(track, index)
            item_s, speed = seconds(item.duration()), speed_of(item) or Fraction(1)
            for marker in item.markers:
                own = item.trimmed_range()
                ahead_s = seconds(marker.marked_range.start_time) - seconds(own.start_time)
                duration_s = seconds(marker.marked_range.duration)
                if speed < 0:  # a moment begins where its frame begins to be seen
                    ahead_s += (duration_s or frame_s(own)) + speed * item_s
                placed = _Placed(
                    marker=marker,
                    frame=(begins_s + ahead_s / speed) * self._rate,
                    length_s=duration_s / abs(speed),
                )
                if placed.meets(begins_s - before_s, begins_s + item_s + after_s, self._rate):
                    yield placed
                else:
                    words = "markers outside the part of their clip that is seen are left out"
                    self._losses.add(words, repr(marker.name))
            begins_s += item_s

    def _add(self, placed: list[_Placed], slot: Any, where: str) -> None:
        if not placed:
            return
        events = self._file.create.EventMobSlot()
        events.slot_id = _FIRST_SLOT + int(slot.slot_id)
        events["EditRate"].value = str(self._rate)
        events["PhysicalTrackNumber"].value = slot["PhysicalTrackNumber"].value
        sequence = self._file.create.Sequence(media_kind="DescriptiveMetadata")
        sequence["Length"].value = None  # events have none, nor have Avid's
        for one in sorted(placed, key=lambda one: one.frame):
            sequence.components.append(self._event(one, slot, where))
        events.segment = sequence
        self._mob.slots.append(events)

    def _event(self, placed: _Placed, slot: Any, where: str) -> Any:
        marker, length = placed.marker, placed.length_s * self._rate
        if (placed.frame.denominator, length.denominator) != (1, 1):
            self._losses.add("markers between frames are moved to the nearest", where)
        event, frames = self._file.create.DescriptiveMarker(), nearest(length)
        text, colour = self._text(marker, where), self._colour(marker, where)
        event["Position"].value = nearest(placed.frame)
        event["Length"].value = frames if frames > 1 else None
        event["Comment"].value = text
        event["DescribedSlots"].value = {int(slot.slot_id)}
        event["CommentMarkerUser"].value = _user(marker)
        red, green, blue = RGB[colour]
        event["CommentMarkerColor"].value = {"red": red, "green": green, "blue": blue}
        attributes: dict[str, str | int] = {
            "_ATN_CRM_COLOR": colour.capitalize(),
            "_ATN_CRM_USER": _user(marker),
            "_ATN_CRM_COM": text,
        }
        attributes |= {LENGTH: frames} if frames else {}
        attributes |= {OWNER: TRACK} if placed.is_tracks else {}
        event["CommentMarkerAttributeList"].value = [
            self._file.create.TaggedValue(name, value) for name, value in attributes.items()
        ]
        return event

    def _text(self, marker: Any, where: str) -> str:
        name, comment = marker.name, marker.comment
        if "\n" in name or (comment and not name):
            self._losses.add("titles and notes of markers are not told apart", where)
        return "\n".join(part for part in (name, comment) if part).replace("\0", "")

    def _colour(self, marker: Any, where: str) -> str:
        colour = str(marker.color or "").upper()
        if colour and colour not in RGB:
            self._losses.add("colours of markers that an AAF has no word for", where)
        return colour if colour in RGB else "RED"


def _handles(track: Any, index: int) -> tuple[Fraction, Fraction]:
    """How much of an item the transitions beside it show before and after it, in seconds."""
    before = track[index - 1] if index else None
    after = track[index + 1] if index + 1 < len(track) else None
    return (
        seconds(before.in_offset) if isinstance(before, schema.Transition) else Fraction(0),
        seconds(after.out_offset) if isinstance(after, schema.Transition) else Fraction(0),
    )


def _user(marker: Any) -> str:
    """Who made a marker, as the AAF told that it came from."""
    facts = marker.metadata.get("AAF")
    known = facts.get("CommentMarkerUser") if isinstance(facts, Mapping) else None
    return known if isinstance(known, str) and known else _USER
