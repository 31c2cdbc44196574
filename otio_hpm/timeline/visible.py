"""The picture a viewer would see: one look from the top track down, into nested stacks.

Times are seconds of the item that is looked at; the timeline's own stack counts record time.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

from opentimelineio import schema

from otio_hpm.settings import Missing
from otio_hpm.timeline.clip_layer import ClipPicture, clip_picture
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.lane import Event, Placed, duration_s, lane_of
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.picture import Layer, Picture
from otio_hpm.timeline.ramps import Piece, Ramp, pieces_of, ramp_of
from otio_hpm.timeline.record_picture import recorded
from otio_hpm.timeline.source_time import source_range
from otio_hpm.timeline.stretch import Stretch, dissolved, joined, laid_over


def picture_under(
    cut: Cut, start_frames: int, end_frames: int, finder: MediaFinder, missing: Missing
) -> Picture:
    """What is seen from one record frame to another; outside the timeline it is black.

    Titles, generators, adjustment layers and other clips without media are looked through. Raises
    MediaError naming clip and record timecode for media that are missing (MissingMedia where
    `missing` is skip), refused, unreadable, without picture, or more than 12 frames too short.
    """
    look = _Look(cut.rate, finder, missing)
    stack = cut.timeline.tracks
    origin_s = _own_start(stack)
    limits = (min(max(frame, 0), cut.duration_frames) for frame in (start_frames, end_frames))
    start_s, end_s = (origin_s + frame / cut.rate for frame in limits)
    seen = look.stack(stack, start_s, end_s, grid=cut.rate)
    record = [stretch.warped(origin_s, Fraction(0), Fraction(1)) for stretch in joined(seen)]
    picture = recorded(record, start_frames, end_frames, cut, missing)
    used = set(picture.media)
    offsets = (f"{m.path.name}: {words}" for m, words in look.offsets if m in used)
    return dataclasses.replace(picture, offsets=tuple(offsets))


class _Look:
    """One look at a timeline."""

    def __init__(self, rate: Fraction, finder: MediaFinder, missing: Missing) -> None:
        self.rate = rate
        self.finder = finder
        self.missing = missing
        self.offsets: dict[tuple[MediaFile, str], None] = {}

    def stack(
        self, stack: Any, start_s: Fraction, end_s: Fraction, grid: Fraction | None = None
    ) -> list[Stretch]:
        """The picture of a stack's layers over black or whatever is below the stack."""
        seen = [Stretch(start_s=start_s, end_s=end_s)] if end_s > start_s else []
        for label, child in reversed(_picture_layers(stack)):
            seen = list(laid_over(seen, partial(self.layer, child, label, grid)))
        return seen

    def layer(
        self, child: Any, label: str, grid: Fraction | None, start_s: Fraction, end_s: Fraction
    ) -> list[Stretch]:
        """The picture of one child of a stack; nothing outside the child's own range."""
        placed = Placed(item=child, start_s=Fraction(0))
        if child.source_range is None and not isinstance(child, schema.Clip):
            return self.item(placed, start_s, end_s, label, grid)
        zero, length = Fraction(0), duration_s(child)
        edges = [start_s, *(t for t in (zero, length) if start_s < t < end_s), end_s]
        seen: list[Stretch] = []
        for first, last in pairwise(edges):
            inside = zero <= first < length
            seen.extend(self.item(placed if inside else None, first, last, label, grid))
        return seen

    def track(
        self, track: Any, start_s: Fraction, end_s: Fraction, label: str, grid: Fraction | None
    ) -> list[Stretch]:
        """The picture of one track; open in gaps and beyond its ends."""
        seen: list[Stretch] = []
        position = start_s
        for event in lane_of(track, grid).between(start_s, end_s):
            first, last = max(start_s, event.start_s), min(end_s, event.end_s)
            if first > position:
                seen.append(Stretch(start_s=position, end_s=first))
            seen.extend(self.event(event, first, last, label))
            position = last
        if end_s > position:
            seen.append(Stretch(start_s=position, end_s=end_s))
        return seen

    def event(
        self, event: Event, start_s: Fraction, end_s: Fraction, label: str
    ) -> Iterator[Stretch]:
        """The picture of an item, or of a transition between two."""
        incoming = self.item(event.item, start_s, end_s, label)
        if not event.mix_length_s:
            yield from incoming
            return
        yield from dissolved(
            lambda a, b: self.item(event.outgoing, a, b, label),
            incoming,
            event.mix_start_s,
            event.mix_length_s,
        )

    def item(
        self,
        placed: Placed | None,
        start_s: Fraction,
        end_s: Fraction,
        label: str,
        grid: Fraction | None = None,
    ) -> list[Stretch]:
        """The picture of an item over a stretch of its parent's time."""
        nothing = Stretch(start_s=start_s, end_s=end_s)
        if placed is None or not placed.item.enabled or isinstance(placed.item, schema.Gap):
            return [nothing]
        if isinstance(placed.item, schema.Clip):
            return self.clip(placed, nothing, label)
        return self.nested(placed, start_s, end_s, label, grid)

    def nested(
        self, placed: Placed, start_s: Fraction, end_s: Fraction, label: str, grid: Fraction | None
    ) -> list[Stretch]:
        """The picture of a stack or track inside another, at its own speed."""
        inner, anchor_s = placed.item, placed.start_s
        if isinstance(inner, schema.Stack) and not len(inner):
            words = f"empty sequence {inner.name!r} on {label}"
            return [Stretch(start_s=start_s, end_s=end_s, passed=(words,))]
        pieces = pieces_of(inner, start_s - anchor_s, end_s - anchor_s)
        inside = (self.inside(inner, piece, anchor_s, label, grid) for piece in pieces)
        return [stretch for seen in inside for stretch in seen]

    def inside(
        self, inner: Any, piece: Piece, anchor_s: Fraction, label: str, grid: Fraction | None
    ) -> list[Stretch]:
        """The picture of an even piece of a stack or track that stands at `anchor_s`."""
        start_s, end_s, speed = anchor_s + piece.start_s, anchor_s + piece.end_s, piece.speed
        at_s = _own_start(inner) + piece.source_s
        first, last = sorted((at_s, at_s + (end_s - start_s) * speed))
        if not speed:
            last = at_s + 1 / self.rate
        grid = grid if speed == 1 else None
        seen = (
            self.track(inner, first, last, label, grid)
            if isinstance(inner, schema.Track)
            else self.stack(inner, first, last)
        )
        if not speed:
            return [seen[0].frozen(start_s, end_s)]
        outer = [stretch.warped(at_s, start_s, speed) for stretch in seen]
        return outer if speed > 0 else outer[::-1]

    def clip(self, placed: Placed, where: Stretch, label: str) -> list[Stretch]:
        """The picture of a clip, in pieces where its speed changes; or a hole with its name."""
        clip = placed.item
        found = clip_picture(clip, self.rate, self.finder)
        if found is None:
            return [self.hole(clip, where, label)]
        self.offsets[found.media, found.offset] = None
        layer = found.layer(where.start_s - placed.start_s)
        if found.media.kind == "still" and TITLE.search(clip.name):
            title = f"title {clip.name!r} on {label}"
            return [dataclasses.replace(where, titles=((title, layer),))]
        shown = dataclasses.replace(where, layers=(layer,), open=found.media.has_alpha)
        ramp = ramp_of(clip) if found.media.kind != "still" else None
        return list(_ramped(ramp, found, shown, placed.start_s)) if ramp else [shown]

    def hole(self, clip: Any, where: Stretch, label: str) -> Stretch:
        """A clip that shows nothing: looked through, or black where its media should be."""
        url = _url(clip)
        absent = (f"clip {clip.name!r} on {label}" + (f" ({url})" if url else ""),)
        if url and self.missing != "below" and not TITLE.search(clip.name):
            return dataclasses.replace(where, open=False, absent=absent)
        passed = (f"{_kind(clip)} {clip.name!r} on {label}",)
        is_made = hasattr(clip.media_reference, "generator_kind")
        return dataclasses.replace(where, passed=passed, absent=() if is_made else absent)


