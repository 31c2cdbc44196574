"""Writing a timeline as xmeml."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from opentimelineio import schema

from otio_hpm.errors import OutputError
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.interchange.fcp7.channels import channels_of
from otio_hpm.interchange.fcp7.clips_writing import ClipWriter, is_generator, place_marker
from otio_hpm.interchange.fcp7.kept import KEY, add, fill, kept_of, within
from otio_hpm.interchange.fcp7.layout import Layout, laid_out
from otio_hpm.interchange.fcp7.media_writing import MediaBook
from otio_hpm.interchange.fcp7.nested import NestedBook, as_track
from otio_hpm.interchange.fcp7.timecode import write_rate, write_timecode
from otio_hpm.interchange.fcp7.tracks_writing import TracksWriter
from otio_hpm.interchange.fcp7.values import parse_number, rate_in, timebase
from otio_hpm.interchange.frame import Frame, frame_of
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.unsaid import (
    note_colours,
    note_hidden,
    note_marks,
    note_metadata,
    note_outer_effects,
    note_ramps,
    note_transitions,
)
from otio_hpm.interchange.xml_text import note_characters
from otio_hpm.timeline.exact import nearest, seconds
from otio_hpm.timeline.extent import length_s

_VERSIONS = ("4", "5")
_WRITTEN = (
    "@id", "@explodedTracks", "uuid", "name", "duration", "rate", "timecode", "media", "marker",
    "in", "out",
)  # fmt: skip
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def write_fcp7(timeline: Any, delivery: Delivery) -> Written:
    """A timeline as Final Cut Pro 7 XML; version 4, as Premiere writes it, or 5.

    Raises OutputError for another version or a rate that xmeml cannot say, and TimelineError for a
    clip without length.
    """
    version = delivery.version or _VERSIONS[0]
    if version not in _VERSIONS:
        raise OutputError(
            f"version {version!r} of Final Cut Pro 7 XML is not written",
            hint=f"Versions are {' and '.join(_VERSIONS)}.",
        )
    if timebase(delivery.rate) is None:
        raise OutputError(f"Final Cut Pro 7 XML cannot say {delivery.rate} frames per second")
    length_s(timeline.tracks)
    root, losses = Element("xmeml", version=version), Losses()
    _Writer(delivery, losses, frame_of(timeline)).write(root, timeline)
    _say_unsaid(timeline, losses)
    note_characters(timeline, losses)
    indent(root, " ")
    data = tostring(root, encoding="utf-8").replace(b"\r", b"&#13;")  # else read as a line feed
    return Written(data=_HEAD + data, losses=losses.sentences())


class _Writer:
    """Writes one timeline with the sequences inside it."""

    def __init__(self, delivery: Delivery, losses: Losses, frame: Frame | None) -> None:
        self._delivery, self._losses, self._frame = delivery, losses, frame
        self._media, self._nested = MediaBook(delivery, losses), NestedBook()
        self._ids = count(1)

    def write(self, root: Element, timeline: Any) -> None:
        """Add the timeline's `<sequence>`."""
        stack, rate = timeline.tracks, self._delivery.rate
        tracks = self._playable(map(as_track, stack))
        for track in tracks:
            self._learn(track, track.kind, 0)
        sequence = SubElement(root, "sequence", id="sequence-1")
        kept = kept_of(timeline)
        layouts = [laid_out(track, stack.source_range, rate, self._losses) for track in tracks]
        self._write_sequence(sequence, timeline.name, layouts, rate, kept)
        drop, start = self._delivery.drop_frame, self._delivery.start_frames
        _write_clock(sequence, start, rate, drop, within(kept, "timecode"))
        first = seconds(stack.source_range.start_time) if stack.source_range else Fraction(0)
        self._write_markers(sequence, stack.markers, -first, rate)
        for layout in layouts:
            self._write_strays(sequence, layout, rate)
        fill(sequence, kept, without=_WRITTEN)

    def _write_sequence(
        self, sequence: Element, name: str, layouts: Sequence[Layout], rate: Fraction, kept: Any
    ) -> int:
        """Add what every sequence has; returns its length in frames."""
        length = max((layout.end for layout in layouts), default=0)
        add(sequence, "name", name)
        add(sequence, "duration", length)
        write_rate(sequence, rate)
        clips = ClipWriter(
            media=self._media, losses=self._losses, record=rate, write_nested=self._write_nested
        )
        writer = TracksWriter(
            clips=clips,
            losses=self._losses,
            rate=rate,
            next_id=lambda: f"clipitem-{next(self._ids)}",
            frame=self._frame,
        )
        writer.write(sequence, layouts, within(kept, "media"))
        return length

    def _write_nested(self, parent: Element, item: Any, kind: str) -> int:
        """Add the sequence of a nested item; by its id alone where it was defined before."""
        nested = self._nested.learn(item, kind)
        rate = rate_in(nested.kept.get("rate")) or self._delivery.rate
        sequence = SubElement(parent, "sequence", id=nested.identifier)
        tracks = self._playable(nested.all_tracks())
        layouts = [laid_out(track, None, rate, self._losses) for track in tracks]
        if nested.defined:
            return max((layout.end for layout in layouts), default=0)
        nested.defined = True
        length = self._write_sequence(sequence, nested.name, layouts, rate, nested.kept)
        clock = within(nested.kept, "timecode")
        start = parse_number(str(within(clock, "frame")))
        if start is not None and start >= 0:
            drop = within(clock, "displayformat") == "DF"
            _write_clock(sequence, nearest(start), rate, drop, clock)
        self._write_markers(sequence, nested.markers, Fraction(0), rate)
        for layout in layouts:
            self._write_strays(sequence, layout, rate)
        if nested.unheard:
            words = "sound inside nested sequences that are on no track of sound is not heard"
            self._losses.add(words, repr(nested.name))
        fill(sequence, nested.kept, without=_WRITTEN)
        return length

    def _playable(self, tracks: Any) -> list[Any]:
        """Tracks of picture and sound; others are left out, and said."""
        kinds = (schema.TrackKind.Video, schema.TrackKind.Audio)
        found = []
        for track in tracks:
            if track.kind in kinds:
                found.append(track)
            else:
                self._losses.add("tracks without picture and sound are left out", repr(track.name))
        return found

    def _learn(self, item: Any, kind: str, channels: int) -> None:
        """Take in every file and nested sequence, before the first is written."""
        if isinstance(item, schema.Clip):
            if not is_generator(item):
                self._media.learn(item, kind, channels)
            return
        if isinstance(item, schema.Track) and item.kind == schema.TrackKind.Audio:
            kind, channels = item.kind, channels_of(item, self._losses)
        for child in item if isinstance(item, schema.Stack | schema.Track) else ():
            if isinstance(child, schema.Stack | schema.Track) and isinstance(item, schema.Track):
                self._nested.learn(child, item.kind)
            self._learn(child, kind, channels)

    def _write_markers(
        self, sequence: Element, markers: Any, offset_s: Fraction, rate: Fraction
    ) -> None:
        for marker in markers:
            span = marker.marked_range
            start, length = seconds(span.start_time) + offset_s, seconds(span.duration)
            where = f"{marker.name!r} of the sequence"
            place_marker(sequence, marker, start * rate, length * rate, where, self._losses)

    def _write_strays(self, sequence: Element, layout: Layout, rate: Fraction) -> None:
        """Markers of tracks and gaps, which xmeml does not have, on their sequence."""
        for laid in layout.gaps:
            own = seconds(laid.item.trimmed_range().start_time) + laid.hidden_s
            self._move(sequence, laid.item, laid.start / rate - own, rate, "a gap")
        self._move(sequence, layout.track, layout.origin_s, rate, f"track {layout.track.name!r}")

    def _move(
        self, sequence: Element, item: Any, offset_s: Fraction, rate: Fraction, of: str
    ) -> None:
        for marker in item.markers:
            self._losses.add("markers are moved to the sequence", f"{marker.name!r} of {of}")
        self._write_markers(sequence, item.markers, offset_s, rate)


def _write_clock(sequence: Element, start: int, rate: Fraction, drop: bool, kept: Any) -> None:
    """Add the timecode of a sequence's first frame, with what else is kept of it."""
    timecode = write_timecode(sequence, start, rate, drop)
    fill(timecode, kept, without=("rate", "displayformat", "string", "frame"))


def _say_unsaid(timeline: Any, losses: Losses) -> None:
    """Say what xmeml has no place for."""
    for clip in timeline.find_clips():
        _say_of_clip(clip, losses)
    note_metadata(timeline, losses, kept=KEY)
    note_colours(timeline, losses)
    note_outer_effects(timeline, losses)
    note_ramps(timeline, losses)
    note_hidden(timeline, losses)
    note_marks(timeline, losses)
    note_transitions(timeline, losses, kept=KEY)


def _say_of_clip(clip: Any, losses: Losses) -> None:
    if len(clip.media_references()) > 1:
        losses.add("of several media of a clip only the active one is written", repr(clip.name))
    if isinstance(clip.media_reference, schema.ImageSequenceReference):
        losses.add("image sequences are named by their first image", repr(clip.name))
