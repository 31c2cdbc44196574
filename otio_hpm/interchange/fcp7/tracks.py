"""Tracks: their clips with gaps between, transitions over edit points, and channels of one sound.

Premiere writes a stereo track as two "exploded" ones, each with every clip once per channel. They
become one track again, whose clips keep a `sourcetrack` for each channel.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import opentime, schema

from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.kept import KEY, as_dict
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.spans import ITEMS, Mix, Span, spans_of
from otio_hpm.interchange.fcp7.values import flag, parse_number, said, text
from otio_hpm.timeline.exact import rational

_EXPLODED = ("@currentExplodedTrackIndex", "@totalExplodedTrackCount", "@premiereTrackType")
_OF_MIX = ("start", "end", "rate", "alignment", "cutPointTicks")

ReadItem = Callable[[Span, str], Any]
"""A clip, or a stack, of a span on a track of a kind; None for one that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class TrackReader:
    """Reads the tracks of one sequence."""

    document: Document
    notes: Notes
    rate: Fraction
    """Of the sequence."""
    read_item: ReadItem

    def tracks(self, media: Element | None, kind: str) -> Iterable[Any]:
        """The tracks of a sequence's `<video>` or `<audio>`, bottom to top."""
        found = () if media is None else media.iterfind("track")
        for group in _exploded(self.document.resolved(track) for track in found):
            laid_out = [spans_of(track, self.rate, self.document, self.notes) for track in group]
            if all(_covers(laid_out[0][0], spans) for spans, _ in laid_out):
                yield self._track(group[0], kind, laid_out[0], [spans for spans, _ in laid_out[1:]])
            else:
                for track, one in zip(group, laid_out, strict=True):
                    yield self._track(track, kind, one, (), without=_EXPLODED)

    def _track(
        self,
        element: Element,
        kind: str,
        laid_out: tuple[list[Span], list[Mix]],
        channels: Sequence[list[Span]],
        without: tuple[str, ...] = (),
    ) -> Any:
        """A track with the clips of its first channel; `without` names attributes not kept."""
        spans, mixes = laid_out
        kept = as_dict(element, without=(*ITEMS, "name", "enabled"))
        kept = {key: value for key, value in kept.items() if key not in without}
        track = schema.Track(
            name=(element.get("MZ.TrackName") or said(element, "name")).strip(),
            kind=kind,
            metadata={KEY: kept},
        )
        track.enabled = flag(text(element, "enabled"), True)
        track.extend(self._children(spans, mixes, kind, channels))
        return track

    def _children(
        self, spans: list[Span], mixes: list[Mix], kind: str, channels: Sequence[list[Span]]
    ) -> list[Any]:
        """Clips, with gaps and transitions between them."""
        waiting = self._by_cut(mixes, spans)
        children: list[Any] = []
        position = 0
        for span in spans:
            item = self.read_item(span, kind)
            if item is None:
                continue
            if span.start > position:
                children += [*waiting.pop(position, ()), self._gap(span.start - position)]
            children += waiting.pop(span.start, ())
            self._keep_channels(item, span, channels)
            children.append(item)
            position = span.end
        children += waiting.pop(position, ())
        for cut in waiting:
            self.notes.add(f"the transition at frame {cut} is left out with the clip beside it")
        return children

    def _keep_channels(self, item: Any, span: Span, channels: Sequence[list[Span]]) -> None:
        """Keep the `sourcetrack` of a clip's other channels with its own."""
        found = [span, *(other for one in channels if (other := _at_time_of(span, one)))]
        for other in found:
            if (other.start, other.end) != (span.start, span.end):
                where = self.document.where(other.element)
                self.notes.add(
                    f"{where} stands elsewhere than its other channel, which is followed"
                )
        sources = [one.element.find("sourcetrack") for one in found]
        kept = [as_dict(source) for source in sources if source is not None]
        if len(kept) > 1:
            item.metadata[KEY]["sourcetrack"] = kept

    def _by_cut(self, mixes: list[Mix], spans: list[Span]) -> dict[int, list[Any]]:
        """The transition of each edit point; what lies over none is left out, and said."""
        edits = {edit for span in spans for edit in (span.start, span.end)}
        ordered = sorted(edits)
        found: dict[int, list[Any]] = {}
        for stated in mixes:  # whose alignment may lead beside an edit point
            mix = stated if stated.cut in edits else _over_edit(stated, ordered)
            if mix.cut in edits and mix.cut not in found:
                found[mix.cut] = [self._transition(mix)]
            else:
                where = self.document.where(mix.element)
                self.notes.add(f"{where} at frame {mix.cut} lies over no edit and is left out")
        return found

    def _transition(self, mix: Mix) -> Any:
        effect = mix.element.find("effect")
        name = "" if effect is None else said(effect, "name")
        category = "" if effect is None else text(effect, "effectcategory").casefold()
        sounds = effect is not None and text(effect, "mediatype").casefold() == "audio"
        dissolves = sounds or effect is None or category in ("", "dissolve")
        types = schema.TransitionTypes
        return schema.Transition(
            name=name,
            transition_type=types.SMPTE_Dissolve if dissolves else types.Custom,
            in_offset=rational(mix.cut - mix.start, self.rate),
            out_offset=rational(mix.end - mix.cut, self.rate),
            metadata={KEY: as_dict(mix.element, without=_OF_MIX)},
        )

    def _gap(self, length: int) -> Any:
        span = opentime.TimeRange(rational(0, self.rate), rational(length, self.rate))
        return schema.Gap(source_range=span)


def _exploded(tracks: Iterable[Element]) -> list[list[Element]]:
    """Tracks with those that are further channels of the same one together."""
    groups: list[list[Element]] = []
    for track in tracks:
        index = parse_number(track.get("currentExplodedTrackIndex", "0"))
        count = track.get("totalExplodedTrackCount", "1")
        follows = bool(groups) and groups[-1][0].get("totalExplodedTrackCount", "1") == count
        if index and follows and index == len(groups[-1]) and index < (parse_number(count) or 0):
            groups[-1].append(track)
        else:
            groups.append([track])
    return groups


def _covers(first: list[Span], other: list[Span]) -> bool:
    """Whether every clip of another channel's track has one in the first track at its time."""
    return all(_at_time_of(span, first) for span in other)


def _at_time_of(span: Span, others: Sequence[Span]) -> Span | None:
    """The clip of another channel at the time of one; the one with the nearest start."""
    after = bisect_right(others, span.start, key=lambda other: other.start)
    near = others[max(0, after - 1) : after + 1]
    meeting = [other for other in near if other.start < span.end and other.end > span.start]
    return min(meeting, key=lambda other: abs(other.start - span.start), default=None)


def _over_edit(mix: Mix, edits: Sequence[int]) -> Mix:
    """A transition over the edit point inside it that is nearest; `edits` are in order."""
    inside = edits[bisect_right(edits, mix.start) : bisect_left(edits, mix.end)]
    nearest = min(inside, key=lambda edit: abs(edit - mix.cut), default=mix.cut)
    return replace(mix, cut=nearest)
