"""Elements that play one asset: asset-clip, video, audio, title, and clip around these."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.document import Document, elements, lane_of
from otio_hpm.interchange.fcpxml.kept import STORY
from otio_hpm.interchange.fcpxml.marking import markers_of
from otio_hpm.interchange.fcpxml.media import audio_rate, generator, has, rate_of, references
from otio_hpm.interchange.fcpxml.retime import Retime
from otio_hpm.interchange.fcpxml.span import Piece, Span

_ZERO = Fraction(0)
_STILL_S = Fraction(10**9)
"""A still has the duration 0 inside its clip, and lasts as long as that."""


@dataclass(frozen=True, kw_only=True)
class _Leaf:
    """A video or audio element inside a clip."""

    element: Any
    shift_s: Fraction
    """From the clip's content time to the time of its asset."""
    first_s: Fraction
    """Content time at which it begins,"""
    last_s: Fraction
    """and at which it ends."""


def asset_pieces(document: Document, span: Span) -> list[Piece]:
    """Picture and sound of an asset-clip, video or audio element."""
    element = span.element
    asset = document.resource(element, "asset")
    if asset is None:
        return [_picture(document, span, None, span.retime, element)]
    wanted = element.get("srcEnable") or {"video": "video", "audio": "audio"}.get(element.tag, "")
    pieces = []
    if has(asset, "Video") and wanted in ("", "all", "video"):
        pieces.append(_picture(document, span, asset, span.retime, element))
    if has(asset, "Audio") and wanted in ("", "all", "audio"):
        role = element.get("audioRole") or element.get("role") or ""
        heard = _heard(document, span)
        for component in _components(element) or [{}]:
            pieces.append(_sound(document, heard, asset, span.retime, component, role))
    if not pieces:
        document.warn(element, f"asks for {wanted or 'picture or sound'} that its asset lacks")
        return [_picture(document, span, None, span.retime, element)]
    return _marked(document, span, pieces)


def effect_pieces(document: Document, span: Span) -> list[Piece]:
    """A title, a generator or a drawing."""
    element = span.element
    effect = document.resource(element, "effect") if element.get("ref") else None
    clip = schema.Clip(
        name=element.get("name") or "",
        media_reference=generator(element, effect),
        source_range=span.source_range(span.retime),
        effects=span.retime.effects,
    )
    piece = Piece(item=clip, start_s=span.start_s, end_s=span.end_s)
    return _marked(document, span, [piece])


def clip_pieces(document: Document, span: Span) -> list[Piece] | None:
    """Picture and sound of a clip that only wraps one picture or sounds; None for another."""
    leaves = list(_leaves(document, span.element))
    if any(leaf is None for leaf in leaves):
        return None
    plain = [leaf for leaf in leaves if leaf is not None]
    pictures = [leaf for leaf in plain if leaf.element.tag == "video"]
    if not plain or len(pictures) > 1 or any(not _covers(leaf, span) for leaf in pictures):
        return None
    pieces = [_leaf_picture(document, span, leaf) for leaf in pictures]
    heard = _heard(document, span)
    by_channel = {one.get("srcCh"): one for one in _components(span.element)}
    for leaf in plain:
        part = _part(leaf, heard)
        if leaf.element.tag == "video" or part is None:
            continue
        asset = document.resource(leaf.element, "asset")
        if asset is not None:
            component = {**leaf.element.attrib, **by_channel.get(leaf.element.get("srcCh"), {})}
            retime = _shifted(span.retime, leaf)
            piece = _sound(document, part, asset, retime, component, "")
            pieces.append(dataclasses.replace(piece, inner=leaf.element))
    if not pieces:
        return None
    first = (pictures or plain)[0]
    inside = dataclasses.replace(span.retime, source_s=_ZERO, own_s=_ZERO, speed=Fraction(1))
    pieces[0].item.markers.extend(markers_of(document, first.element, inside, _ZERO, span.rate))
    return _marked(document, span, pieces, _shifted(span.retime, first))


def _leaves(document: Document, clip: Any) -> Iterator[_Leaf | None]:
    """What a clip contains, with None for anything that is no plain picture or sound."""
    for child in elements(clip):
        if child.tag in STORY and lane_of(child) is None:
            yield from _unfolded(document, child, _ZERO)


