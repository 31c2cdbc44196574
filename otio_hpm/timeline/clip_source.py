"""What a clip says of its source: files and reels by name, and the stretch that it plays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from html import unescape
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.exact import exact_rate
from otio_hpm.timeline.source_time import file_seconds, source_range
from otio_hpm.timeline.tree import speed_of

_DEPTH = 6
"""How deep metadata are looked through."""
_REELS = ("reel", "reelname", "tape", "tapename", "tapeid")
_FCPXML_REEL = re.compile(r'<md key="com\.apple\.proapps\.studio\.reel" value="([^"]+)"')


def names_file(clip: Any) -> bool:
    """Whether the clip's media reference names what it plays, or generates it."""
    reference = clip.media_reference
    return reference is not None and not reference.is_missing_reference


def source_files(clip: Any) -> Iterator[str]:
    """File names in the `* SOURCE FILE:` comments of an edit decision list."""
    for values in clip.metadata.values():
        if isinstance(values, Mapping):
            for comment in values.get("comments") or ():
                label, _, name = str(comment).partition(":")
                if label.strip().casefold() == "source file" and name.strip():
                    yield name.strip()


def reels(clip: Any) -> tuple[str, ...]:
    """Reels, tapes or sound rolls that the metadata of a clip and its media name."""
    reference = clip.media_reference
    found = list(_said(clip.metadata, _DEPTH))
    if reference is not None:
        found.extend(_said(reference.metadata, _DEPTH))
    return tuple(dict.fromkeys(name.strip() for name in found if name.strip()))


def first_reel(clip: Any) -> str:
    """The first of `reels`; empty where there is none."""
    return next(iter(reels(clip)), "")


def source_drop_frame(clip: Any) -> bool | None:
    """Whether source timecode is drop-frame, as a list or Final Cut Pro 7 XML said; else None."""
    said = clip.metadata.get("cmx_3600")
    drops = said.get("drop_frame") if isinstance(said, Mapping) else None
    if isinstance(drops, bool):
        return drops
    kept = getattr(clip.media_reference, "metadata", {}).get("fcp_xml")
    timecode = kept.get("timecode") if isinstance(kept, Mapping) else None
    shown = timecode.get("displayformat") if isinstance(timecode, Mapping) else None
    return {"DF": True, "NDF": False}.get(str(shown))


def is_sound(clip: Any) -> bool:
    """Whether a clip lies on a track of sound."""
    parent = clip.parent()
    while parent is not None and not isinstance(parent, schema.Track):
        parent = parent.parent()
    return parent is not None and parent.kind == schema.TrackKind.Audio


def source_span_s(clip: Any, media_rate: Fraction | None) -> tuple[Fraction, Fraction] | None:
    """Source time from which to which a clip plays, at any speed; None where it does not say."""
    own = source_range(clip) if clip.source_range or names_file(clip) else None
    if own is None or own.start_time.rate <= 0 or own.duration.rate <= 0:
        return None
    start, length = (file_seconds(time, media_rate) for time in (own.start_time, own.duration))
    used = length * abs(speed_of(clip)) or 1 / exact_rate(own.duration.rate)
    return start, start + used


def _said(metadata: Any, depth: int) -> Iterator[str]:
    """Every reel in metadata of any host: `reel: x`, `reel: {name: x}`, Final Cut Pro's `md`."""
    if isinstance(metadata, str):
        if "studio.reel" in metadata:
            yield from map(unescape, _FCPXML_REEL.findall(metadata))
    elif isinstance(metadata, Mapping) and depth:
        for key, value in metadata.items():
            inner = value.get("name") if isinstance(value, Mapping) else value
            if re.sub("[^a-z]", "", key.lower()) in _REELS and isinstance(inner, str):
                yield inner
            else:
                yield from _said(value, depth - 1)
    elif isinstance(metadata, Iterable) and depth:
        for value in metadata:
            yield from _said(value, depth - 1)
