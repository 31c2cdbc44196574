"""Composition mobs: the sequence, and the sequences nested in it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.clip_writing import Clips
from otio_hpm.interchange.aaf.definitions import AUDIO_PAN, PAN, Definitions
from otio_hpm.interchange.aaf.masters import Masters
from otio_hpm.interchange.aaf.media import media_of
from otio_hpm.interchange.aaf.mob_making import mob_id, stamp
from otio_hpm.interchange.aaf.stereo import PAN as PAN_NAME
from otio_hpm.interchange.aaf.track_writing import Span, spans_of, transition
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.takes import is_score_clip
from otio_hpm.timeline.tree import is_score_track
from otio_hpm.timing import stated

KINDS = {schema.TrackKind.Video: "picture", schema.TrackKind.Audio: "sound"}
_MAX_DEPTH = 40


class Compositions:
    """Writes tracks into composition mobs."""

    def __init__(self, file: Any, delivery: Delivery, losses: Losses, identity: str) -> None:
        self._file = file
        self._delivery = delivery
        self._losses = losses
        self._identity = identity
        """What the ids of its mobs are made of."""
        self._definitions = Definitions(file)
        masters = Masters(file, delivery.rate, drop_frame=delivery.drop_frame)
        self._clips = Clips(file, delivery, masters, self._definitions, losses)
        self._nested = 0

    def create(self, name: str, usage: str, *identity: str) -> Any:
        """An empty composition mob."""
        mob = self._file.create.CompositionMob()
        mob.name = name
        mob.mob_id = mob_id("", "composition", self._identity, *identity)
        mob.usage = usage
        stamp(mob)
        self._file.content.mobs.append(mob)
        return mob

    def add_track(self, mob: Any, track: Any, number: int, where: str) -> list[Any]:
        """The slots of one track: two for a stereo track of ours, panned hard left and right."""
        kind = KINDS[track.kind]
        channels = (1, 2) if kind == "sound" and _is_stereo(track) else (1,)
        return [
            self._add_slot(
                mob, track, kind, channel, number + index, where, stereo=len(channels) > 1
            )
            for index, channel in enumerate(channels)
        ]

    def _add_slot(
        self,
        mob: Any,
        track: Any,
        kind: str,
        channel: int,
        number: int,
        where: str,
        *,
        stereo: bool,
    ) -> Any:
        slot = mob.create_timeline_slot(str(self._delivery.rate))
        slot.name = track.name
        slot["PhysicalTrackNumber"].value = number
        sequence = self._sequence(track, kind, channel, where, 0)
        pan = Fraction(channel - 1) if stereo else _pan_of(track)
        slot.segment = sequence if pan is None else self._panned(sequence, pan)
        self._tell_track_losses(track, where)
        return slot

    def _panned(self, sequence: Any, pan: Fraction) -> Any:
        group = self._definitions.group(AUDIO_PAN, sequence.length, sequence)
        self._definitions.set_line(group, PAN, [(Fraction(0), pan), (Fraction(1), pan)])
        return group

    def _sequence(self, track: Any, kind: str, channel: int, where: str, depth: int) -> Any:
        """A track's items and transitions; all muted where it is off."""
        sequence = self._file.create.Sequence(media_kind=kind)
        length = 0
        for one in spans_of(track, self._delivery.rate, self._losses, where):
            if isinstance(one, Span):
                segment = self._segment(one, kind, channel, where, depth)
                if _is_muted(one.item, track):
                    segment = self._muted(segment, kind)
                length += one.length
            else:
                segment = transition(self._file, self._definitions, one, kind)
                length -= one.before + one.after
            sequence.components.append(segment)
        sequence.length = length
        return sequence

    def _segment(self, span: Span, kind: str, channel: int, where: str, depth: int) -> Any:
        item = span.item
        if item is None or isinstance(item, schema.Gap):
            return self._file.create.Filler(kind, span.length)
        if isinstance(item, schema.Clip):
            media = media_of(item, kind, self._delivery)
            segment = self._clips.segment(span, media, min(channel, media.channels), where)
        elif depth < _MAX_DEPTH:
            segment = self._nested_clip(span, kind, channel, where, depth)
        else:
            self._losses.add("sequences nested too deeply are left empty", where)
            segment = self._file.create.Filler(kind, span.length)
        return segment

    def _muted(self, segment: Any, kind: str) -> Any:
        """As Avid mutes a clip: filler is chosen, and the clip the only alternative."""
        selector = self._file.create.Selector()
        selector.media_kind = kind
        selector.length = segment.length
        selector["Selected"].value = self._file.create.Filler(kind, segment.length)
        selector["Alternates"].value = [segment]
        return selector

    def _nested_clip(self, span: Span, kind: str, channel: int, where: str, depth: int) -> Any:
        """A clip of a composition mob that holds the tracks of a nested stack or track."""
        item = span.item
        inside = [item] if isinstance(item, schema.Track) else list(item)
        tracks = [one for one in inside if _kind_of(one, kind) == kind]
        if any(one.name for one in tracks if one is not item):
            self._losses.add("names of nested tracks", where)
        if len(tracks) < len(inside):
            self._losses.add("nested tracks of another kind than their own track's", where)
        if any(len(getattr(one, "markers", ())) for one in item.find_children()):
            self._losses.add("markers inside nested sequences", where)
        self._nested += 1
        mob = self.create(item.name, "Usage_LowerLevel", str(self._nested))
        slot = mob.create_timeline_slot(str(self._delivery.rate))
        layers = [self._layer(one, kind, channel, where, depth + 1) for one in tracks]
        slot.segment = self._scope(layers, kind)
        slot["PhysicalTrackNumber"].value = 1
        return self._clips.of_composition(span, mob, int(slot.slot_id), kind, where)

    def _layer(self, item: Any, kind: str, channel: int, where: str, depth: int) -> Any:
        if isinstance(item, schema.Track):
            if not item.enabled:
                self._losses.add("nested tracks that are off have muted clips", where)
            return self._sequence(item, kind, channel, where, depth)
        track = schema.Track(kind=schema.TrackKind.Video)
        track.append(item.deepcopy())
        return self._sequence(track, kind, channel, where, depth)

    def _scope(self, layers: list[Any], kind: str) -> Any:
        """One layer as it is; several, made equally long, in a nested scope."""
        if not layers:
            layers = [self._file.create.Sequence(media_kind=kind)]
        length = max(layer.length for layer in layers)
        for layer in layers:
            if (missing := length - layer.length) > 0:
                layer.components.append(self._file.create.Filler(kind, missing))
                layer.length = length
        if len(layers) == 1:
            return layers[0]
        scope = self._file.create.NestedScope(media_kind=kind, length=length)
        scope["Slots"].value = layers
        return scope

    def _tell_track_losses(self, track: Any, where: str) -> None:
        if not track.enabled:
            self._losses.add("tracks that are off have muted clips", where)
        panned = any(effect.name == PAN_NAME for effect in track.effects)
        if panned and _pan_of(track) is None:
            self._losses.add("pans of tracks that move, or are no number, are left out", where)


