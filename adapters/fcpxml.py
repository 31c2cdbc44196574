"""OpenTimelineIO adapter `hpm_fcpxml`: Final Cut Pro's FCPXML, files and bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema


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
