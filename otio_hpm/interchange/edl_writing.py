"""Writing an edit decision list (CMX 3600): one picture track and four channels of sound.

Picture is on V. Sound is on A, A2, and 3 and 4 of an AUD line; music of ours is stereo and has two
channels, other tracks have one. Names longer than a reel's eight characters are in comments, as
are paths, in the way of the published adapter. Timecode counts as the delivery says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.edl_lines import Lines, fcm
from otio_hpm.interchange.edl_locators import HEAD, PICTURE, Homes, Located, Locators
from otio_hpm.interchange.edl_model import Lane, Span
from otio_hpm.interchange.edl_sources import comments_of, one_line
from otio_hpm.interchange.edl_spans import lane_of
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
from otio_hpm.timeline.takes import is_score_clip
from otio_hpm.timing import format_rate, format_timecode

_COLUMNS = {
    (1,): "A",
    (2,): "A2",
    (3,): "NONE\nAUD  3",
    (4,): "NONE\nAUD  4",
    (1, 2): "AA",
    (3, 4): "NONE\nAUD  3    4",
}
"""Column of channels, and the line that it needs under its event, by audio channels."""
_CHANNELS = 4
_MAX_EVENTS = 999

Events = list[tuple[str, Span]]
"""Columns of channels and what is on them, in record order."""


def write_edl(timeline: Any, delivery: Delivery) -> Written:
    """A timeline as an edit decision list, UTF-8. Raises OutputError for a clip without length."""
    losses = Losses()
    losses.add(f"the list does not say its rate: import it at {format_rate(delivery.rate)}")
    lanes = [
        lane_of(track, timeline.tracks, delivery.rate, losses)
        for track in timeline.tracks
        if isinstance(track, schema.Track) and _is_enabled(track, losses)
    ]
    events = _events(lanes, losses)
    located = list(_located(timeline, lanes, delivery, losses))
    lines = [
        *_head(timeline, delivery, losses),
        *_body(events, located, Lines(delivery, losses), losses),
    ]
    for _, span in events:
        _note_item(span.item, losses)
    _note_start(events, delivery, losses)
    note_metadata(timeline, losses, kept="cmx_3600")
    note_links(timeline, losses)
    note_marks(timeline, losses)
    note_transitions(timeline, losses, kept="cmx_3600")
    note_nameless(timeline, losses)
    note_media_names(timeline, losses)
    note_colours(timeline, losses)
    note_outer_effects(timeline, losses)
    note_ramps(timeline, losses)
    note_hidden(timeline, losses)
    data = "\n".join([*lines, ""]).encode("utf-8", errors="replace")
    return Written(data=data, losses=losses.sentences())


def _is_enabled(track: Any, losses: Losses) -> bool:
    if not track.enabled and len(track):
        losses.add("disabled tracks are left out", repr(track.name))
    return bool(track.enabled)


def _events(lanes: list[Lane], losses: Losses) -> Events:
    """What is on the tracks that the list has room for."""
    columns = list(_columns(lanes, losses))
    found = [(column, span) for column, lane in columns for span in lane.seen]
    for column, lane in columns:
        if lane.track.name not in ("", column):
            where = f"{lane.track.name!r} is on {' '.join(column.split())}"
            losses.add("tracks have no names", where)
    return sorted(found, key=lambda event: event[1].start)


def _columns(lanes: list[Lane], losses: Losses) -> Iterator[tuple[str, Lane]]:
    """Tracks with the channels that they are on: the lowest picture, ours in pairs, the others."""
    filled = [lane for lane in lanes if lane.seen]
    picture = [lane for lane in filled if lane.kind == schema.TrackKind.Video][:1]
    sound = [lane for lane in filled if lane.kind == schema.TrackKind.Audio]
    ours = [lane for lane in sound if _is_ours(lane)][: _CHANNELS // 2]
    others = [lane for lane in sound if not _is_ours(lane)][: _CHANNELS - 2 * len(ours)]
    yield from ((PICTURE, lane) for lane in picture)
    yield from ((_COLUMNS[(channel,)], lane) for channel, lane in enumerate(others, start=1))
    pairs = [(1, 2), (3, 4)] if not others else [(3, 4)]
    yield from ((_COLUMNS[pair], lane) for pair, lane in zip(pairs, ours, strict=False))
    for lane in filled:
        if not any(lane is kept for kept in (*picture, *ours, *others)):
            words = f"a list has one picture track and {_CHANNELS} channels of sound; left out are"
            losses.add(words, f"{lane.kind.lower()} track {lane.track.name!r}")


def _is_ours(lane: Lane) -> bool:
    return any(is_score_clip(span.item) for span in lane.spans)


def _located(
    timeline: Any, lanes: list[Lane], delivery: Delivery, losses: Losses
) -> Iterator[Located]:
    """All markers that stand anywhere in record time."""
    locators = Locators(delivery.rate, losses)
    end = max((span.end for lane in lanes for span in lane.spans), default=0)
    yield from locators.of_timeline(timeline, delivery.start_frames, end)
    for lane in lanes:
        yield from locators.of_lane(lane)


def _head(timeline: Any, delivery: Delivery, losses: Losses) -> Iterator[str]:
    title = one_line(timeline.name)
    if title != timeline.name:
        losses.add("names are cut to what fits on a line", repr(timeline.name))
    yield f"TITLE: {title}".rstrip()
    yield fcm(delivery.drop_frame)
    yield ""
    yield from (f"* {comment}" for comment in comments_of(timeline))


def _body(events: Events, located: list[Located], lines: Lines, losses: Losses) -> Iterator[str]:
    """The events with their locators."""
    kept: list[tuple[str, Span]] = []
    written: list[list[str]] = []
    for column, span in events:
        if text := lines.event(len(kept) + 1, column, span):
            kept.append((column, span))
            written.append(text)
    if len(kept) > _MAX_EVENTS:
        losses.add(f"CMX 3600 numbers {_MAX_EVENTS} events at most, and these are {len(kept)}")
    if not kept:
        losses.add("no clip could be written, so the list is empty")
        return
    under = Homes(kept, losses).of(located)
    for number, text in enumerate([[], *written], start=HEAD):
        yield from text
        for one in under.get(number, ()):
            yield from lines.locator(one)


def _note_item(item: Any, losses: Losses) -> None:
    """Note what of an item no line of an event says."""
    where = repr(item.name)
    if isinstance(item, schema.Stack | schema.Track):
        losses.add("nested sequences are one event each, without what is in them", where)
    for effect in item.effects:
        if not isinstance(effect, schema.LinearTimeWarp):
            is_retime = isinstance(effect, schema.TimeEffect)
            kind = "retimes that vary" if is_retime else "effects on clips"
            losses.add(f"{kind} are left out", where)
    if not isinstance(item, schema.Clip):
        return
    if len(item.media_references()) > 1:
        losses.add("of several media references the active one is written", where)
    generator = getattr(item.media_reference, "generator_kind", "black")
    if generator not in ("black", "SMPTEBars"):
        losses.add("generated pictures are events of an auxiliary source", where)


def _note_start(events: Events, delivery: Delivery, losses: Losses) -> None:
    if events and (first := events[0][1].start) > 0:
        words = "the list begins with its first event, not with the timeline"
        at = format_timecode(first + delivery.start_frames, delivery.rate, delivery.drop_frame)
        losses.add(words, at)
