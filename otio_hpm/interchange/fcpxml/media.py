"""The media of a file: assets, their representations, and effects that make picture."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.clock import range_of
from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.kept import KEY, attributes, reel_of, xml
from otio_hpm.interchange.fcpxml.retime import Retime
from otio_hpm.timing import snap_rate

_ACTIVE = "DEFAULT_MEDIA"
_FORMAT_RATE = re.compile(r"\d([pi])(\d{2}|\d{4})(?:_|$)")
_MAX_RATE = 1000


def rate_of(document: Document, element: Any) -> Fraction | None:
    """Frames per second of an element's format; None where the format states none."""
    if not element.get("format"):
        return None
    found = document.resource(element, "format", key="format")
    if found is None:
        return None
    frame_s = document.time(found, "frameDuration")
    if frame_s and frame_s > 0 and 1 <= 1 / frame_s <= _MAX_RATE:
        return 1 / frame_s
    named = _FORMAT_RATE.search(found.get("name") or "")
    return _rate_in_name(*named.groups()) if named else None


def has(asset: Any, what: str) -> bool:
    """Whether an asset has `Video` or `Audio`; an asset that states neither has picture."""
    stated = asset.get("hasVideo"), asset.get("hasAudio")
    return bool(asset.get(f"has{what}") == "1" or (stated == (None, None) and what == "Video"))


def references(document: Document, asset: Any, retime: Retime) -> dict[str, Any]:
    """The media references of an asset by key; the original's is OTIO's default key."""
    scale = retime.pace if retime.frames_alike else Fraction(1)
    key = ("references", asset, scale)
    if key not in document.made:
        document.made[key] = _references(document, asset, scale)
    return {name: reference.deepcopy() for name, reference in document.made[key].items()}


def _references(document: Document, asset: Any, scale: Fraction) -> dict[str, Any]:
    kinds = {
        rep.get("kind") or "original-media": rep
        for rep in reversed(asset.findall("media-rep"))
        if rep.get("src")
    }
    if not kinds and asset.get("src"):
        kinds = {"original-media": asset}
    if not kinds:
        document.warn(asset, "names no file")
        return {_ACTIVE: schema.MissingReference(metadata=_kept(document, asset, None))}
    ordered = sorted(kinds, key=lambda kind: kind != "original-media")
    return {
        _ACTIVE if index == 0 else kind: _reference(document, asset, kinds[kind], scale)
        for index, kind in enumerate(ordered)
    }


def generator(element: Any, effect: Any) -> Any:
    """The reference of a title or generator, with a title's words."""
    words = " ".join("".join(text.itertext()).strip() for text in element.iterchildren("text"))
    kind = element.tag if element.tag in ("title", "live-drawing") else "generator"
    return schema.GeneratorReference(
        name=element.get("name") or "",
        generator_kind=kind,
        parameters={"text": words} if words else {},
        metadata={KEY: {"effect": dict(effect.attrib)}} if effect is not None else {},
    )


def _reference(document: Document, asset: Any, rep: Any, scale: Fraction) -> Any:
    return schema.ExternalReference(
        target_url=_url(document, rep.get("src")),
        available_range=_available(document, asset, scale),
        metadata=_kept(document, asset, rep),
    )


def _available(document: Document, asset: Any, scale: Fraction) -> Any:
    """What the file holds, in the clip's source time, a second of which is `scale` of its own.

    None for a still.
    """
    duration_s = document.time(asset, "duration")
    if not duration_s or duration_s < 0:
        return None
    start_s = document.time(asset, "start") or Fraction(0)
    rate = rate_of(document, asset) if has(asset, "Video") else None
    rate = rate / scale if rate else audio_rate(asset)
    return range_of(start_s * scale, duration_s * scale, rate)


def audio_rate(asset: Any) -> Fraction | None:
    """Samples per second, as assets state it."""
    text = asset.get("audioRate") or ""
    return Fraction(text) if re.fullmatch(r"[1-9]\d{2,6}", text) else None


def _kept(document: Document, asset: Any, rep: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {"asset": dict(asset.attrib)}
    if asset.get("format"):
        found = document.resource(asset, "format", key="format")
        kept["format"] = dict(found.attrib) if found is not None else {}
    if rep is not None and rep is not asset:
        kept["media_rep"] = attributes(rep)
    if (metadata := asset.find("metadata")) is not None:
        kept["metadata"] = xml(metadata)
    if reel := reel_of(asset):
        kept["reel"] = reel
    return {KEY: kept}


def _url(document: Document, src: str) -> str:
    """An absolute URL; what is relative counts from the XML file's folder."""
    if urlsplit(src).scheme or PurePosixPath(src).is_absolute():
        return src
    return (document.path.absolute().parent / unquote(src)).as_uri()


def _rate_in_name(scan: str, digits: str) -> Fraction | None:
    """A rate as formats spell it: p24, p2398, i5994, which counts fields."""
    found = snap_rate(f"{digits[:2]}.{digits[2:] or 0}")
    return found / 2 if found and scan == "i" else found
