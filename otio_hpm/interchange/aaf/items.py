"""Segments of an AAF as OTIO items: clips, gaps, transitions, effects and nested sequences.

A transition of an AAF overlaps its neighbours by its whole length and its cut point says where in
it the edit stands (Object Specification, Transition); OTIO's lies over neighbours that meet at the
edit. What cannot be read becomes a gap of its length, and a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.aaf.effects import effect_of
from otio_hpm.interchange.aaf.faults import said
from otio_hpm.interchange.aaf.laying import (
    as_long,
    gap_of,
    laid_over_edits,
    range_of,
    single_clip,
    stack_of,
    without_empty_gaps,
)
from otio_hpm.interchange.aaf.mobs import (
    MAX_DEPTH,
    class_name,
    components,
    edit_rate,
    length_of,
    media_kind,
    notes,
    operation_of,
    usage_of,
)
from otio_hpm.interchange.aaf.retimes import retime_of
from otio_hpm.interchange.aaf.sources import chain, source_of

MAX_ITEMS = 200_000
"""More items than this are damage, or sequences that hold each other many times over."""


_CLIPS = ("Usage_AdjustedClip", "Usage_SubClip")
"""Compositions that an editor sees as clips: one clip with its gain, or a part of one."""


class TooMuch(Exception):
    """A file with more items than any sequence has."""


class Items:
    """Reads the segments of one sequence; `warnings` gathers what was not understood."""

    def __init__(self, rate: Fraction, warnings: list[str]) -> None:
        self.warnings = warnings
        self._rate = rate
        """Frames per second of the sequence."""
        self._open: list[Any] = []
        """Mob ids of the compositions being read, outermost first."""
        self._count = 0

    def children(self, segment: Any, rate: Fraction, where: str, depth: int = 0) -> list[Any]:
        """What a track holds, in order, with transitions laid over the edits."""
        found = []
        for index, part in enumerate(components(segment)):
            item = self._safely(part, rate, f"{where}, segment {index + 1}", depth)
            if item is not None:
                found.append(item)
        return without_empty_gaps(laid_over_edits(found, rate))

    def _safely(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_ITEMS:
            raise TooMuch
        try:
            return self._item(part, rate, where, depth)
        except (TooMuch, MemoryError):
            raise
        except Exception as error:  # whatever the library raises, only this segment is lost
            kind = class_name(part)
            self.warnings.append(f"{where}: a {kind} is not understood ({said(error)})")
            return _gap_or_none(part, rate)

    def _item(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        kind = class_name(part)
        reader: Callable[..., Any] | None = getattr(self, f"_{kind.lower()}", None)
        if reader is None:
            raise ValueError("no kind of segment that is known here")
        return reader(part, rate, where, depth)

    def _filler(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        return gap_of(length_of(part), rate)

    _scopereference = _filler

    def _transition(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        length, cut = length_of(part), int(part.cutpoint or 0)
        if not 0 <= cut <= length:
            self.warnings.append(f"{where}: a transition's cut point lies outside it")
            cut = min(max(cut, 0), max(length, 0))
        group = part.getvalue("OperationGroup")
        name = str(operation_of(group).name or "") if group is not None else ""
        return schema.Transition(
            name=name,
            transition_type=schema.TransitionTypes.SMPTE_Dissolve
            if "dissolve" in name.lower() or not name
            else "Custom_Transition",
            in_offset=opentime.RationalTime(cut, float(rate)),
            out_offset=opentime.RationalTime(length - cut, float(rate)),
            metadata={"AAF": {"Operation": {"Name": name}}},
        )

    def _sourceclip(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        links = chain(part, rate)
        if not links:
            return self._offline(part, rate, where)
        if class_name(links[0].mob) == "CompositionMob":
            return self._nested(part, links[0], rate, where, depth)
        source = source_of(links, self._rate)
        clip = schema.Clip(
            name=source.name,
            source_range=range_of(source.start_s, length_of(part), rate),
            metadata={"AAF": {**source.metadata, "SourceMobSlotID": int(part.slot_id or 0)}},
        )
        clip.set_media_references(source.references, schema.Clip.DEFAULT_MEDIA_KEY)
        return clip

    def _offline(self, part: Any, rate: Fraction, where: str) -> Any:
        """A clip whose mob is not in the file."""
        self.warnings.append(f"{where}: the clip's source is not in the file")
        facts = {"MobID": str(part.mob_id), "SourceMobSlotID": int(part.slot_id or 0)}
        return schema.Clip(
            source_range=range_of(int(part.start or 0) / rate, length_of(part), rate),
            media_reference=schema.MissingReference(metadata={"AAF": facts}),
            metadata={"AAF": facts},
        )

    def _nested(self, part: Any, link: Any, rate: Fraction, where: str, depth: int) -> Any:
        """A sequence within the sequence; one that an editor sees as a clip is that clip."""
        mob, slot = link.mob, link.slot
        if mob.mob_id in self._open:
            raise ValueError("a sequence that holds itself")
        self._open.append(mob.mob_id)
        try:
            inside = self.layers(slot, f"{where}, {mob.name!r}", depth + 1)
        finally:
            self._open.pop()
        stack = schema.Stack(
            name=str(mob.name or ""),
            children=inside,
            source_range=range_of(link.position_s, length_of(part), rate),
            metadata={
                "AAF": {"MobID": str(mob.mob_id), "UserComments": notes(mob, "UserComments")}
            },
        )
        clip = single_clip(stack) if usage_of(mob) in _CLIPS else None
        return stack if clip is None else clip

    def layers(self, slot: Any, where: str, depth: int = 0) -> list[Any]:
        """The tracks that one slot holds: each layer of a nested scope, or the one there is."""
        segment, rate = slot.segment, edit_rate(slot)
        kind = media_kind(segment)
        scoped = class_name(segment) == "NestedScope"
        parts = list(segment.slots) if scoped else [segment]
        return [
            self._track(part, rate, kind, f"{where}, layer {number}" if scoped else where, depth)
            for number, part in enumerate(parts, start=1)
        ]

    def layers_or_none(self, slot: Any, where: str) -> list[Any]:
        """The same of a slot of the sequence itself; none where it cannot be read at all."""
        try:
            return self.layers(slot, where)
        except (TooMuch, MemoryError):
            raise
        except Exception as error:  # whatever the library raises, only this track is lost
            self.warnings.append(f"{where}: it is not understood ({said(error)})")
            return []

    def _track(self, part: Any, rate: Fraction, kind: str, where: str, depth: int) -> Any:
        effects = []
        while class_name(part) == "OperationGroup" and _wraps_track(part):
            effects.append(effect_of(part))
            part = part.segments.value[0]
        track = schema.Track(kind=kind, children=self.children(part, rate, where, depth))
        track.effects.extend(effects)
        return track

    def _nestedscope(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        kind = media_kind(part)
        tracks = [
            self._track(layer, rate, kind, f"{where}, layer {number}", depth + 1)
            for number, layer in enumerate(part.slots, start=1)
        ]
        return stack_of("", tracks, length_of(part), rate)

    def _selector(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        """One of several; nothing chosen and one alternative is how a clip is muted."""
        selected = part["Selected"].value
        alternates = list(part.getvalue("Alternates") or ())
        if class_name(selected) in ("Filler", "ScopeReference") and len(alternates) == 1:
            item = self._held(alternates[0], rate, where, depth)
            item.enabled = False
            return item
        item = self._held(selected, rate, where, depth)
        if alternates:
            others = [_name_of(one) for one in alternates]
            item.metadata["AAF"] = {**item.metadata.get("AAF", {}), "Alternates": others}
        return item

    def _essencegroup(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        return self._held(part["Choices"].value[0], rate, where, depth)

    def _pulldown(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        self.warnings.append(f"{where}: the pulldown of a clip is not followed")
        return as_long(self._held(part["InputSegment"].value, rate, where, depth), part, rate)

    def _operationgroup(self, part: Any, rate: Fraction, where: str, depth: int) -> Any:
        inputs = list(part.segments.value or ()) if "InputSegments" in part else []
        retime = retime_of(part)
        effect = effect_of(part, retime)
        if retime is not None and retime.speed is None:
            self.warnings.append(f"{where}: the speed of a clip varies, and is not followed")
        if not inputs:
            item = self._generated(part, rate)
        elif len(inputs) == 1:
            item = self._held(inputs[0], rate, where, depth)
        else:
            tracks = [self._track(one, rate, media_kind(part), where, depth + 1) for one in inputs]
            item = stack_of(str(operation_of(part).name or ""), tracks, length_of(part), rate)
        item = as_long(item, part, rate, retime)
        item.effects.append(effect)
        return item

    def _generated(self, part: Any, rate: Fraction) -> Any:
        """An effect without input: a title, a colour."""
        name = str(operation_of(part).name or "")
        extent = range_of(Fraction(0), length_of(part), rate)
        return schema.Clip(
            name=name,
            source_range=extent,
            media_reference=schema.GeneratorReference(generator_kind=name, available_range=extent),
        )

    def _held(self, segment: Any, rate: Fraction, where: str, depth: int) -> Any:
        """A segment as one item; several in a row become a nested stack."""
        parts = list(components(segment))
        if len(parts) == 1 and class_name(parts[0]) != "Transition":
            return self._item(parts[0], rate, where, depth + 1)
        track = self._track(segment, rate, media_kind(segment), where, depth + 1)
        return stack_of("", [track], length_of(segment), rate)


def _wraps_track(group: Any) -> bool:
    """Whether an effect lies over a whole track, as Avid's panning does."""
    inputs = group.getvalue("InputSegments") or []
    return (
        len(inputs) == 1
        and class_name(inputs[0]) == "Sequence"
        and media_kind(group) == "Audio"
        and length_of(inputs[0]) == length_of(group)
        and retime_of(group) is None
    )


def _gap_or_none(part: Any, rate: Fraction) -> Any:
    """A gap as long as a segment that cannot be read; transitions have no place of their own."""
    try:
        length = length_of(part)
    except Exception:  # as above
        return None
    return gap_of(length, rate) if length > 0 and class_name(part) != "Transition" else None


def _name_of(segment: Any) -> str:
    mob = getattr(segment, "mob", None)
    return str(mob.name or "") if mob is not None else class_name(segment)