def _is_muted(item: Any, track: Any) -> bool:
    """Whether something that plays is off, itself or with its track."""
    plays = item is not None and not isinstance(item, schema.Gap)
    return plays and not (item.enabled and track.enabled)


def _kind_of(item: Any, kind: str) -> str | None:
    return KINDS.get(item.kind) if isinstance(item, schema.Track) else kind


def _is_stereo(track: Any) -> bool:
    return is_score_track(track) or any(is_score_clip(item) for item in track)


def _pan_of(track: Any) -> Fraction | None:
    """Where a track is panned that came panned from an AAF, and stays there."""
    for effect in track.effects:
        facts = effect.metadata.get("AAF")
        if effect.name != PAN_NAME or not isinstance(facts, Mapping):
            continue
        parameters = facts.get("Parameters")
        values = _values(parameters.get("Pan")) if isinstance(parameters, Mapping) else set()
        if len(values) == 1 and (value := stated(values.pop())) is not None:
            return value
    return None


def _values(points: Any) -> set[str]:
    """What a parameter is, or is at its points of time and value; none where they are no pairs."""
    if not hasattr(points, "append"):
        return {str(points)}
    are_pairs = all(hasattr(point, "append") and len(point) == 2 for point in points)
    return {str(point[1]) for point in points} if are_pairs else set()
