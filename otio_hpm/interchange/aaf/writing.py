"""Writing an AAF: a top-level composition with timecode, tracks, markers and linked media."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import aaf2
from opentimelineio import core

from otio_hpm import __version__
from otio_hpm.errors import OutputError
from otio_hpm.interchange.aaf.compositions import KINDS, Compositions
from otio_hpm.interchange.aaf.marker_writing import MarkerSlots
from otio_hpm.interchange.aaf.mob_making import EPOCH, mob_id
from otio_hpm.interchange.aaf.stereo import PAN as PAN_NAME
from otio_hpm.interchange.aaf.trims import with_trims_in_items
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.unsaid import (
    note_colours,
    note_hidden,
    note_links,
    note_marks,
    note_media_names,
    note_metadata,
    note_nameless,
    note_outer_effects,
    note_ramps,
    note_transitions,
)
from otio_hpm.timeline.extent import duration_frames
from otio_hpm.timing import nominal

_PRODUCT = "5a9c2f3e-6d7b-5c1e-9a4f-0d2e8b7c6a51"


def write_aaf(timeline: Any, delivery: Delivery) -> Written:
    """A timeline as an AAF that links to its media; the same input gives the same bytes.

    Written by a writer of our own on pyaaf2: the published adapter's has no markers, calls every
    track of sound `Sequence` and needs mob ids in the metadata. Sound is written in frames, as
    Avid needs it. A stereo file of ours lies on two mono tracks of one name, panned hard left and
    right. Raises OutputError for a timeline that an AAF cannot hold.
    """
    losses = Losses()
    with _repeatable():
        file = aaf2.open()
        try:
            _describe(file, timeline)
            _write(file, timeline, delivery, losses)
            data = _finished(file)
        except (ValueError, OverflowError, RecursionError) as error:
            raise OutputError(
                f"{delivery.path.name} cannot be written: {error}",
                hint="Write the timeline as .otio, which holds everything.",
            ) from error
    return Written(data=data, losses=losses.sentences())


def _write(file: Any, timeline: Any, delivery: Delivery, losses: Losses) -> None:
    compositions = Compositions(file, delivery, losses, _digest(timeline, delivery))
    mob = compositions.create(timeline.name or "Sequence", "Usage_TopLevel")
    timecode = _add_timecode(file, mob, timeline, delivery)
    _add_comments(mob, timeline)
    markers = MarkerSlots(file, mob, delivery, losses)
    markers.add_timeline(timeline, timecode)
    conformed = with_trims_in_items(timeline, delivery.rate, losses)
    counts: Counter[str] = Counter()
    placed = []
    for kind in KINDS:
        for track in conformed.tracks:
            if track.kind == kind:
                where = f"track {track.name!r}" if track.name else f"{kind} track"
                slots = compositions.add_track(mob, track, counts[kind] + 1, where)
                counts[kind] += len(slots)
                placed.append((track, slots[0], where))
    for track, slot, where in placed:
        markers.add_track(track, slot, where)
    for track in conformed.tracks:
        if track.kind not in KINDS:
            losses.add("tracks of neither picture nor sound", repr(track.name))
    note_metadata(timeline, losses, kept="AAF")
    note_hidden(timeline, losses)
    note_links(timeline, losses)
    note_marks(timeline, losses)
    note_transitions(timeline, losses)
    note_nameless(timeline, losses)
    note_media_names(timeline, losses, kept="AAF")
    note_colours(timeline, losses)
    note_outer_effects(timeline, losses, written=(PAN_NAME,))
    note_ramps(timeline, losses)


def _add_timecode(file: Any, mob: Any, timeline: Any, delivery: Delivery) -> Any:
    """The primary timecode track: the first one, of that name and number."""
    slot = mob.create_timeline_slot(str(delivery.rate))
    slot.name = "TC1"
    slot["PhysicalTrackNumber"].value = 1
    length = max(1, duration_frames(timeline, delivery.rate))
    timecode = file.create.Timecode(nominal(delivery.rate), drop=delivery.drop_frame, length=length)
    timecode.start = delivery.start_frames
    slot.segment = timecode
    return slot


def _add_comments(mob: Any, timeline: Any) -> None:
    """Comments of the sequence that the AAF had which the timeline came from."""
    facts = timeline.metadata.get("AAF")
    comments = facts.get("UserComments") if isinstance(facts, Mapping) else None
    for name, value in comments.items() if isinstance(comments, Mapping) else ():
        if isinstance(value, str):
            mob.comments[name] = value


def _describe(file: Any, timeline: Any) -> None:
    """Who wrote the file; dates and ids are not those of the moment, but of the content."""
    made = file.header["IdentificationList"].value[0]
    made["CompanyName"].value = "otio-hpm"
    made["ProductName"].value = "otio-hpm"
    made["ProductVersionString"].value = __version__
    made["ProductID"].value = aaf2.auid.AUID(_PRODUCT)
    made["Platform"].value = "any"
    made["Date"].value = EPOCH
    made["GenerationAUID"].value = mob_id("", "generation", timeline.name).material
    file.header["LastModified"].value = EPOCH


def _finished(file: Any) -> bytes:
    """The bytes of an open file in memory."""
    file.save()
    file.manager.remove_temp()
    file.cfb.close()
    return bytes(file.f.getvalue())


def _digest(timeline: Any, delivery: Delivery) -> str:
    text = core.serialize_json_to_string(timeline, {}, 0)
    said = f"{delivery.rate} {delivery.start_frames} {delivery.drop_frame} {text}"
    return hashlib.sha256(said.encode()).hexdigest()


@contextlib.contextmanager
def _repeatable() -> Iterator[None]:
    """The library shuffles a compound file's folders to balance them: here always alike."""
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)
