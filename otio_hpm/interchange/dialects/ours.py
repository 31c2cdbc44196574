"""What is ours on a timeline: the only things that a dialect changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.takes import facts_of, is_score_clip

MARKER_KEY = "marker_list"
"""Key in the metadata of a marker that was merged from a list (`timeline.superseded.LIST_KEY`)."""


def our_tracks(timeline: Any) -> list[Any]:
    """Tracks that scoring wrote."""
    return [
        track
        for track in timeline.tracks
        if isinstance(track, schema.Track) and facts_of(track).get("role") == "score"
    ]


def our_clips(timeline: Any) -> list[Any]:
    """Clips of cues, wherever an editor put them."""
    return [clip for clip in timeline.find_clips() if is_score_clip(clip)]


def our_markers(timeline: Any) -> Iterator[Any]:
    """Markers on our tracks, and those that were added from another file."""
    for track in our_tracks(timeline):
        yield from track.markers
        for child in track:
            yield from getattr(child, "markers", ())
    for owner in (timeline.tracks, *timeline.tracks):
        yield from (marker for marker in owner.markers if MARKER_KEY in marker.metadata)


def is_open(neighbour: Any) -> bool:
    """Whether nothing sounds beside a clip: a gap, or the end of the track (None)."""
    return neighbour is None or isinstance(neighbour, schema.Gap)


def is_our_fade(child: Any) -> bool:
    """Whether a child of a track is a transition that scoring wrote."""
    return isinstance(child, schema.Transition) and bool(facts_of(child))
