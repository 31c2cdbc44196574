"""OpenTimelineIO adapter `hpm_fcpxml`: Final Cut Pro's FCPXML, files and bundles."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema

logger = logging.getLogger(__name__)


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several.

    Warnings are in the metadata of each, under `fcpxml`, `warnings`.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.interchange.fcpxml.reading import read_fcpxml

    try:
        found = read_fcpxml(Path(filepath))
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error
    timelines = [sequence.timeline for sequence in found.sequences]
    for timeline in timelines:
        timeline.metadata["fcpxml"]["warnings"] = list(found.warnings)
    if len(timelines) == 1:
        return timelines[0]
    return schema.SerializableCollection(name=Path(filepath).stem, children=timelines)


def write_to_file(input_otio: Any, filepath: str, **arguments: Any) -> None:
    """Write a timeline; `version` may be 1.8 to 1.13, `paths` absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.files import write_bytes

    path = Path(filepath)
    try:
        written = _written(input_otio, path, arguments)
        write_bytes(path, written.data, overwrite=True)
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error
    for loss in written.losses:
        logger.warning("%s", loss)


def write_to_string(input_otio: Any, **arguments: Any) -> str:
    """The same as text; relative paths are those from the current folder."""
    from otio_hpm.errors import HpmError

    try:
        written = _written(input_otio, Path("timeline.fcpxml"), arguments)
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error
    return str(written.data.decode())


def _written(timeline: Any, path: Path, arguments: dict[str, Any]) -> Any:
    """A timeline as FCPXML, at the rate and timecode that it states itself."""
    from otio_hpm.errors import TimelineError
    from otio_hpm.interchange.exchange import Delivery
    from otio_hpm.interchange.fcpxml.writing import write_fcpxml
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.rates import own_rate
    from otio_hpm.timeline.record_timecode import counts_drop_frame, start_frames

    if not isinstance(timeline, schema.Timeline):
        raise TimelineError("only one timeline can be written", hint="choose one of them")
    found = own_rate(timeline)
    if found is None:
        raise TimelineError("the timeline does not state its frame rate")
    start = start_frames(timeline, found[0])
    counting = timeline.metadata.get("fcpxml", {}).get("sequence", {}).get("tcFormat")
    stated = (counting == "DF", "tcFormat") if counting in ("DF", "NDF") else None
    delivery = Delivery(
        path=path,
        rate=found[0],
        start_frames=start,
        drop_frame=counts_drop_frame(start, found[0], Settings(), stated)[0],
        paths="relative" if arguments.get("paths") == "relative" else "absolute",
        version=str(arguments.get("version", "")),
    )
    return write_fcpxml(timeline, delivery)
