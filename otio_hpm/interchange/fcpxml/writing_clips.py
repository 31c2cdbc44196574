"""Clips, titles and gaps as elements of the story."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.writing_assets import Media, add_reel, media_of, note_use
from otio_hpm.interchange.fcpxml.writing_clock import Clock, Source, clock_of, kept_clock, tame
from otio_hpm.interchange.fcpxml.writing_described import describe, note_effects, note_others, place
from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, own_of, texts
from otio_hpm.interchange.fcpxml.writing_layout import Slot
from otio_hpm.interchange.fcpxml.writing_markers import add_markers
from otio_hpm.interchange.fcpxml.writing_model import PICTURE, SOUND
from otio_hpm.interchange.fcpxml.writing_resources import UNDEFINED
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.tree import speed_of

_OF_PICTURE = {*PICTURE, "filter-video", "filter-video-mask", "caption"}
_OF_SOUND = {*SOUND, "audio-channel-source", "filter-audio"}


def gap_host(job: Job, start_s: Fraction, end_s: Fraction, item: Any = None) -> Host:
    """Nothing for a while, to which other things may be connected."""
    own = item.source_range if item is not None else None
    first_s = seconds(own.start_time) if own is not None else Fraction(0)
    element = etree.Element("gap", {"name": "Gap"})
    host = Host(
        element=element,
        start_s=start_s,
        end_s=end_s,
        clock=Clock(start_s=first_s, first_s=first_s),
    )
    place(job, host)
    if item is not None:
        describe(job, item, host)
        add_markers(job, item, host)
    return host


def title_host(job: Job, slot: Slot) -> Host | None:
    """A title or generator that a file had; None for any other, which has no name here."""
    reference = slot.item.media_reference
    effect = texts(facts(reference).get("effect"))
    if not effect.get("uid"):
        job.losses.add(
            "Generators and titles of other systems are left out, black in the first track",
            repr(slot.item.name),
        )
        for marker in slot.item.markers:
            job.losses.add("Markers of what is left out go with it", repr(marker.name))
        return None
    source = _source(slot, None)
    if source.speed != 1:
        job.losses.add("Titles and generators run at their own speed", repr(slot.item.name))
    tag = "title" if facts(slot.item).get("element") == "title" else "video"
    host = Host(
        element=etree.Element(tag, {"ref": job.resources.effect(effect)}),
        start_s=slot.start_s,
        end_s=slot.end_s,
        clock=Clock(start_s=source.first_s, first_s=source.first_s),
    )
    place(job, host, slot.item)
    describe(job, slot.item, host)
    add_markers(job, slot.item, host)
    return host


def clip_host(job: Job, slot: Slot, *, sound: bool, heard: bool = False) -> Host:
    """A clip of media: its picture, `heard` with its own sound, or its sound alone."""
    clip = slot.item
    media = media_of(job, clip, sound=sound)
    source = _source(slot, media)
    note_use(job, media, clip, source.used)
    clock = _clock(job, clip, source, media)
    host = Host(
        element=etree.Element("video" if media.is_still else "asset-clip", {"ref": media.id}),
        start_s=slot.start_s,
        end_s=slot.end_s,
        clock=clock,
    )
    place(job, host, clip)
    host.element.extend(clock.timing)
    _choose(job, host, media, sound=sound, heard=heard)
    unwanted = _OF_PICTURE if sound else set() if heard else _OF_SOUND
    describe(job, clip, host, without=unwanted | {"conform-rate"})
    add_reel(job, media, clip, host.element)
    note_effects(job, clip)
    note_others(job, clip)
    add_markers(job, clip, host, media.own_seconds)
    return host


def _source(slot: Slot, media: Media | None) -> Source:
    """What a clip shows of its media; of a clip that is not trimmed, from their first frame on."""
    clip = slot.item
    own = clip.source_range or clip.media_reference.available_range
    low_s = media.own_seconds(own.start_time) if media else seconds(own.start_time)
    speed = tame(speed_of(clip)) * (media.step if media else 1)
    first_s = low_s if speed >= 0 else low_s - speed * seconds(own.duration)
    return Source(first_s=first_s + slot.trimmed_s * speed, speed=speed, length_s=slot.length_s)


def _clock(job: Job, clip: Any, source: Source, media: Media) -> Clock:
    """The clock of a clip: by the uneven retime that is kept of it, or by its speed."""
    if kept := facts(clip).get("timeMap"):
        time_map = job.keeper.element(kept, clip)
        found = kept_clock(source, time_map, own_of(clip)) if time_map is not None else None
        if found is not None:
            return found
        job.losses.add("Uneven retimes that do not fit any more are left out", repr(clip.name))
    asset = media.asset
    limits = (asset.start_s, asset.end_s) if asset.stated else source.used
    return clock_of(source, limits, media.rate, job.grid, is_still=media.is_still)


def _choose(job: Job, host: Host, media: Media, *, sound: bool, heard: bool) -> None:
    """Say what of an asset is used, and its format where it is not the sequence's.

    What is said of an asset that has only that is taken back when all of its uses are known.
    """
    if media.is_still:
        return
    element = host.element
    if not heard:
        element.set("srcEnable", "audio" if sound else "video")
    own = media.asset.element.get("format")
    wanted = job.resources.format({"name": UNDEFINED}) if own is None else own
    if wanted != job.sequence_format:
        element.set("format", wanted)
