"""Nested stacks and tracks as compound clips: media with a sequence of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.interchange.fcpxml.writing_clock import Clock, Source, clock_of, kept_clock, tame
from otio_hpm.interchange.fcpxml.writing_described import describe, note_effects, place
from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, origin_of, own_of, texts
from otio_hpm.interchange.fcpxml.writing_layout import Slot
from otio_hpm.interchange.fcpxml.writing_markers import add_markers
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.extent import length_s
from otio_hpm.timeline.tree import speed_of

Fill = Callable[[Any, list[Any], Fraction], None]
"""Makes the sequence of some tracks, which begins at a time, inside a media element."""

_OTHERS = ("sync-clip", "mc-clip", "clip")


def compound_host(job: Job, slot: Slot, sounds: Sequence[Any], fill: Fill, *, sound: bool) -> Host:
    """A nested item, with the stacks that are its sound, as a clip that refers to its media."""
    item = slot.item
    tracks = [track for part in (item, *sounds) for track in _tracks(part)]
    origin_s = job.grid.snapped(origin_of(item))
    key = (origin_s, *(track.to_json_string() for track in tracks))
    name = texts(facts(item)).get("media") or item.name or "Compound Clip"
    number, media = job.resources.media(key, name)
    if media is not None:
        fill(media, tracks, origin_s)
    inner_s = max((length_s(track) for track in tracks), default=Fraction(0))
    clock = _clock(job, slot, origin_s, inner_s)
    host = Host(
        element=etree.Element("ref-clip", {"ref": number}),
        start_s=slot.start_s,
        end_s=slot.end_s,
        clock=clock,
    )
    place(job, host, item)
    host.element.extend(clock.timing)
    if sound:
        host.element.set("srcEnable", "audio")
    if facts(item).get("element") in _OTHERS:
        words = "Synchronized, multicam and other containers are written as compound clips"
        job.losses.add(words, repr(item.name))
    describe(job, item, host, without=("conform-rate", "sync-source", "audio-channel-source"))
    note_effects(job, item)
    add_markers(job, item, host, origin_s=origin_s)
    return host


def _tracks(item: Any) -> list[Any]:
    """The tracks of a stack; a nested track is one, whose own range is that of the item."""
    if isinstance(item, schema.Stack):
        return list(item)
    alone = item.deepcopy()
    alone.source_range = None
    return [alone]


def _clock(job: Job, slot: Slot, origin_s: Fraction, inner_s: Fraction) -> Clock:
    item = slot.item
    own = item.source_range
    low_s = origin_s + (seconds(own.start_time) if own else 0)
    speed = tame(speed_of(item))
    first_s = low_s if speed >= 0 else low_s - speed * length_s(item)
    source = Source(first_s=first_s + slot.trimmed_s * speed, speed=speed, length_s=slot.length_s)
    kept = facts(item).get("timeMap")
    if kept and speed == 1:
        time_map = job.keeper.element(kept, item)
        found = kept_clock(source, time_map, own_of(item)) if time_map is not None else None
        if found is not None:
            return found
    return clock_of(source, (origin_s, origin_s + inner_s), None, job.grid)
