"""Tracks cut to their own range and that of the timeline, which an AAF has no place for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import exact_rate, moment, rational, seconds
from otio_hpm.timeline.tree import speed_of


def with_trims_in_items(timeline: Any, rate: Fraction, losses: Losses) -> Any:
    """A copy of a timeline of which no track has a range: what it shows stands on it, from 0 on.

    Clips, gaps, nested sequences and transitions that are not seen are left out, and the others cut
    to what is. Tracks of nested sequences are treated alike. The timeline's own range and markers
    stay as they are.
    """
    conformed = timeline.deepcopy()
    conformed.tracks[:] = [_as_track(child.deepcopy()) for child in timeline.tracks]
    outer = conformed.tracks.source_range
    for track in conformed.find_children(descended_from_type=schema.Track):
        if not isinstance(track.parent(), schema.Stack):
            continue  # an item of a track, which is trimmed as clips are
        window, track.source_range = track.source_range, None
        for shown in (window, outer if track.parent() is conformed.tracks else None):
            if shown is not None:
                _cut(track, shown, rate, losses)
    return conformed


def _as_track(child: Any) -> Any:
    """What stands on a track of picture where it is no track itself."""
    if isinstance(child, schema.Track):
        return child
    return schema.Track(kind=schema.TrackKind.Video, children=[child])


def _cut(track: Any, window: Any, rate: Fraction, losses: Losses) -> None:
    """Leave on a track what a range of it shows, and count its time from there."""
    first_s = seconds(window.start_time)
    last_s = first_s + seconds(window.duration)
    children = list(track)
    track[:] = [_gap(-first_s, rate)] if first_s < 0 else []
    end_s = Fraction(0)
    for child in children:
        if isinstance(child, schema.Transition):
            if first_s <= end_s <= last_s:
                track.append(child)
            else:
                _tell_cut_transition(child, end_s, first_s, last_s, losses)
            continue
        start_s, end_s = end_s, end_s + seconds(child.duration())
        if start_s < last_s and end_s > first_s:
            head_s, tail_s = max(first_s - start_s, Fraction(0)), max(end_s - last_s, Fraction(0))
            _shorten(child, head_s, tail_s, rate)
            track.append(child)
    for marker in track.markers:
        marker.marked_range = _moved(marker.marked_range, -first_s)


def _tell_cut_transition(
    transition: Any, cut_s: Fraction, first_s: Fraction, last_s: Fraction, losses: Losses
) -> None:
    """Say that one of which only a part would be seen, without its edit, is left out."""
    start_s, end_s = cut_s - seconds(transition.in_offset), cut_s + seconds(transition.out_offset)
    if start_s < last_s and end_s > first_s:
        losses.add("transitions that the timeline's own range cuts are left out", transition.name)


def _shorten(item: Any, head_s: Fraction, tail_s: Fraction, rate: Fraction) -> None:
    """Cut an item on its track; what it shows at the moments that stay is the same."""
    if not head_s and not tail_s:
        return
    own, speed = item.trimmed_range(), speed_of(item)
    length_s = seconds(own.duration) - head_s - tail_s
    moved = _moved(own, head_s * speed if speed >= 0 else -tail_s * speed)
    item.source_range = opentime.TimeRange(moved.start_time, moment(length_s, rate))


def _moved(extent: Any, by_s: Fraction) -> Any:
    start = extent.start_time
    start_s = seconds(start) + by_s
    return opentime.TimeRange(moment(start_s, exact_rate(start.rate)), extent.duration)


def _gap(length_s: Fraction, rate: Fraction) -> Any:
    return schema.Gap(source_range=opentime.TimeRange(rational(0, rate), moment(length_s, rate)))
