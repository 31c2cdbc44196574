"""A `<file>`, or a generator's effect, as an OTIO media reference."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import opentime, schema

from otio_hpm.interchange.fcp7.kept import KEY, as_dict
from otio_hpm.interchange.fcp7.timecode import timecode_of
from otio_hpm.interchange.fcp7.values import number, rate_of, said, text
from otio_hpm.timeline.exact import rational
from otio_hpm.timing import nominal

_OF_FILE = ("name", "pathurl", "mediaSource", "duration", "rate")


def reference_of(file: Element, clip_rate: Fraction) -> Any:
    """The media reference of a `<file>` as a clip of `clip_rate` uses it.

    Media that count like the clip (24 and 24000/1001) are used frame for frame, so they get the
    clip's rate. A file without a path is a generator where it names its kind, else missing.
    """
    kept, url = as_dict(file, without=_OF_FILE), text(file, "pathurl")
    available = _available(file, clip_rate)
    if available is None:  # a range that has no end has no place for its start
        kept |= _kept_clock(file, clip_rate)
    common = {
        "name": said(file, "name"),
        "available_range": available,
        "metadata": {KEY: kept} if kept else {},
    }
    if url:
        reference = schema.ExternalReference(
            target_url=url, available_range=common["available_range"], metadata=common["metadata"]
        )
        reference.name = common["name"]
        return reference
    if kind := text(file, "mediaSource"):
        return schema.GeneratorReference(generator_kind=kind, **common)
    return schema.MissingReference(**common)


def media_start(file: Element, clip_rate: Fraction) -> Fraction:
    """The media's first frame number at a clip's rate; not whole where the rates do not fit."""
    own = media_rate(file, clip_rate)
    timecode = timecode_of(file, own)
    return Fraction(0) if timecode is None else timecode.frames_at(own) * clip_rate / own


def media_rate(file: Element, clip_rate: Fraction) -> Fraction:
    """The file's rate, or the clip's where they count alike."""
    own = rate_of(file) or clip_rate
    return clip_rate if nominal(own) == nominal(clip_rate) else own


def generator_of(item: Element) -> Any:
    """The reference of a `<generatoritem>`: its effect's id and parameters."""
    effect = item.find("effect")
    if effect is None:
        return schema.MissingReference(name=said(item, "name"))
    return schema.GeneratorReference(
        name=said(effect, "name"),
        generator_kind=text(effect, "effectid"),
        metadata={KEY: as_dict(effect, without=("name", "effectid"))},
    )


def _kept_clock(file: Element, clip_rate: Fraction) -> dict[str, Any]:
    """What is kept of a file's timecode with its frame, and the rate that this counts at."""
    clock, timecode = file.find("timecode"), timecode_of(file, media_rate(file, clip_rate))
    if clock is None or timecode is None:
        return {}
    rate = {} if (said := file.find("rate")) is None else {"rate": as_dict(said)}
    return {"timecode": rate | as_dict(clock) | {"frame": str(timecode.frames)}}


def _available(file: Element, clip_rate: Fraction) -> Any:
    """The range of the file's media, or None where its length is not told."""
    own, length = media_rate(file, clip_rate), number(file, "duration")
    if length is None or length <= 0:
        return None
    timecode = timecode_of(file, own)
    start = rational(timecode.frames_at(own) if timecode else 0, own)
    return opentime.TimeRange(start, rational(length, own))
