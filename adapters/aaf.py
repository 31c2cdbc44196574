"""OpenTimelineIO adapter `hpm_aaf`: the Advanced Authoring Format, read and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from otio_hpm.interchange.formats import AAF
from otio_hpm.timeline.adapting import read_timelines, write_timeline


def read_from_file(filepath: str, **_arguments: Any) -> Any:
    """The timeline of a file, or a collection of them where it holds several.

    What was not understood is logged as warnings.
    """
    return read_timelines(AAF, Path(filepath))


def write_to_file(input_otio: Any, filepath: str, **arguments: Any) -> None:
    """Write a timeline; `paths` may be absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    write_timeline(AAF, input_otio, Path(filepath), arguments)
