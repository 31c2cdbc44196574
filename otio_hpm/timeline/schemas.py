"""Schema versions of an .otio file, and the newer markers that are read all the same.

OpenTimelineIO after 0.18 writes `Marker.3`, whose colour is an RGB object where `Marker.2` has a
name. Such a marker is lowered before OpenTimelineIO sees it, keeps its colour in its metadata, and
is raised again on writing, so that nothing is lost.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from otio_hpm.errors import TimelineError

COLOR_KEY = "otio_marker_color"
"""Where a lowered marker keeps its RGB colour, in its metadata."""

_SCHEMA = re.compile(r'"OTIO_SCHEMA"\s*:\s*"([^"\\]+)\.(\d+)"')
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_STRING_OR_INF = re.compile(rf"({_STRING.pattern})|\bInf(?:inity)?\b")
_OLD_CLIP = re.compile(r'"Clip\.(?!2")|\\u00')
"""A clip of another version than 2, or a schema that may be spelt with escapes."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_MAX_DEPTH = 200
_COLORS = {
    "PINK": (1.0, 0.75, 0.8), "RED": (1.0, 0.0, 0.0), "ORANGE": (1.0, 0.5, 0.0),
    "YELLOW": (1.0, 1.0, 0.0), "GREEN": (0.0, 1.0, 0.0), "CYAN": (0.0, 1.0, 1.0),
    "BLUE": (0.0, 0.0, 1.0), "PURPLE": (0.5, 0.0, 0.5), "MAGENTA": (1.0, 0.0, 1.0),
    "BLACK": (0.0, 0.0, 0.0), "WHITE": (1.0, 1.0, 1.0),
}  # fmt: skip


def schema_versions(text: str) -> dict[str, int]:
    """The highest version of each schema in an .otio text, as `{"Clip": 2, "Timeline": 1}`."""
    found = sorted({(name, int(version[:10])) for name, version in _SCHEMA.findall(text)})
    return dict(found)


def check_versions(versions: dict[str, int], name: str) -> None:
    """Raise TimelineError where file `name` holds a schema that cannot be read here."""
    import opentimelineio

    known = {**opentimelineio.core.type_version_map(), "Marker": 3}
    newer = [f"{key}.{value}" for key, value in versions.items() if value > known.get(key, value)]
    if newer:
        raise TimelineError(
            f"{name} uses {', '.join(newer)}, newer than OpenTimelineIO"
            f" {opentimelineio.__version__} reads",
            hint="export it for an older OpenTimelineIO, such as 0.18",
        )


def check_depth(text: str, name: str) -> None:
    """Raise TimelineError where a text is nested so deeply that parsing it would be unsafe."""
    brackets = _STRING.sub("", text).encode().translate(None, delete=_NO_BRACKETS)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > _MAX_DEPTH:
        raise TimelineError(f"{name} is nested more than {_MAX_DEPTH} levels deep: it is damaged")


def check_times(text: str, name: str) -> None:
    """Raise TimelineError, naming what it belongs to, for a time that is not a finite number."""
    if "NaN" not in text and "Inf" not in text:
        return
    for time, owner in _owned_times(_loads(text)):
        if not all(math.isfinite(time.get(key, 0)) for key in ("value", "rate")):
            raise TimelineError(f"{name}: {owner} has a time that is not a number")


def check_json(text: str) -> None:
    """Raise ValueError for a text that is no JSON, or has an object that says a key twice.

    OpenTimelineIO crashes where what is said twice is an object of a schema.
    """
    _loads(text)


def check_old_clips(text: str, name: str) -> None:
    """Raise TimelineError for an old clip whose media are told as no old clip tells them.

    OpenTimelineIO makes a `Clip.2` of it from its one `media_reference`, and crashes on media that
    lie elsewhere, as in a `Clip.2` that only says that it is older.
    """
    if _OLD_CLIP.search(text) is None:
        return
    for clip in _objects(_loads(text), r"Clip\.(?!2$).*"):
        media = clip.get("media_reference")
        one = media is None or (isinstance(media, dict) and "OTIO_SCHEMA" in media)
        if clip.get("media_references") or not one:
            raise TimelineError(
                f"{name}: clip {clip.get('name')!r} is a {clip['OTIO_SCHEMA']}, which has one media"
                " reference, and holds media as newer clips do",
                hint="export it again",
            )


def lower_markers(text: str) -> str:
    """The same .otio text with every `Marker.3` as a `Marker.2`; raises ValueError if not JSON."""
    document = _loads(text)
    for marker in _objects(document, r"Marker\.3"):
        color = marker.get("color")
        marker["OTIO_SCHEMA"] = "Marker.2"
        marker["metadata"] = {**(marker.get("metadata") or {}), COLOR_KEY: color}
        marker["color"] = _color_name(color)
    return _dumps(document)


def restore_markers(text: str) -> str:
    """An .otio text as written here, with every lowered marker as the `Marker.3` it was."""
    document = json.loads(text)
    for marker in _objects(document, r"Marker\.2"):
        if COLOR_KEY in marker["metadata"]:
            marker["OTIO_SCHEMA"] = "Marker.3"
            marker["color"] = marker["metadata"].pop(COLOR_KEY)
    return _dumps(document)


def _loads(text: str) -> Any:
    """JSON with OpenTimelineIO's `Inf` besides Python's `Infinity`; raises ValueError if not."""
    if "Inf" in text:
        text = _STRING_OR_INF.sub(lambda m: m[1] or "Infinity", text)
    return json.loads(text, object_pairs_hook=_unique, strict=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these keys and values; raises ValueError where a key comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object in it says {twice!r} twice")
    return found


def _dumps(document: Any) -> str:
    return json.dumps(document, indent=4, ensure_ascii=False)


def _owned_times(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every RationalTime of parsed JSON, with the kind and name of the object it is a time of."""
    waiting = [(document, "it")]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, dict):
            schema = str(node.get("OTIO_SCHEMA", "")).partition(".")[0]
            if schema == "RationalTime":
                yield node, owner
            elif "name" in node and schema:
                owner = f"{schema.lower()} {node['name']!r}"
            waiting.extend((child, owner) for child in node.values())
        elif isinstance(node, list):
            waiting.extend((child, owner) for child in node)


def _objects(document: Any, schema: str) -> Iterator[dict[str, Any]]:
    """Every object of a schema (a pattern) in parsed JSON, without recursion."""
    of_schema = re.compile(schema).fullmatch
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if of_schema(str(node.get("OTIO_SCHEMA"))):
                yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _color_name(color: Any) -> str:
    """Marker.2's colour name that is, or is nearest to, a Marker.3 colour."""
    if not isinstance(color, dict):
        return str(color or "")
    if str(color.get("name", "")).upper() in _COLORS:
        return str(color["name"]).upper()
    rgb = [float(color.get(channel, 0.0)) for channel in "rgb"]
    return min(_COLORS, key=lambda name: _distance(rgb, _COLORS[name]))


def _distance(a: list[float], b: tuple[float, ...]) -> float:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
