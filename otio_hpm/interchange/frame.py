"""The frame of a timeline that came from XML, of either kind: its size, fields and pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PLACES = (
    ("fcpxml", "format"),
    ("fcp_xml", "media", "video", "format", "samplecharacteristics"),
    ("fcp_xml", "media", "video", "samplecharacteristics"),
)
"""Where in metadata a sequence or media has what its file said of its frame."""
_SIDE = re.compile(r"[1-9]\d{0,5}")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a file said of its frames."""

    width: str
    """Pixels, as digits."""
    height: str
    first_field: str
    """`upper` or `lower`; empty where frames are progressive."""
    square: bool
    """Whether its pixels are square."""


def frame_of(timeline: Any) -> Frame | None:
    """The frame that a timeline's file stated, else that of its first picture; None for neither."""
    things = (timeline, *(clip.media_reference for clip in timeline.find_clips()))
    stated = (_stated(thing.metadata, keys) for thing in things for keys in _PLACES)
    return next(filter(None, stated), None)


def _stated(kept: Any, keys: tuple[str, ...]) -> Frame | None:
    for key in keys:
        kept = kept.get(key) if isinstance(kept, Mapping) else None
    if not isinstance(kept, Mapping):
        return None
    width, height = str(kept.get("width")), str(kept.get("height"))
    if not (_SIDE.fullmatch(width) and _SIDE.fullmatch(height)):
        return None
    fields = str(kept.get("fieldOrder") or kept.get("fielddominance")).partition(" ")[0]
    pixels = str(kept.get("pixelaspectratio") or "square").casefold()
    anamorphic = str(kept.get("anamorphic")).casefold() == "true"
    return Frame(
        width=width,
        height=height,
        first_field=fields if fields in ("upper", "lower") else "",
        square=kept.get("paspH") == kept.get("paspV") and pixels == "square" and not anamorphic,
    )