def _unfolded(document: Document, element: Any, shift_s: Fraction) -> Iterator[_Leaf | None]:
    """A video, audio or gap element and the sounds anchored to it, one level deep."""
    if element.tag not in ("video", "audio", "gap") or element.find("timeMap") is not None:
        yield None
        return
    offset_s = document.time(element, "offset") or _ZERO
    asset = document.resources.get(element.get("ref") or "")
    own_s = document.time(element, "start")
    if own_s is None and asset is not None and asset.tag == "asset":
        own_s = document.time(asset, "start")
    first_s = offset_s - shift_s
    shift_s += (own_s or _ZERO) - offset_s
    length_s = document.time(element, "duration") or _STILL_S
    if element.tag != "gap":
        is_media = asset is not None and asset.tag == "asset"
        leaf = _Leaf(element=element, shift_s=shift_s, first_s=first_s, last_s=first_s + length_s)
        yield leaf if is_media else None
    for child in elements(element):
        if child.tag == "audio":
            yield from _unfolded(document, child, shift_s)
        elif child.tag in STORY:
            yield None


def _covers(leaf: _Leaf, span: Span) -> bool:
    """Whether a picture is there for all of its clip, but for a frame's rounding."""
    frame_s = 1 / span.rate if span.rate else _ZERO
    length_s = span.duration_s / span.retime.pace if span.retime.speed else _ZERO
    moments = span.retime.content(span.own_s), span.retime.content(span.own_s + length_s)
    return leaf.first_s - frame_s <= min(moments) and max(moments) <= leaf.last_s + frame_s


def _part(leaf: _Leaf, heard: Span) -> Span | None:
    """The part of a span in which a sound is heard; a retimed one is not cut."""
    if heard.retime.speed != 1 or heard.retime.pace != 1:
        return heard
    shift_s = heard.retime.content(heard.own_s) - heard.own_s
    first = max(heard.own_s, leaf.first_s - shift_s)
    last = min(heard.own_s + heard.duration_s, leaf.last_s - shift_s)
    if last <= first:
        return None
    start_s = heard.clock.at(first)
    return dataclasses.replace(heard, own_s=first, start_s=start_s, duration_s=last - first)


def _shifted(retime: Retime, leaf: _Leaf) -> Retime:
    return dataclasses.replace(retime, source_s=retime.source_s + leaf.shift_s)


def _leaf_picture(document: Document, span: Span, leaf: _Leaf) -> Piece:
    asset = document.resource(leaf.element, "asset")
    piece = _picture(document, span, asset, _shifted(span.retime, leaf), span.element)
    kept = {"source": dict(leaf.element.attrib)}
    return dataclasses.replace(piece, kept=kept, inner=leaf.element)


def _picture(document: Document, span: Span, asset: Any, retime: Retime, element: Any) -> Piece:
    rate = rate_of(document, asset) if asset is not None else None
    clip = schema.Clip(
        name=element.get("name") or (asset.get("name") if asset is not None else "") or "",
        source_range=span.source_range(retime, _ZERO, rate),
        effects=retime.effects,
    )
    if asset is not None:
        clip.set_media_references(references(document, asset, retime), "DEFAULT_MEDIA")
    return Piece(item=clip, start_s=span.start_s, end_s=span.end_s)


def _sound(
    document: Document,
    span: Span,
    asset: Any,
    retime: Retime,
    component: dict[str, str],
    role: str,
) -> Piece:
    clip = schema.Clip(
        name=span.element.get("name") or asset.get("name") or "",
        source_range=span.source_range(retime, _ZERO, audio_rate(asset)),
        effects=retime.effects,
    )
    clip.enabled = "0" not in (component.get("enabled"), component.get("active"))
    clip.set_media_references(references(document, asset, retime), "DEFAULT_MEDIA")
    return Piece(
        item=clip,
        kind=schema.TrackKind.Audio,
        start_s=span.start_s,
        end_s=span.end_s,
        role=component.get("role") or role,
        kept={"component": dict(component)} if component else {},
    )


def _heard(document: Document, span: Span) -> Span:
    """The span of the sound, which may be split from that of the picture."""
    own_s = document.time(span.element, "audioStart")
    duration_s = document.time(span.element, "audioDuration")
    own_s = span.own_s if own_s is None else own_s
    if duration_s is None or duration_s <= 0:
        duration_s = span.duration_s
    start_s = span.clock.at(own_s)
    if start_s < 0:
        own_s, duration_s, start_s = own_s - start_s, duration_s + start_s, _ZERO
    return dataclasses.replace(span, own_s=own_s, duration_s=duration_s, start_s=start_s)


def _components(element: Any) -> list[dict[str, str]]:
    """The audio components that a clip lists."""
    return [dict(one.attrib) for one in element.iterchildren("audio-channel-source")]


def _marked(
    document: Document, span: Span, pieces: list[Piece], retime: Retime | None = None
) -> list[Piece]:
    """The pieces, with the element's markers on the first."""
    retime = retime or span.retime
    found = markers_of(document, span.element, retime, _ZERO, span.rate)
    pieces[0].item.markers.extend(found)
    return pieces
