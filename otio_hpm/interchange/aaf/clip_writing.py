"""Clips of OTIO as segments: source clips, with their speed and gain as operation groups."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.definitions import (
    AMPLITUDE,
    AUDIO_GAIN,
    MOTION_CONTROL,
    MOTION_SETTINGS,
    SPEED_MAP,
    SPEED_OFFSET_MAP,
    SPEED_RATIO,
    Definitions,
)
from otio_hpm.interchange.aaf.masters import Masters
from otio_hpm.interchange.aaf.media import Media, has_file
from otio_hpm.interchange.aaf.track_writing import Span
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import nearest, seconds
from otio_hpm.timeline.tree import speed_of

_INT32 = 1 << 31
_FINEST = (2_000_000, 10_000, 100)
"""Denominators to which speeds are kept, the finest that fits first."""
_SAME_SPEED = Fraction(1, 10**9)
_GAINS = ("Audio Gain", "Mono Audio Gain")


class Clips:
    """Writes clips into sequences."""

    def __init__(
        self,
        file: Any,
        delivery: Delivery,
        masters: Masters,
        definitions: Definitions,
        losses: Losses,
    ) -> None:
        self._file = file
        self._rate = delivery.rate
        self._masters = masters
        self._definitions = definitions
        self._losses = losses

    def segment(self, span: Span, media: Media, channel: int, where: str) -> Any:
        """A clip on its media, `channel` of it."""
        clip = span.item
        where = f"{where}, {clip.name!r}"
        self._tell_losses(clip, media, where)
        start = (seconds(clip.trimmed_range().start_time) - media.start_s) * self._rate

        def source(first: int, length: int) -> Any:
            return self._masters.clip(media, channel, first, length)

        return self._gained(clip, self._timed(span, media.kind, start, source, where), where)

    def of_composition(self, span: Span, mob: Any, slot_id: int, kind: str, where: str) -> Any:
        """A nested sequence, on the composition mob that holds it."""
        item = span.item
        where = f"{where}, {item.name!r}"
        self._tell_effects(item, where)
        start = seconds(item.trimmed_range().start_time) * self._rate

        def source(first: int, length: int) -> Any:
            return self._file.create.SourceClip(
                start=first, length=length, mob_id=mob.mob_id, slot_id=slot_id, media_kind=kind
            )

        return self._timed(span, kind, start, source, where)

    def _timed(self, span: Span, kind: str, start: Fraction, source: Any, where: str) -> Any:
        """A source clip from frame `start`, under a change of speed where the item has one."""
        speed = speed_of(span.item)
        if speed != 1 and kind == "sound":
            self._losses.add("changes of speed of sound", where)
        if speed == 1 or kind == "sound":
            first = nearest(start)
            if first != start:
                self._losses.add("source times between frames are moved to the nearest", where)
            return source(first - span.head, span.length)
        return self._retimed(span, start, speed, source, where)

    def _retimed(
        self, span: Span, start: Fraction, speed: Fraction, source: Any, where: str
    ) -> Any:
        """Under the offset map that gives the source frame of each record frame."""
        length = span.length
        line, kept = _line(span, start, speed)
        if abs(kept - speed) > _SAME_SPEED:
            self._losses.add("speeds are rounded", where)
        first = floor(_lowest(span, start, kept))
        into = line[0][1] if kept >= 0 else line[0][1] + 1 + kept * length
        shown = 1 + floor(into + abs(kept) * max(0, length - 1))
        group = self._definitions.group(MOTION_CONTROL, length, source(first, shown))
        self._definitions.set_line(group, SPEED_OFFSET_MAP, line)
        self._definitions.set_line(group, SPEED_MAP, [(Fraction(0), kept)])
        ratio = 1 / kept if kept else Fraction(length)
        self._definitions.set_constant(group, SPEED_RATIO, ratio)
        for parameter, setting in MOTION_SETTINGS.items():
            self._definitions.set_constant(group, parameter, setting)
        return group

    def _gained(self, clip: Any, segment: Any, where: str) -> Any:
        """Under the gains that an AAF gave it."""
        for effect in clip.effects:
            amplitude = _amplitude(effect)
            if amplitude is not None and str(segment.media_kind) == "Sound":
                segment = self._definitions.group(AUDIO_GAIN, segment.length, segment)
                self._definitions.set_constant(segment, AMPLITUDE, amplitude)
        return segment

    def _tell_losses(self, clip: Any, media: Media, where: str) -> None:
        reference = clip.media_reference
        if not has_file(reference) and not isinstance(reference, schema.MissingReference):
            self._losses.add("media that are no single file are offline", where)
        if reference.available_range is None and has_file(reference):
            self._losses.add("media whose length is not stated are as long as the clip", where)
        if media.start_s < 0:
            words = "media that begin before timecode 00:00:00:00 are counted from there"
            self._losses.add(words, where)
        if len(clip.media_references()) > 1 and not media.channels > 1:
            self._losses.add("media that the clip does not play now", where)
        self._tell_effects(clip, where)

    def _tell_effects(self, item: Any, where: str) -> None:
        carried = schema.LinearTimeWarp
        for effect in item.effects:
            if not isinstance(effect, carried) and _amplitude(effect) is None:
                self._losses.add("effects", where)


def _amplitude(effect: Any) -> Fraction | None:
    """The factor of an audio gain that an AAF gave; None for one that moves, or another effect."""
    facts = effect.metadata.get("AAF")
    if effect.name not in _GAINS or not isinstance(facts, Mapping):
        return None
    parameters = facts.get("Parameters", {})
    found = [v for key, v in parameters.items() if key.startswith("Amplitude")]
    moves = any(hasattr(value, "append") for value in parameters.values())
    if moves or len(found) != 1 or not isinstance(found[0], str | int):
        return None
    return Fraction(found[0]).limit_denominator(1 << 29)


def _lowest(span: Span, start: Fraction, speed: Fraction) -> Fraction:
    """The earliest source frame that an item shows, with what its transitions need."""
    return start - (span.head * speed if speed >= 0 else -span.tail * speed)


def _line(
    span: Span, start: Fraction, speed: Fraction
) -> tuple[list[tuple[Fraction, Fraction]], Fraction]:
    """The offset map and the speed it keeps: as fine as its pairs of 32 bits allow.

    It counts from the first frame of the source clip; backwards it begins at the last one shown.
    """
    for finest in _FINEST:
        kept = speed.limit_denominator(finest)
        lowest = _lowest(span, start, kept)
        into = (lowest - floor(lowest)).limit_denominator(finest)
        value = into if kept >= 0 else into - 1 - kept * span.length
        for until in (Fraction(max(1, span.length)), Fraction(kept.denominator)):
            line = [(Fraction(0), value), (until, value + kept * until)]
            if all(_fits(number) for point in line for number in point):
                return line, kept
    raise ValueError(f"a clip of {span.length} frames at a speed of {float(speed):g}")


def _fits(number: Fraction) -> bool:
    return abs(number.numerator) < _INT32 and number.denominator < _INT32
