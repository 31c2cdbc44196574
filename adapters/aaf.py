"""OpenTimelineIO adapter `hpm_aaf`: the Advanced Authoring Format, read and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several.

    Warnings are in the metadata of each, under `AAF`, `warnings`.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.interchange.aaf.reading import read_aaf

    try:
        found = read_aaf(Path(filepath))
    except HpmError as error:
        raise exceptions.OTIOError(_said(error)) from error
    timelines = [sequence.timeline for sequence in found.sequences]
    for timeline in timelines:
        timeline.metadata["AAF"]["warnings"] = list(found.warnings)
    if len(timelines) == 1:
        return timelines[0]
    return schema.SerializableCollection(name=Path(filepath).stem, children=timelines)


def write_to_file(input_otio: Any, filepath: str, **_arguments: Any) -> None:
    """Write a timeline at its own rate; what is lost is logged as warnings."""
    import logging

    from otio_hpm.errors import HpmError
    from otio_hpm.files import write_bytes
    from otio_hpm.interchange.aaf.writing import write_aaf

    path = Path(filepath)
    try:
        written = write_aaf(input_otio, _delivery(input_otio, path))
        write_bytes(path, written.data, overwrite=True)
    except HpmError as error:
        raise exceptions.OTIOError(_said(error)) from error
    for loss in written.losses:
        logging.getLogger(__name__).warning("%s: not carried: %s", path.name, loss)


def _delivery(timeline: Any, path: Path) -> Any:
    """At the rate, start and counting that the timeline states."""
    from otio_hpm.interchange.exchange import Delivery
    from otio_hpm.timeline.exact import frames
    from otio_hpm.timeline.rates import own_rate

    rate = own_rate(timeline) if isinstance(timeline, schema.Timeline) else None
    if rate is None:
        raise exceptions.OTIOError(f"{path.name}: only a timeline with a frame rate can be written")
    start = timeline.global_start_time
    return Delivery(
        path=path,
        rate=rate[0],
        start_frames=frames(start, rate[0]) if start is not None else 0,
        drop_frame=bool(timeline.metadata.get("AAF", {}).get("DropFrame", False)),
    )


def _said(error: Any) -> str:
    return f"{error.message}. {error.hint}".rstrip(". ")
