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
    found = sorted({(name, int(version)) for name, version in _SCHEMA.findall(text)})
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


def lower_markers(text: str) -> str:
    """The same .otio text with every `Marker.3` as a `Marker.2`; raises ValueError if not JSON."""
    document = _loads(text)
    for marker in _objects(document, "Marker.3"):
        color = marker.get("color")
        marker["OTIO_SCHEMA"] = "Marker.2"
        marker["metadata"] = {**(marker.get("metadata") or {}), COLOR_KEY: color}
        marker["color"] = _color_name(color)
    return _dumps(document)


def restore_markers(text: str) -> str:
    """An .otio text as written here, with every lowered marker as the `Marker.3` it was."""
    document = json.loads(text)
    for marker in _objects(document, "Marker.2"):
        if COLOR_KEY in marker["metadata"]:
            marker["OTIO_SCHEMA"] = "Marker.3"
            marker["color"] = marker["metadata"].pop(COLOR_KEY)
    return _dumps(document)


def _loads(text: str) -> Any:
    """JSON with OpenTimelineIO's `Inf` besides Python's `Infinity`."""
    return json.loads(_STRING_OR_INF.sub(lambda m: m[1] or "Infinity", text))


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
    """Every object of a schema in parsed JSON, without recursion."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("OTIO_SCHEMA") == schema:
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
