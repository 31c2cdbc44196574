"""The tree of a timeline: where every item stands in record time, and the way to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import frame_s, nearest, seconds
from otio_hpm.timeline.extent import length_s

Locator = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one item of the tree stands. Record positions are exact frames of the cut's rate."""

    item: Any
    """The clip, gap, track or stack."""
    locator: Locator
    """Way to it, as in `Mark.locator`."""
    track: str
    """Name of the track it is on (or is), or `V1`, `A2` by position."""
    kind: str
    """Track kind: `Video`, `Audio` or another; nothing inside an audio track is picture."""
    enabled: bool
    """Whether it and everything it is inside of are enabled."""
    start: Fraction
    """First visible record frame, cut to what the items around it show."""
    end: Fraction
    """One past the last; not above `start` where nothing is visible."""
    anchor: Fraction
    """Record frame at which it begins, visible or not."""
    origin_s: Fraction
    """Its own time there: of a clip the source time."""
    duration_s: Fraction
    """Its length on its track."""
    frame_s: Fraction
    """One frame of its own time."""
    pace: Fraction
    """Record frames per second of its own time; negative where it runs backwards."""

    @property
    def start_frames(self) -> int:
        """First visible record frame, whole."""
        return nearest(self.start)

    @property
    def end_frames(self) -> int:
        """One past the last visible record frame, whole."""
        return nearest(self.end)

    @property
    def is_clip(self) -> bool:
        """Whether it is a clip, rather than a gap or something that holds others."""
        return isinstance(self.item, schema.Clip)

    def record(self, own_s: Fraction) -> Fraction:
        """Record frame of a moment in the item's own time."""
        return self.anchor + (own_s - self.origin_s) * self.pace

    def extent(self, start_s: Fraction, duration_s: Fraction) -> tuple[Fraction, Fraction]:
        """Record frames, in and out, of a stretch of the item's own time.

        A moment (duration 0) backwards begins where its frame begins to be seen.
        """
        if self.pace < 0:
            first = self.record(start_s + (duration_s or self.frame_s))
            return first, self.record(start_s) if duration_s else first
        return self.record(start_s), self.record(start_s + duration_s)


def walk(cut: Cut) -> Iterator[Place]:
    """Every stack, track, clip and gap in tree order (of two layers, the upper one comes later).

    The package's own score tracks are left out. Raises TimelineError for a clip without length.
    """
    root = cut.timeline.tracks
    start_s, duration_s, frame = _own_range(root)
    yield from _below(
        Place(
            item=root,
            locator=("tracks",),
            track="",
            kind=schema.TrackKind.Video,
            enabled=root.enabled,
            start=Fraction(0),
            end=duration_s * cut.rate,
            anchor=Fraction(0),
            origin_s=start_s,
            duration_s=duration_s,
            frame_s=frame,
            pace=cut.rate,
        )
    )


def locate(timeline: Any, locator: Locator) -> Any:
    """The object that a locator leads to."""
    found = timeline
    for step in locator:
        found = getattr(found, step) if isinstance(step, str) else found[step]
    return found


def is_score_track(item: Any) -> bool:
    """Whether a track was written by this package."""
    ours = item.metadata.get("otio_hpm") if isinstance(item, schema.Track) else None
    return isinstance(ours, Mapping) and ours.get("role") == "score"


def speed_of(item: Any) -> Fraction:
    """Seconds of source per second on the track: 1 normal, negative backwards, 0 frozen."""
    speed = Fraction(1)
    for effect in item.effects or ():  # OpenTimelineIO is slow to walk an empty list
        if isinstance(effect, schema.LinearTimeWarp) and effect.enabled:
            try:
                speed *= Fraction(effect.time_scalar)
            except (ValueError, OverflowError) as error:
                raise TimelineError(
                    f"{item.name!r} has the speed {effect.time_scalar}",
                    hint="Give the clip a speed in the editing system, or remove the retime.",
                ) from error
    return speed


def _below(place: Place) -> Iterator[Place]:
    yield place
    if not isinstance(place.item, schema.Stack | schema.Track):
        return
    names: Counter[str] = Counter()
    in_sequence = isinstance(place.item, schema.Track)
    position_s = Fraction(0)
    for index, child in enumerate(place.item):
        if isinstance(child, schema.Transition) or is_score_track(child):
            continue
        kind, track = _track_of(child, place, names)
        child_place = _placed(child, place, index, position_s, kind, track)
        yield from _below(child_place)
        position_s += child_place.duration_s if in_sequence else 0


def _track_of(child: Any, parent: Place, names: Counter[str]) -> tuple[str, str]:
    """Kind and track name of a child."""
    if isinstance(parent.item, schema.Track):
        return parent.kind, parent.track
    own = child.kind if isinstance(child, schema.Track) else parent.kind
    names[own] += 1
    audible = schema.TrackKind.Audio in (own, parent.kind)
    named = child.name if isinstance(child, schema.Track) else ""
    return (schema.TrackKind.Audio if audible else own), named or f"{own[:1]}{names[own]}"


def _placed(
    child: Any, parent: Place, index: int, position_s: Fraction, kind: str, track: str
) -> Place:
    start_s, duration_s, frame = _own_range(child)
    speed = speed_of(child) or Fraction(1)
    first, last = parent.record(position_s), parent.record(position_s + duration_s)
    return Place(
        item=child,
        locator=(*parent.locator, index),
        track=track,
        kind=kind,
        enabled=parent.enabled and child.enabled,
        start=max(parent.start, min(first, last)),
        end=min(parent.end, max(first, last)),
        anchor=first,
        origin_s=start_s if speed > 0 else start_s - speed * duration_s,
        duration_s=duration_s,
        frame_s=frame,
        pace=parent.pace / speed,
    )


def _own_range(item: Any) -> tuple[Fraction, Fraction, Fraction]:
    """Start, length and one frame of an item's own time, in seconds.

    Its own time is that of its source range, else of its media, else counts from 0.
    """
    reference = item.media_reference if isinstance(item, schema.Clip) else None
    own = item.source_range or (reference.available_range if reference else None)
    if own is None:
        return Fraction(0), length_s(item), Fraction(0)
    return seconds(own.start_time), length_s(item), frame_s(own)
