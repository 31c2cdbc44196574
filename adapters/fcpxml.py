"""OpenTimelineIO adapter `hpm_fcpxml`: Final Cut Pro's FCPXML, files and bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from otio_hpm.interchange.formats import FCPXML
from otio_hpm.timeline.adapting import (
    otio_errors,
    read_timelines,
    write_timeline,
    written_timeline,
)


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several.

    What was not understood is logged as warnings.
    """
    return read_timelines(FCPXML, Path(filepath))


def write_to_file(input_otio: Any, filepath: str, **arguments: Any) -> None:
    """Write a timeline; `version` may be 1.8 to 1.13, `paths` absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    write_timeline(FCPXML, input_otio, Path(filepath), _spelled(arguments))


def write_to_string(input_otio: Any, **arguments: Any) -> str:
    """The same as text; relative paths are those from the current folder."""
    with otio_errors():
        written = written_timeline(FCPXML, input_otio, Path("timeline.fcpxml"), _spelled(arguments))
    return written.data.decode()


def _spelled(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments with the version as text: otioconvert reads 1.10 as the number 1.1."""
    version = str(arguments.get("version", ""))
    return {**arguments, "version": "1.10" if version == "1.1" else version}
