"""OpenTimelineIO adapter `hpm_edl`: edit decision lists (CMX 3600), read and written."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import SettingsError
from otio_hpm.interchange.formats import EDL
from otio_hpm.settings import Settings
from otio_hpm.timeline.adapting import otio_errors, warn, write_timeline
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timing import snap_rate

_VARIABLE = "OTIO_HPM_RATE"
"""Where the rate is taken from that a tool has no way to give."""


def read_from_file(filepath: str, rate: Any = None, **_arguments: Any) -> Any:
    """The timeline of a list; `rate` is its frame rate, which no list states.

    Without one, the variable OTIO_HPM_RATE counts; else the media that the list names must be there
    and agree. What was not understood is logged as warnings.
    """
    with otio_errors():
        wanted = _rate(rate or os.environ.get(_VARIABLE) or None)
        settings = Settings().with_changes({"spotting": {"rate": wanted}})
        cut = read_cut(Path(filepath), settings)
    warn(Path(filepath), cut.warnings)
    return cut.timeline


def write_to_file(input_otio: Any, filepath: str, rate: Any = None, **arguments: Any) -> None:
    """Write a timeline at its own rate or `rate`; `paths` may be absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    with otio_errors():
        wanted = _rate(rate)
    write_timeline(EDL, input_otio, Path(filepath), arguments, wanted)


def _rate(rate: Any) -> Fraction | None:
    """A frame rate in any spelling. Raises SettingsError for what is none."""
    if rate is None:
        return None
    found = snap_rate(str(rate))
    if found is None:
        raise SettingsError(f"{rate} is no frame rate", hint="for example 24, 23.976 or 30000/1001")
    return found
