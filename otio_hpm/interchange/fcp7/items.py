"""A `<clipitem>` or `<generatoritem>` as an OTIO clip, or what stands for a nested sequence."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import opentime, schema

from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.kept import KEY, as_dict
from otio_hpm.interchange.fcp7.markers import MarkerReader
from otio_hpm.interchange.fcp7.media_reading import generator_of, media_start, reference_of
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.remap import Remap, remap_of
from otio_hpm.interchange.fcp7.spans import Span
from otio_hpm.interchange.fcp7.values import flag, number, rate_of, said, text
from otio_hpm.timeline.exact import rational

_IN_OTIO = (
    "name", "start", "end", "in", "out", "duration", "rate", "enabled",
    "file", "sequence", "marker", "filter",
)  # fmt: skip
_FOLLOWED = "and followed from point to point in pictures"


@dataclass(frozen=True, kw_only=True)
class ItemReader:
    """Reads the clips of one file."""

    document: Document
    notes: Notes
    markers: MarkerReader

    def clip(self, span: Span, record_rate: Fraction) -> Any:
        """A clip with its media."""
        item = span.element
        clip_rate = rate_of(item) or record_rate
        file = self.document.child(item, "file")
        origin = media_start(file, clip_rate) if file is not None else Fraction(0)
        if item.tag == "generatoritem":
            reference = generator_of(item)
        elif file is not None:
            reference = reference_of(file, clip_rate)
        else:
            self.notes.add(f"{self.document.where(item)} names no media")
            reference = schema.MissingReference(name=said(item, "name"))
        clip = schema.Clip(name=said(item, "name"), media_reference=reference)
        self.fill(clip, span, record_rate, origin)
        return clip

    def fill(self, clip: Any, span: Span, record_rate: Fraction, origin: Fraction) -> None:
        """Give a clip or nested stack all that a clip item says besides its media.

        `origin` is the media's first frame number, in frames of the clip's rate.
        """
        item = span.element
        clip_rate = rate_of(item) or record_rate
        remap = _remap_of(item)
        shown = _Shown.of(span, clip_rate, record_rate, self._length(item, clip_rate))
        start, speed = shown.source(remap)
        if speed is None:
            self.notes.add(f"{self.document.where(item)}: its changing speed is kept, {_FOLLOWED}")
        self._add_effects(clip, item, speed)
        self._check(shown, remap, item)
        clip.source_range = opentime.TimeRange(
            rational(origin + start, clip_rate), rational(span.end - span.start, record_rate)
        )
        clip.enabled = flag(text(item, "enabled"), True)
        clip.metadata[KEY] = as_dict(item, without=_IN_OTIO)

        def time(frame: Fraction) -> Any:
            if not speed:  # OTIO counts on from its start, frozen or of changing speed
                return rational(origin + start + frame - shown.first, clip_rate)
            return rational(origin + shown.media_frame(frame, remap), clip_rate)

        clip.markers.extend(self.markers.markers_of(item, time, {}))

    def _add_effects(self, clip: Any, item: Element, speed: Fraction | None) -> None:
        """Add the clip's filters; one that makes a constant speed becomes a time effect."""
        is_warped = speed is None or speed == 1
        for one in item.iterfind("filter"):
            effect = one.find("effect")
            if effect is None:
                self.notes.add(f"{self.document.where(one)} has no effect and is left out")
            elif speed is not None and _is_remap(one):
                if not is_warped:
                    clip.effects.append(_warp(speed, effect))
                is_warped = True
            else:
                clip.effects.append(_effect(one, effect))

    def _length(self, item: Element, clip_rate: Fraction) -> Fraction | None:
        """Frames of the media, at the clip's rate."""
        file = self.document.child(item, "file")
        length = number(file, "duration") if file is not None else None
        if file is None or length is None:
            return None
        return length * clip_rate / (rate_of(file) or clip_rate)

    def _check(self, shown: _Shown, remap: Remap | None, item: Element) -> None:
        """Say where what `in` and `out` tell is not as long as the clip."""
        where = self.document.where(item)
        if remap and remap.is_factor:
            self.notes.add(f"{where}: its speed {remap.speed} is taken as a factor, not percent")
        if remap is None and shown.stated is not None and abs(shown.stated - shown.whole) > 1:
            self.notes.add(
                f"{where} shows {float(shown.stated):g} frames of its media in the time of "
                f"{float(shown.whole):g}, and no speed is stated; it is seen at normal speed"
            )


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What a clip shows, in frames of its own rate."""

    first: Fraction
    """Retimed frame at the clip's start."""
    length: Fraction
    """Frames that it lasts on its track."""
    whole: Fraction
    """The same with what is under transitions."""
    stated: Fraction | None
    """From `in` to `out`."""
    head: Fraction
    """Frames from `in` to the clip's start."""
    media: Fraction | None
    """Frames of the media."""

    @staticmethod
    def of(span: Span, clip_rate: Fraction, record: Fraction, media: Fraction | None) -> _Shown:
        """From a clip item's place and its `in` and `out`."""
        pace = clip_rate / record
        first, last = number(span.element, "in"), number(span.element, "out")
        stated = last - first if first is not None and last is not None and first >= 0 else None
        head = span.head * pace
        return _Shown(
            first=max(first or Fraction(0), Fraction(0)) + head,
            length=(span.end - span.start) * pace,
            whole=(span.end - span.start + span.head + span.tail) * pace,
            stated=stated,
            head=head,
            media=media,
        )

    def source(self, remap: Remap | None) -> tuple[Fraction, Fraction | None]:
        """First media frame shown (the lowest), and the speed; None where it changes."""
        if remap is None:
            return self.first, Fraction(1)
        speed = remap.speed_between(self.first, self.first + self.length)
        if speed is None:
            return _graphed(remap, self.first), None
        if speed < 0 and (lowest := remap.media_frame(self.first + self.length)) is not None:
            return lowest, speed
        at_start = self._at_start(remap, speed)
        return (at_start if speed >= 0 else at_start + speed * self.length), speed

    def _at_start(self, remap: Remap, speed: Fraction) -> Fraction:
        """The media frame at the clip's start."""
        if (found := remap.media_frame(self.first)) is not None:
            return found
        if self._counts_media(speed):
            low = self.first - self.head + self.head * abs(speed)
            return low if speed >= 0 else low - speed * self.length
        if speed == 0:
            return self.first
        if speed > 0:
            return self.first * speed
        return (self.media or self.first * -speed) + self.first * speed

    def _counts_media(self, speed: Fraction) -> bool:
        """Whether `in` and `out` are as far apart as the media shown, not as the clip is long."""
        if self.stated is None or abs(self.stated - self.whole) <= 1:
            return False
        return abs(self.stated - abs(speed) * self.whole) <= 1

    def media_frame(self, retimed: Fraction, remap: Remap | None) -> Fraction:
        """The media frame at a retimed frame, as markers have them."""
        if remap is None:
            return retimed
        lowest, speed = self.source(remap)
        if remap.speed is None or speed is None:
            return _graphed(remap, retimed)
        turned = self.first if speed >= 0 else self.first + self.length
        return lowest + (retimed - turned) * speed


