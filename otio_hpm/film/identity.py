"""What media are by content: where a file lies is no part of it, so moved media stay the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.picture import Layer

_WHOLE_UP_TO = 64 << 20
_BLOCK = 1 << 20


def canonical(facts: Any) -> str:
    """JSON with one spelling per value; fractions as `n/d`."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)


def layer_facts(layer: Layer) -> dict[str, Any]:
    """All that decides what a layer shows."""
    facts = {field.name: getattr(layer, field.name) for field in dataclasses.fields(layer)}
    del facts["name"]
    return {**facts, "media": _media(layer.media)}


def content_of(path: Path) -> str:
    """Content of a file; of a large one its size, time of change and both ends."""
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns)


def _media(media: MediaFile) -> list[Any]:
    files = media.files or (media.path,)
    return [media.kind, media.rate, [file and content_of(file) for file in files]]


@cache
def _digest(path: Path, size: int, changed_ns: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        if size <= _WHOLE_UP_TO:
            while block := file.read(_BLOCK):
                digest.update(block)
        else:
            digest.update(f"{size}:{changed_ns}".encode() + file.read(_BLOCK))
            file.seek(-_BLOCK, 2)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()
