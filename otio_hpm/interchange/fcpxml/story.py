"""Storylines laid out: where each element of a sequence stands, and what is connected to it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.clock import Clock, range_of
from otio_hpm.interchange.fcpxml.containers import (
    compound_pieces,
    contained_pieces,
    multicam_pieces,
)
from otio_hpm.interchange.fcpxml.document import MAX_DEPTH, Document, elements, lane_of, named
from otio_hpm.interchange.fcpxml.kept import KEY, MARKERS, STORY, name_unkept, of_item, reel_of, xml
from otio_hpm.interchange.fcpxml.leaves import asset_pieces, clip_pieces, effect_pieces
from otio_hpm.interchange.fcpxml.marking import loose_markers, markers_of, outer_markers
from otio_hpm.interchange.fcpxml.order import first_time, in_order
from otio_hpm.interchange.fcpxml.span import Piece, Span, span_of
from otio_hpm.interchange.fcpxml.times import format_time
from otio_hpm.interchange.fcpxml.tracks import Placed, gap
from otio_hpm.interchange.fcpxml.transitions import placed_transition, transition_markers

_ZERO = Fraction(0)
_OF_STORY = STORY | {"transition"}


@dataclass(kw_only=True)
class _Run:
    """A storyline, or a connected clip by itself, while it is laid out."""

    number: int
    lane: tuple[int, ...]
    is_storyline: bool
    """Whether it is a connected storyline."""
    heard_until: dict[str, list[Fraction]] = field(default_factory=lambda: defaultdict(list))
    """Of each role, where the sound of each of its layers ends."""

    def layer(self, piece: Piece) -> int:
        """The first layer of a sound's role that is free for it."""
        ends = self.heard_until[piece.role]
        free = next((i for i, end in enumerate(ends) if end <= piece.start_s), len(ends))
        ends[free : free + 1] = [piece.end_s]
        return free