def _graphed(remap: Remap, retimed: Fraction) -> Fraction:
    """The media frame of a retimed frame, which stands for itself where there is no graph."""
    found = remap.media_frame(retimed)
    return retimed if found is None else found


def _effect(filter_element: Element, effect: Element) -> Any:
    """A filter kept as it is: its effect, and under `filter` what it says besides."""
    kept = as_dict(effect, without=("name",))
    beside = as_dict(filter_element, without=("effect",))
    return schema.Effect(
        name=said(effect, "name"),
        effect_name=text(effect, "effectid"),
        metadata={KEY: kept | ({"filter": beside} if beside else {})},
    )


def _warp(speed: Fraction, effect: Element) -> Any:
    """A constant speed, with what is kept of the filter that it comes from."""
    warp = schema.LinearTimeWarp(time_scalar=float(speed)) if speed else schema.FreezeFrame()
    warp.name, warp.metadata[KEY] = said(effect, "name"), as_dict(effect, without=("name",))
    return warp


def _is_remap(filter_element: Element) -> bool:
    effect = filter_element.find("effect")
    on = flag(text(filter_element, "enabled"), True)
    return on and effect is not None and remap_of(effect) is not None


def _remap_of(item: Element) -> Remap | None:
    """The first retime of a clip item that is switched on."""
    effects = (one.find("effect") for one in item.iterfind("filter") if _is_remap(one))
    return next((remap_of(effect) for effect in effects if effect is not None), None)
