"""A `<sequence>` as an OTIO timeline, or, inside another, as a stack."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import schema

from otio_hpm.interchange.exchange import Sequence
from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.items import ItemReader
from otio_hpm.interchange.fcp7.kept import KEY, as_dict
from otio_hpm.interchange.fcp7.markers import MarkerReader
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.spans import Span
from otio_hpm.interchange.fcp7.timecode import timecode_of
from otio_hpm.interchange.fcp7.tracks import TrackReader
from otio_hpm.interchange.fcp7.values import rate_of, said
from otio_hpm.timeline.exact import rational

MAX_NESTED_ITEMS = 10_000
"""Clips of one file inside nested sequences: each use of a sequence is a copy of its clips."""
MAX_NESTING = 12
"""Sequences inside sequences."""

_OF_SEQUENCE = ("name", "media", "marker", "duration")
_KINDS = (("video", schema.TrackKind.Video), ("audio", schema.TrackKind.Audio))


class SequenceReader:
    """Reads the sequences of one file."""

    def __init__(self, document: Document, notes: Notes, default_color: str) -> None:
        self._document, self._notes = document, notes
        self._markers = MarkerReader(document=document, notes=notes, default_color=default_color)
        self._items = ItemReader(document=document, notes=notes, markers=self._markers)
        self._open: list[Element] = []
        """The sequences being read, outermost first."""
        self._left = MAX_NESTED_ITEMS
        self._uses: dict[Element, set[str]] = {}
        """The kinds of track that each nested sequence is used on."""

    def sequence(self, element: Element) -> Sequence | None:
        """A sequence of the file's top level; None, said, for one whose rate is not told."""
        found, where = self._rate(element), self._document.where(element)
        if found is None:
            self._notes.add(f"{where} states no frame rate and is left out")
            return None
        rate, source = found
        timecode = timecode_of(element, rate)
        if timecode is None and element.find("timecode") is not None:
            self._notes.add(f"{where}: its start timecode is not understood")
        timeline = schema.Timeline(name=said(element, "name"), metadata={KEY: _kept(element)})
        if timecode is not None:
            timeline.global_start_time = rational(timecode.frames_at(rate), rate)
        timeline.tracks.name = timeline.name
        kinds = tuple(kind for _, kind in _KINDS)
        timeline.tracks.extend(self._tracks(element, rate, kinds))
        self._note_unused()
        timeline.tracks.markers.extend(
            self._markers.markers_of(element, lambda frame: rational(frame, rate), {})
        )
        drop = timecode.drop_frame if timecode else None
        stated = None if drop is None else (drop, "the sequence's timecode")
        return Sequence(timeline=timeline, rate=(rate, source), drop_frame=stated)

    def _tracks(self, element: Element, rate: Fraction, kinds: tuple[str, ...]) -> list[Any]:
        """The tracks of some kinds, bottom to top."""
        self._open.append(element)
        media = self._document.child(element, "media")
        reader = TrackReader(
            document=self._document,
            notes=self._notes,
            rate=rate,
            read_item=lambda span, kind: self._item(span, kind, rate),
        )
        found = [
            track
            for tag, kind in _KINDS
            if media is not None and kind in kinds
            for track in reader.tracks(self._document.child(media, tag), kind)
        ]
        self._open.pop()
        return found

    def _item(self, span: Span, kind: str, rate: Fraction) -> Any:
        """A clip, or the stack of a nested sequence."""
        self._left -= len(self._open) > 1
        nested = self._document.child(span.element, "sequence")
        if nested is None:
            return self._items.clip(span, rate)
        return self._stack(nested, span, kind, rate)

    def _stack(self, nested: Element, span: Span, kind: str, rate: Fraction) -> Any:
        """What stands for a nested sequence on a track: its tracks of the same kind."""
        where = self._document.where(span.element)
        if why := self._refusal(nested):
            self._notes.add(f"{where}: its sequence {why}, so it is left out")
            return None
        self._uses.setdefault(nested, set()).add(kind)
        found = self._rate(nested)
        own = found[0] if found else rate
        named = span.element if span.element.find("name") is not None else nested
        stack = schema.Stack(name=said(named, "name"))
        stack.extend(self._tracks(nested, own, (kind,)))
        self._items.fill(stack, span, rate, Fraction(0))
        stack.metadata[KEY]["sequence"] = _kept_nested(nested, own)
        inside = {"owner": "sequence"}
        stack.markers.extend(
            self._markers.markers_of(nested, lambda frame: rational(frame, own), inside)
        )
        return stack

    def _note_unused(self) -> None:
        """Say which nested sequences have sound, or picture, that no track of its kind uses."""
        words = {schema.TrackKind.Video: "picture", schema.TrackKind.Audio: "sound"}
        for nested, used in self._uses.items():
            for tag, kind in _KINDS:
                if kind not in used and nested.find(f"media/{tag}/track/clipitem") is not None:
                    self._notes.add(
                        f"{self._document.where(nested)} is on no track of {words[kind]}, and its"
                        f" {words[kind]} is left out"
                    )
        self._uses.clear()

    def _refusal(self, nested: Element) -> str:
        """Why a sequence cannot be nested here, in words; empty where it can."""
        if nested in self._open:
            return "holds itself"
        if len(self._open) >= MAX_NESTING:
            return "is nested too deeply"
        return f"would be more than {MAX_NESTED_ITEMS} nested clips" if self._left <= 0 else ""

    def _rate(self, element: Element) -> tuple[Fraction, str] | None:
        """A sequence's rate, else that of its timecode, else of its picture."""
        media = self._document.child(element, "media")
        picture = None if media is None else media.find("video/format/samplecharacteristics")
        for place, words in (
            (element, "the sequence's rate"),
            (element.find("timecode"), "the sequence's timecode"),
            (picture, "the sequence's picture format"),
        ):
            if rate := rate_of(place):
                return rate, words
        return None


def _kept(element: Element) -> dict[str, Any]:
    """What is kept of a sequence: all of it but its tracks, markers and length."""
    kept = as_dict(element, without=_OF_SEQUENCE)
    media = element.find("media")
    formats = {} if media is None else {one.tag: as_dict(one, without=("track",)) for one in media}
    return kept | ({"media": found} if (found := {k: v for k, v in formats.items() if v}) else {})


def _kept_nested(element: Element, rate: Fraction) -> dict[str, Any]:
    """The same of a nested sequence, with its name and the frame of its start timecode."""
    kept = _kept(element) | {"name": said(element, "name")}
    clock, timecode = element.find("timecode"), timecode_of(element, rate)
    if clock is not None and timecode is not None:
        kept["timecode"] = as_dict(clock) | {"frame": str(timecode.frames_at(rate))}
    return kept
