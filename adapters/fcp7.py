"""OpenTimelineIO adapter `hpm_fcp_xml`: Final Cut Pro 7 XML of Premiere, Resolve and others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from otio_hpm.interchange.formats import FCP7
from otio_hpm.timeline.adapting import read_timelines, write_timeline


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several sequences.

    What was not understood is logged as warnings.
    """
    return read_timelines(FCP7, Path(filepath))


def write_to_file(input_otio: Any, filepath: str, **arguments: Any) -> None:
    """Write a timeline; `version` may be 4 or 5, `paths` absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    write_timeline(FCP7, input_otio, Path(filepath), arguments)
