"""What a dataset was asked to be made of, by which a build goes on or is refused: `build.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from otio_hpm.dataset.index import FORMAT
from otio_hpm.dataset.segment import Segment
from otio_hpm.errors import DatasetError
from otio_hpm.files import write_text

ORDER = "build.json"


def begin(folder: Path, segments: Sequence[Segment], options: dict[str, Any]) -> None:
    """Write the order down in a new folder, or compare it with the one that was begun.

    Raises DatasetError for a folder that holds other files, or where films or options differ.
    """
    asked = {"format": FORMAT, "films": _digest(segments), **options}
    path = folder / ORDER
    if not path.exists():
        if any(folder.iterdir()):
            raise DatasetError(
                f"{folder} holds other files", hint="Give a dataset a folder of its own."
            )
        write_text(path, json.dumps(asked, indent=1) + "\n")
        return
    try:
        begun = json.loads(path.read_text("utf-8"))
        changed = [name for name in asked if begun.get(name) != asked[name]]
    except (OSError, ValueError, AttributeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if changed:
        raise DatasetError(
            f"the dataset in {folder} was begun with other {', '.join(changed)}",
            hint="Give the same films and options to go on with it, or name another folder.",
        )


def _digest(segments: Sequence[Segment]) -> str:
    digest = hashlib.sha256()
    for segment in segments:
        digest.update(json.dumps(_spelled(segment), sort_keys=True).encode())
    return digest.hexdigest()


def _spelled(segment: Segment) -> list[Any]:
    """All that decides a segment's clips; of media their names and sizes."""
    files = [(path.name, path.stat().st_size) for path in _files(segment)]
    spans = [
        [span.start_frames, span.end_frames, *map(str, _of_layers(span))]
        for span in segment.picture.spans
    ]
    parts = [[str(p.start_s), str(p.at_s), str(p.duration_s)] for p in segment.sound]
    times = [str(segment.start_s), str(segment.duration_s), str(segment.rate)]
    return [asdict(segment.facts), segment.source, times, files, spans, parts]


def _of_layers(span: Any) -> Iterator[Any]:
    for layer in span.layers:
        yield from (layer.media_start_s, layer.speed, layer.opacity_start, layer.opacity_end)


def _files(segment: Segment) -> Iterator[Path]:
    for media in segment.picture.media:
        yield from filter(None, media.files or (media.path,))
    yield from (part.path for part in segment.sound)
