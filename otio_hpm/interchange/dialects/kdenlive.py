"""What Kdenlive's own import (`otioimport.cpp`) reads.

Media are plain paths. The time within a file counts from 0: Kdenlive knows the timecode of movies
alone, and a WAV with one would be slipped by it. A clip's markers count from the clip's beginning.
A transition becomes a mix of two neighbours, so that fades against silence are left out, and level
and effects are not read. A marker's text is its comment.
"""

from __future__ import annotations

from typing import Any

from opentimelineio import opentime

from otio_hpm.interchange.dialects.frames import round_fade
from otio_hpm.interchange.dialects.ours import is_open, is_our_fade
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.fades import child_at
from otio_hpm.timeline.takes import KEY, facts_of, is_score_clip

MOVED = "start_time"
"""In our metadata of a reference: the start of its media, which counts from 0 here."""
LEFT_OUT = "left_out"
"""In our facts of a clip's fades: that they are not on the timeline."""


def dress_clip(clip: Any) -> None:
    """Count the time of a clip of ours from the first sample of its file."""
    span = clip.trimmed_range()
    for key, reference in clip.media_references().items():
        own = reference.available_range
        if own is None or MOVED in facts_of(reference):
            continue
        start = own.start_time
        reference.metadata[KEY] = {**facts_of(reference), MOVED: start}
        reference.available_range = opentime.TimeRange(start - start, own.duration)
        if key == clip.active_media_reference_key:
            clip.source_range = opentime.TimeRange(span.start_time - start, span.duration)
    for marker in clip.markers:
        marker.marked_range = _moved(marker.marked_range, -span.start_time)


def undress_clip(clip: Any) -> None:
    """Count the time of a clip of ours by timecode again."""
    found = {
        key: reference
        for key, reference in clip.media_references().items()
        if isinstance(facts_of(reference).get(MOVED), opentime.RationalTime)
    }
    for key, reference in found.items():
        start = reference.metadata[KEY].pop(MOVED)
        reference.available_range = _moved(reference.available_range, start)
        if key == clip.active_media_reference_key:
            clip.source_range = _moved(clip.trimmed_range(), start)
            for marker in clip.markers:
                marker.marked_range = _moved(marker.marked_range, clip.source_range.start_time)


def dress_fades(track: Any, rate: Any) -> list[str]:
    """Leave out the fades against silence; the names of their clips."""
    children, clips = list(track), []
    for index, child in enumerate(children):
        if not is_our_fade(child):
            continue
        left, right = child_at(children, index - 1), child_at(children, index + 1)
        inner, outer = (left, right) if is_score_clip(left) else (right, left)
        if is_score_clip(inner) and is_open(outer):
            facts = facts_of(inner)
            inner.metadata[KEY]["fades"] = {**facts.get("fades", {}), LEFT_OUT: True}
            clips.append(inner.name)
            del track[track.index(child)]
        else:
            round_fade(child, rate)
    return list(dict.fromkeys(clips))


def dress_marker(marker: Any, text: str) -> None:
    """Put a marker's text where Kdenlive shows it."""
    marker.comment = text


def take_left_out(clip: Any) -> bool:
    """Take the remark that fades were left out off a clip; whether it was there."""
    fades = facts_of(clip).get("fades")
    return bool(fades.pop(LEFT_OUT, False)) if hasattr(fades, "get") else False


def undress_track(track: Any) -> None:
    """Kdenlive gives every track a range: drop one that cuts nothing off."""
    own = track.source_range
    if own is not None and own.start_time.value == 0:
        shown, whole = seconds(own.duration), seconds(track.available_range().duration)
        track.source_range = own if shown < whole else None


def _moved(span: Any, by: Any) -> Any:
    return opentime.TimeRange(span.start_time + by, span.duration)
