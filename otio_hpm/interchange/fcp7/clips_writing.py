"""`<clipitem>` and `<generatoritem>`: clips and nested sequences with all that belongs to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from opentimelineio import schema
from opentimelineio.opentime import RationalTime

from otio_hpm.interchange.fcp7.channels import source_track
from otio_hpm.interchange.fcp7.filters_writing import write_filters
from otio_hpm.interchange.fcp7.kept import add, fill, kept_of
from otio_hpm.interchange.fcp7.layout import Fade
from otio_hpm.interchange.fcp7.links import Entry, write_links
from otio_hpm.interchange.fcp7.markers import write_marker
from otio_hpm.interchange.fcp7.media_writing import MediaBook
from otio_hpm.interchange.fcp7.nested import owns
from otio_hpm.interchange.fcp7.source import Source, clip_rate_of, counted, source_of
from otio_hpm.interchange.fcp7.timecode import write_rate
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import frame_s, nearest
from otio_hpm.timeline.takes import is_score_clip

_WRITTEN = (
    "@id", "name", "enabled", "duration", "rate", "start", "end", "in", "out", "pproTicksIn",
    "pproTicksOut", "masterclipid", "file", "sequence", "sourcetrack", "filter", "effect", "link",
    "marker",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClipWriter:
    """Writes the clip items of one sequence."""

    media: MediaBook
    losses: Losses
    record: Fraction
    """The sequence's rate."""
    write_nested: Callable[[Element, Any, str], int]
    """Adds the `<sequence>` of a nested item on a track of a kind; returns its frames."""

    def write(
        self,
        track: Element,
        entry: Entry,
        fades: tuple[Fade | None, Fade | None],
        group: Sequence[Entry],
        channels: int,
    ) -> None:
        """Add a clip item to a track of so many channels (0 for picture)."""
        clip, rate = entry.laid.item, clip_rate_of(entry.laid.item, self.record)
        inside = Element("inside")
        start, length, master = self._write_media(inside, clip, rate, entry.mediatype)
        source = source_of(entry.laid, start, length, self.record, fades, self.losses)
        item = SubElement(track, _tag(clip), id=entry.identifier)
        if channels:
            item.set("premiereChannelType", "stereo" if channels == 2 else "mono")
        if master:
            add(item, "masterclipid", master)
        add(item, "name", clip.name)
        add(item, "enabled", clip.enabled)
        self._write_times(item, entry, source, length)
        item.extend(inside)
        if channels:
            sound = add(item, "sourcetrack")
            add(sound, "mediatype", "audio")
            add(sound, "trackindex", source_track(clip, entry.channel))
        write_filters(item, clip, source, self.losses)
        write_links(item, group)
        if entry.channel == 0:
            self._write_markers(item, clip, source, start)
        fill(item, _label(clip) | dict(kept_of(clip)), without=_WRITTEN)

    def _write_media(
        self, inside: Element, clip: Any, rate: Fraction, mediatype: str
    ) -> tuple[Fraction, Fraction, str]:
        """Add what a clip plays; returns its first frame, length and master clip's id."""
        if not isinstance(clip, schema.Clip):
            length = self.write_nested(inside, clip, mediatype.capitalize())
            return Fraction(0), Fraction(length), ""
        if is_generator(clip):
            _write_generator(inside, clip.media_reference)
            span = clip.trimmed_range()
            return Fraction(0), counted(span.start_time + span.duration, rate), ""
        file = self.media.of(clip)
        self.media.write(inside, file)
        return file.start_at(rate), file.length_at(rate), f"masterclip-{file.number}"

    def _write_times(self, item: Element, entry: Entry, source: Source, length: Fraction) -> None:
        joined = source.joined
        first, last = source.start_in - source.head, source.start_in + source.length
        retimed = length / abs(Fraction(source.speed)) if source.speed else length
        add(item, "duration", max(1, nearest(retimed)))
        write_rate(item, source.rate)
        add(item, "start", -1 if joined[0] else entry.laid.start)
        add(item, "end", -1 if joined[1] else entry.laid.end)
        add(item, "in", first)
        add(item, "out", last + source.tail)

    def _write_markers(self, item: Element, clip: Any, source: Source, start: Fraction) -> None:
        own = clip.trimmed_range()
        frame = counted(RationalTime(1, float(1 / (frame_s(own) or 1))), source.rate)
        for marker in clip.markers:
            if owns(marker):
                continue
            span = marker.marked_range
            first = counted(span.start_time, source.rate) - start
            length = counted(span.duration, source.rate)
            if not length and (source.speed or 0) < 0:
                first += frame  # a moment backwards begins where its frame begins to be seen
            low, high = sorted(source.marker_frame(end) for end in (first, first + length))
            where = f"{marker.name!r} of {clip.name!r}"
            place_marker(item, marker, low, high - low, where, self.losses)


def place_marker(
    parent: Element, marker: Any, start: Fraction, length: Fraction, where: str, losses: Losses
) -> None:
    """Add a marker on the nearest frame; one before the first is left out."""
    first, last = nearest(start), nearest(start + length)
    if first < 0:
        losses.add("markers before the first frame are left out", where)
        return
    if first != start or last - first != length:
        losses.add("markers between frames are on the nearest", where)
    write_marker(parent, marker, first, last - first, losses)


def is_generator(clip: Any) -> bool:
    """Whether a clip is generated by an effect, and not by a kind of media as Premiere's slugs."""
    reference = clip.media_reference
    kept = kept_of(reference)
    return isinstance(reference, schema.GeneratorReference) and (not kept or "effecttype" in kept)


def _label(clip: Any) -> dict[str, Any]:
    """Premiere's label of our clips: Mango, which no kind of clip has by itself."""
    return {"labels": {"label2": "Mango"}} if is_score_clip(clip) else {}


def _tag(clip: Any) -> str:
    return "generatoritem" if isinstance(clip, schema.Clip) and is_generator(clip) else "clipitem"


def _write_generator(parent: Element, reference: Any) -> None:
    effect, kept = add(parent, "effect"), kept_of(reference)
    add(effect, "name", reference.name or reference.generator_kind)
    add(effect, "effectid", reference.generator_kind)
    if not kept:
        add(effect, "effecttype", "generator")
        add(effect, "mediatype", "video")
    fill(effect, kept, without=("name", "effectid"))