class Story:
    """One timeline of a file, laid out from its first frame on."""

    def __init__(
        self, document: Document, rate: Fraction | None, compounds: tuple[str, ...] = ()
    ) -> None:
        self.document = document
        self.rate = rate
        self.compounds = compounds
        """Ids of the compound clips that this is inside of."""
        self.placed: list[Placed] = []
        self.markers: list[Any] = []
        """Of transitions, which have none in OTIO, and of the timeline itself."""
        self._runs = count()

    def inner(self, rate: Fraction | None, compounds: tuple[str, ...] | None = None) -> Story:
        """An empty timeline for something inside this one."""
        return Story(
            self.document, rate or self.rate, self.compounds if compounds is None else compounds
        )

    def sequence(self, sequence: Any, depth: int = 0) -> None:
        """Lay out a sequence element's primary storyline and what is connected to it."""
        spine = sequence.find("spine")
        if spine is None:
            self.document.warn(sequence, "has no spine and is empty")
            return
        start_s = self.document.time(sequence, "tcStart") or _ZERO
        clock = Clock(own_s=first_time(self.document, [spine], start_s), at_s=_ZERO)
        self.spine(elements(spine), clock, depth=depth)
        for one in sequence.iterchildren(*MARKERS):
            self.markers.extend(loose_markers(self.document, one, clock, self.rate))

    def spine(
        self,
        children: Iterable[Any],
        clock: Clock,
        lane: tuple[int, ...] = (),
        depth: int = 0,
        is_storyline: bool = False,
    ) -> None:
        """Lay out a storyline whose items' offsets count on `clock`."""
        run = _Run(number=next(self._runs), lane=lane, is_storyline=is_storyline)
        position_s = clock.at_s
        before: list[Placed] = []
        waiting: list[Any] = []
        for child in in_order(self.document, children):
            if child.tag == "transition":
                waiting.append(child)
            if child.tag not in STORY:
                self._other(child, clock)
                continue
            if number := lane_of(child):
                self.document.warn(child, "in a storyline states a lane and is connected there")
                self._check(child, depth + 1)
                self.connected(child, clock, (*lane, number), depth + 1)
                continue
            start_s = self._next_start(child, clock, position_s)
            placed, end_s = self._element(child, start_s, run, depth + 1, clock)
            for transition in waiting:
                self._transition(transition, clock, (position_s, start_s), (before, placed), run)
            waiting, before, position_s = [], placed, end_s
        for transition in waiting:
            self._transition(transition, clock, (position_s,), (before, []), run)

    def connected(self, child: Any, clock: Clock, lane: tuple[int, ...], depth: int) -> None:
        """Lay out a clip or storyline that is connected to an element with this clock."""
        start_s = clock.at(self.document.time(child, "offset") or _ZERO)
        if child.tag == "spine":
            self.spine(elements(child), Clock(own_s=_ZERO, at_s=start_s), lane, depth, True)
        else:
            run = _Run(number=next(self._runs), lane=lane, is_storyline=False)
            self._element(child, start_s, run, depth + 1, clock)

    def _next_start(self, child: Any, clock: Clock, position_s: Fraction) -> Fraction:
        """Where the next item of a storyline begins: after the last, or later as it says."""
        offset_s = self.document.time(child, "offset")
        stated_s = position_s if offset_s is None else clock.at(offset_s)
        half_frame_s = 1 / (2 * self.rate) if self.rate else Fraction(1, 100)
        if stated_s <= position_s - half_frame_s:
            self.document.warn(child, "would begin before the item before it ends; it comes after")
        return stated_s if stated_s >= position_s + half_frame_s else position_s

    def _element(
        self, element: Any, start_s: Fraction, run: _Run, depth: int, clock: Clock
    ) -> tuple[list[Placed], Fraction]:
        """Place an element and what is connected to it: its own pieces, and where it ends."""
        self._check(element, depth)
        if element.tag == "audition":
            return self._audition(element, start_s, run, depth, clock)
        if element.tag == "spine":
            self.spine(elements(element), clock, run.lane, depth)
            return [], max((one.end_s for one in self.placed), default=start_s)
        span = span_of(self.document, element, start_s, self.rate)
        if span is None:
            return [], start_s
        placed = self._placed(span, self._pieces(span, depth), run)
        self.markers.extend(outer_markers(self.document, element, span.clock, self.rate))
        self._connect(element, span, run.lane, depth)
        return placed, span.end_s

    def _check(self, element: Any, depth: int) -> None:
        """Raise TimelineError for an element inside too many others."""
        if depth > MAX_DEPTH:
            raise TimelineError(
                f"{self.document.path.name} is nested more than {MAX_DEPTH} clips deep: "
                f"{named(element)} on line {element.sourceline}"
            )

    def _audition(
        self, audition: Any, start_s: Fraction, run: _Run, depth: int, clock: Clock
    ) -> tuple[list[Placed], Fraction]:
        """The first choice; the others are kept."""
        choices = [child for child in elements(audition) if child.tag in STORY - {"audition"}]
        if not choices:
            self.document.warn(audition, "holds nothing and is left out")
            return [], start_s
        placed, end_s = self._element(choices[0], start_s, run, depth, clock)
        if placed:
            placed[0].item.metadata[KEY]["audition"] = [xml(one) for one in choices[1:]]
        return placed, end_s

    def _pieces(self, span: Span, depth: int) -> list[Piece]:
        """What an element becomes."""
        self.document.items += 1
        element = span.element
        refers = self.document.resources.get(element.get("ref") or "")
        made: list[Piece] | None = None
        if element.tag == "gap":
            return [self._gap(span)]
        if element.tag in ("title", "live-drawing") or (
            element.tag == "video" and (refers is None or refers.tag == "effect")
        ):
            return effect_pieces(self.document, span)
        if element.tag in ("asset-clip", "video", "audio"):
            return asset_pieces(self.document, span)
        if element.tag == "clip":
            made = clip_pieces(self.document, span)
        elif element.tag == "ref-clip":
            made = compound_pieces(self, span, depth)
        elif element.tag == "mc-clip":
            made = multicam_pieces(self, span, depth)
        return made if made is not None else contained_pieces(self, span, depth)

    def _gap(self, span: Span) -> Piece:
        item = gap(span.duration_s, self.rate)
        item.name = span.element.get("name") or ""
        item.source_range = range_of(span.own_s, span.duration_s, self.rate)
        item.markers.extend(markers_of(self.document, span.element, span.retime, _ZERO, self.rate))
        return Piece(item=item, start_s=span.start_s, end_s=span.end_s)

    def _placed(self, span: Span, pieces: list[Piece], run: _Run) -> list[Placed]:
        """The pieces on their way to tracks, with what is kept of their element."""
        element = span.element
        kept = of_item(self.document, element, pieces[0].inner if pieces else None)
        for piece in pieces[1:]:
            if piece.inner is not None:
                name_unkept(self.document, piece.inner)
        shared: dict[str, Any] = {"element": element.tag}
        shared.update({"lane": run.lane[-1]} if run.lane else {})
        shared.update({"storyline": run.number} if run.is_storyline else {})
        shared.update({"reel": reel} if (reel := reel_of(element)) else {})
        shared.update({"link": self.document.link()} if len(pieces) > 1 else {})
        if not span.retime.even or (span.retime.effects and _is_nested(pieces)):
            kept["timeMap"] = xml(element.find("timeMap"))
            kept["own"] = format_time(span.own_s)
        placed = []
        for index, piece in enumerate(pieces):
            item = piece.item
            item.metadata[KEY] = {**(kept if index == 0 else {}), **shared, **piece.kept}
            item.enabled = item.enabled and element.get("enabled") != "0"
            is_sound = piece.kind == schema.TrackKind.Audio
            placed.append(
                Placed(
                    item=item,
                    kind=piece.kind,
                    start_s=piece.start_s,
                    end_s=piece.end_s,
                    lane=run.lane,
                    run=run.number,
                    role=piece.role,
                    layer=run.layer(piece) if is_sound else 0,
                )
            )
        if not (element.tag == "gap" and run.lane and not run.is_storyline):
            self.placed.extend(placed)
        return placed

    def _connect(self, element: Any, span: Span, lane: tuple[int, ...], depth: int) -> None:
        """Everything that is connected to an element."""
        for child in elements(element):
            if child.tag not in STORY:
                continue
            number = lane_of(child)
            if number is not None:
                self.connected(child, span.clock, (*lane, number), depth)
            elif element.tag not in ("clip", "sync-clip"):
                self.document.warn(child, f"in <{element.tag}> states no lane and is left out")

    def _transition(
        self,
        element: Any,
        clock: Clock,
        cuts: tuple[Fraction, ...],
        sides: tuple[list[Placed], list[Placed]],
        run: _Run,
    ) -> None:
        """Place a transition over the cut that it covers, in picture, sound or both."""
        found = placed_transition(self.document, element, clock, cuts, sides, self.rate)
        self.placed.extend(dataclasses.replace(one, run=run.number, lane=run.lane) for one in found)
        self.markers.extend(transition_markers(self.document, element, clock, self.rate))

    def _other(self, child: Any, clock: Clock) -> None:
        if child.tag in MARKERS:
            self.markers.extend(loose_markers(self.document, child, clock, self.rate))
        elif child.tag not in _OF_STORY:
            self.document.warn(child, "in a storyline is not understood and is left out")


def _is_nested(pieces: Iterable[Piece]) -> bool:
    return any(isinstance(piece.item, schema.Stack) for piece in pieces)
