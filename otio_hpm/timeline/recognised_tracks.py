"""Tracks that hold clips of ours, on a timeline that has been through another system."""

from __future__ import annotations

import re
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.score_tracks import TRACK_NAME
from otio_hpm.timeline.takes import KEY, facts_of, file_name, is_score_clip
from otio_hpm.timeline.tree import is_score_track

_OUR_NAME = re.compile(rf"{TRACK_NAME}(?: (\d+))?", re.I)
_HOSTS_NAME = re.compile(r"(?:(?:A|Audio|Track|Audio Track)?[ _]?\d*|music\.HPM(?: \d+)?)", re.I)
"""Names that hosts give tracks by themselves, and those of our role in FCPXML."""


def merge_exploded(timeline: Any) -> None:
    """Keep one of neighbouring tracks that hold the same clips of ours: the two of a stereo pair.

    Final Cut Pro 7 and those that write as it did have a track for each channel.
    """
    index = 1
    while index < len(timeline.tracks):
        left, right = timeline.tracks[index - 1], timeline.tracks[index]
        if _is_ours(left) and _is_ours(right) and _layout(left) == _layout(right):
            del timeline.tracks[index]
        else:
            index += 1


def _layout(track: Any) -> list[tuple[Any, ...]]:
    """What decides what a track of ours plays."""
    return [
        (item.name, file_name(item), item.trimmed_range(), item.enabled, len(item.markers))
        if isinstance(item, schema.Clip)
        else (type(item), item.duration())
        for item in track
    ]


def name_tracks(timeline: Any) -> None:
    """Make score tracks of those that hold clips of ours and no others'."""
    lanes = {facts_of(track).get("lane") for track in timeline.tracks if is_score_track(track)}
    for track in timeline.tracks:
        if not is_score_track(track) and _is_ours(track):
            lane = _lane(track, lanes)
            lanes.add(lane)
            track.metadata[KEY] = {"role": "score", "lane": lane}
            if _HOSTS_NAME.fullmatch(track.name or ""):
                track.name = TRACK_NAME if lane == 0 else f"{TRACK_NAME} {lane + 1}"


def _lane(track: Any, taken: set[Any]) -> int:
    """The lane that a track's name tells, else the next that is free."""
    match = _OUR_NAME.fullmatch(track.name or "")
    named = max(int(match[1] or 1), 1) - 1 if match else 0
    return named if named not in taken else next(n for n in range(999) if n not in taken)


def _is_ours(track: Any) -> bool:
    """Whether a track holds clips of ours, and nothing else but gaps and transitions."""
    if not (isinstance(track, schema.Track) and track.kind == schema.TrackKind.Audio):
        return False
    holds = [item for item in track if not isinstance(item, schema.Gap | schema.Transition)]
    return bool(holds) and all(is_score_clip(item) for item in holds)