def _ramped(
    ramp: Ramp, picture: ClipPicture, shown: Stretch, anchor_s: Fraction
) -> Iterator[Stretch]:
    """A stretch of a clip that begins at `anchor_s`, in pieces of even speed."""
    for piece in ramp.pieces(shown.start_s - anchor_s, shown.end_s - anchor_s):
        layer = Layer(
            name=picture.name,
            media=picture.media,
            media_start_s=picture.first_s + piece.source_s * picture.speed,
            speed=piece.speed * picture.speed,
        )
        yield dataclasses.replace(
            shown,
            start_s=anchor_s + piece.start_s,
            end_s=anchor_s + piece.end_s,
            layers=(layer,),
        )


TITLE = re.compile(r"(?<![a-z])(sub)?titles?(?![a-z])", re.IGNORECASE)
"""Names of stills that are title cards: where there is picture below, that is what is wanted."""


def _kind(clip: Any) -> str:
    """What a clip without picture is, for the user."""
    reference = clip.media_reference
    generator = getattr(reference, "generator_kind", None)
    text = f"{clip.name} {generator or ''}".casefold()
    if "adjustment" in text:
        return "adjustment layer"
    if generator is not None:
        return "title" if "title" in text or "text" in text else "generator"
    return "clip with missing media" if _url(clip) else "clip without media"


def _url(clip: Any) -> str:
    reference = clip.media_reference
    base = getattr(reference, "target_url_base", "")
    return (
        f"{base}/{reference.name_prefix}*" if base else getattr(reference, "target_url", "") or ""
    )


def _picture_layers(stack: Any) -> list[tuple[str, Any]]:
    """The enabled picture of a stack, bottom first, each with its track's name or V1, V2 ..."""
    pictures = [c for c in stack if getattr(c, "kind", "Video") == schema.TrackKind.Video]
    named = [(child.name or f"V{number}", child) for number, child in enumerate(pictures, 1)]
    return [(label, child) for label, child in named if child.enabled]


def _own_start(item: Any) -> Fraction:
    """An item's own time at its in."""
    own = source_range(item) if isinstance(item, schema.Clip) else item.source_range
    return seconds(own.start_time) if own else Fraction(0)
