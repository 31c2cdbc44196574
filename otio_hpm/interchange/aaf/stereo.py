"""Two mono tracks that are the halves of one stereo track, made one again.

Where a host has no stereo tracks in an AAF, a stereo file lies on two mono tracks of one name,
panned hard left and right, cut alike, of the same media. Pairs that are not panned so stay two
tracks: nothing says that they belong together.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.timing import stated

PAN = "Audio Pan"
_PAN_VALUES = ("Pan", "Pan value")


def join_stereo(timeline: Any) -> None:
    """Make one track of each pair of halves that stand side by side."""
    index = 1
    while index < len(timeline.tracks):
        left, right = timeline.tracks[index - 1], timeline.tracks[index]
        if _pan(left) == 0 and _pan(right) == 1 and _cut_alike(left, right):
            _drop_pan(left)
            del timeline.tracks[index]
        else:
            index += 1


def _pan(track: Any) -> Fraction | None:
    """Where a whole track is panned, 0 left to 1 right; None where it is not, or moves."""
    found = [_pan_of(effect) for effect in track.effects if effect.name == PAN]
    return found[0] if len(found) == 1 and track.kind == schema.TrackKind.Audio else None


def _pan_of(effect: Any) -> Fraction | None:
    parameters = effect.metadata.get("AAF", {}).get("Parameters", {})
    value = next((parameters[name] for name in _PAN_VALUES if name in parameters), None)
    if isinstance(value, str | int):
        return stated(str(value))
    points = {stated(str(point[1])) for point in value} if value is not None else set()
    return points.pop() if len(points) == 1 else None


def _cut_alike(left: Any, right: Any) -> bool:
    if not left.name or left.name != right.name or len(left) != len(right):
        return False
    if any(len(item.markers) for item in (right, *right) if hasattr(item, "markers")):
        return False
    return all(_same(one, other) for one, other in zip(left, right, strict=True))


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, schema.Transition):
        return bool(one.in_offset == other.in_offset and one.out_offset == other.out_offset)
    mobs = [item.metadata.get("AAF", {}).get("MobID") for item in (one, other)]
    return bool(one.source_range == other.source_range and mobs[0] == mobs[1])


def _drop_pan(track: Any) -> None:
    kept = [effect for effect in track.effects if effect.name != PAN]
    track.effects.clear()
    track.effects.extend(kept)
