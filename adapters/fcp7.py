"""OpenTimelineIO adapter `hpm_fcp_xml`: Final Cut Pro 7 XML of Premiere, Resolve and others."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema

logger = logging.getLogger(__name__)


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several sequences.

    What was not understood is logged as warnings.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.interchange.fcp7 import read_fcp7

    try:
        found = read_fcp7(Path(filepath))
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error
    for warning in found.warnings:
        logger.warning("%s", warning)
    timelines = [sequence.timeline for sequence in found.sequences]
    if len(timelines) == 1:
        return timelines[0]
    return schema.SerializableCollection(name=Path(filepath).stem, children=timelines)


def write_to_file(input_otio: Any, filepath: str, **arguments: Any) -> None:
    """Write a timeline; `version` may be 4 or 5, `paths` absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.files import write_bytes
    from otio_hpm.interchange.fcp7 import write_fcp7

    try:
        written = write_fcp7(input_otio, _delivery(input_otio, Path(filepath), arguments))
        write_bytes(Path(filepath), written.data, overwrite=True)
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error
    for loss in written.losses:
        logger.warning("%s", loss)


def _delivery(timeline: Any, path: Path, arguments: dict[str, Any]) -> Any:
    """How a timeline is to be written: its rate and timecode are those it states itself."""
    from otio_hpm.errors import TimelineError
    from otio_hpm.interchange.exchange import Delivery
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.dialects import stated_drop_frame
    from otio_hpm.timeline.rates import own_rate
    from otio_hpm.timeline.record_timecode import counts_drop_frame, start_frames

    if not isinstance(timeline, schema.Timeline):
        raise TimelineError("only one timeline can be written", hint="choose one of them")
    found = own_rate(timeline)
    if found is None:
        raise TimelineError("the timeline does not state its frame rate")
    start = start_frames(timeline, found[0])
    drop, _ = counts_drop_frame(start, found[0], Settings(), stated_drop_frame(timeline))
    return Delivery(
        path=path, rate=found[0], start_frames=start, drop_frame=drop,
        paths="relative" if arguments.get("paths") == "relative" else "absolute",
        version=str(arguments.get("version", "")),
    )  # fmt: skip
