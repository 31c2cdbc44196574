"""Effects of a clip as filters: those kept of the input, its speed, and its level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import schema

from otio_hpm.interchange.fcp7.kept import add, children, fill, kept_of
from otio_hpm.interchange.fcp7.remap import remap_filter
from otio_hpm.interchange.fcp7.source import Source
from otio_hpm.interchange.losses import Losses

_MAX_LEVEL = 3.98109
"""12 dB, the most that Audio Levels has."""


def write_filters(item: Element, clip: Any, source: Source, losses: Losses) -> None:
    """Add a `<filter>` for each effect; what xmeml has no filter for is said."""
    if source.speed is not None:
        start = source.start_in
        item.append(remap_filter(source.speed, start, source.length, source.first))
    for effect in clip.effects or ():
        if isinstance(effect, schema.LinearTimeWarp) and effect.enabled:
            continue
        kept, level = kept_of(effect), _level_db(effect)
        if kept:
            item.append(_kept_filter(effect, kept))
        elif level is not None:
            item.append(_level_filter(level, clip.name, losses))
        else:
            named = effect.name or effect.effect_name or effect.schema_name()
            losses.add("effects are left out", f"{named!r} of {clip.name!r}")


def _kept_filter(effect: Any, kept: Mapping[str, Any]) -> Element:
    found, beside = Element("filter"), kept.get("filter")
    if isinstance(beside, Mapping):
        fill(found, beside)
    inside = add(found, "effect")
    add(inside, "name", effect.name)
    fill(inside, kept, without=("filter", "name"))
    return found


def _level_db(effect: Any) -> float | None:
    """The clip level that Resolve keeps as an effect, in dB."""
    resolve = effect.metadata.get("Resolve_OTIO")
    if not isinstance(resolve, Mapping) or not resolve.get("Enabled", True):
        return None
    for parameter in children(resolve, "Parameters"):
        value = parameter.get("Parameter Value")
        if parameter.get("Parameter ID") == "volume" and isinstance(value, int | float):
            return float(value)
    return None


def _level_filter(level_db: float, name: str, losses: Losses) -> Element:
    """The Audio Levels filter, whose level is an amplitude."""
    level = 10 ** (min(level_db, 100.0) / 20)
    if level > _MAX_LEVEL:
        losses.add("levels above 12 dB are written as 12 dB", repr(name))
    found = Element("filter")
    effect = add(found, "effect")
    for tag, value in (
        ("name", "Audio Levels"), ("effectid", "audiolevels"), ("effectcategory", "audiolevels"),
        ("effecttype", "audiolevels"), ("mediatype", "audio"),
    ):  # fmt: skip
        add(effect, tag, value)
    parameter = add(effect, "parameter")
    parameter.set("authoringApp", "PremierePro")
    for tag, value in (
        ("parameterid", "level"), ("name", "Level"), ("valuemin", "0"),
        ("valuemax", str(_MAX_LEVEL)), ("value", f"{min(level, _MAX_LEVEL):.6g}"),
    ):  # fmt: skip
        add(parameter, tag, value)
    return found
