"""Plain readings of .otio files: JSON and exact time, nothing of OpenTimelineIO or the package."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

KEY = "otio_hpm"

Json = dict[str, Any]


def load(path: Path) -> Json:
    """A timeline file as plain JSON."""
    document: Json = json.loads(path.read_text("utf-8"))
    return document


def our_tracks(document: Json) -> list[Json]:
    """The tracks that scoring wrote."""
    return [track for track in document["tracks"]["children"] if is_ours(track)]


def is_ours(track: Json) -> bool:
    """Whether scoring wrote a track."""
    return bool(track.get("metadata", {}).get(KEY, {}).get("role") == "score")


def without_ours(document: Json) -> Json:
    """The same timeline without our tracks and metadata."""
    bare = copy.deepcopy(document)
    children = bare["tracks"]["children"]
    bare["tracks"]["children"] = [track for track in children if not is_ours(track)]
    for node in _objects(bare):
        node.get("metadata", {}).pop(KEY, None)
    return bare


def differences(before: Path, after: Path) -> list[str]:
    """Where a scored timeline is not its input, apart from what is ours."""
    return list(_different(without_ours(load(before)), without_ours(load(after)), "timeline"))


def kind_of(node: Json) -> str:
    """Schema name without its version."""
    return str(node["OTIO_SCHEMA"]).partition(".")[0]


def seconds(time: Json) -> Fraction:
    """Exact seconds of a RationalTime: 23.976 is 24000/1001."""
    return Fraction(time["value"]) / exact_rate(time)


def exact_rate(time: Json) -> Fraction:
    """The exact rate of a RationalTime."""
    return Fraction(time["rate"]).limit_denominator(1001)


def starts_of(track: Json) -> list[Fraction]:
    """Seconds from the track's beginning to each child; transitions take no time."""
    still = {"duration": {"value": 0, "rate": 1}}
    lengths = (child.get("source_range", still)["duration"] for child in track["children"])
    return list(itertools.accumulate(map(seconds, lengths), initial=Fraction(0)))


def located(document: Json, locator: list[str | int]) -> Any:
    """What a locator leads to."""
    found: Any = document
    for step in locator:
        if isinstance(step, str):
            found = found[step]
        else:
            found = found[step] if isinstance(found, list) else found["children"][step]
    return found


def active_media(clip: Json) -> Json:
    """The media reference that a clip plays."""
    if "media_reference" in clip:
        reference: Json = clip["media_reference"]
    else:
        reference = clip["media_references"][clip["active_media_reference_key"]]
    return reference


def path_of(url: str) -> Path:
    """The file of a file URL."""
    return Path(unquote(urlsplit(url).path))


def _objects(node: Any) -> Iterator[Json]:
    """Every object of parsed JSON."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from _objects(child)


def _different(one: Any, other: Any, where: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from _different(one.get(key), other.get(key), f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _different(*pair, f"{where}[{index}]")
    elif one != other or type(one) is not type(other):
        yield f"{where}: {str(one)[:60]} became {str(other)[:60]}"
