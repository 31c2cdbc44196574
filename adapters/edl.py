"""OpenTimelineIO adapter `hpm_edl`: edit decision lists (CMX 3600), read and written."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema

logger = logging.getLogger(__name__)


def read_from_file(filepath: str, rate: Any = None, **_arguments: Any) -> Any:
    """The timeline of a list; `rate` is its frame rate, which no list states.

    Without one, the media that the list names must be there and agree. What was not understood is
    logged as warnings.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.reading import read_cut

    try:
        settings = Settings().with_changes({"spotting": {"rate": _rate(rate)}})
        cut = read_cut(Path(filepath), settings)
    except HpmError as error:
        raise exceptions.OTIOError(_said(error)) from error
    for warning in cut.warnings:
        logger.warning("%s: %s", Path(filepath).name, warning)
    return cut.timeline


def write_to_file(input_otio: Any, filepath: str, rate: Any = None, **arguments: Any) -> None:
    """Write a timeline at its own rate or `rate`; `paths` may be absolute or relative.

    What the format cannot carry is logged as warnings.
    """
    from otio_hpm.errors import HpmError
    from otio_hpm.files import write_bytes
    from otio_hpm.interchange.edl_writing import write_edl

    path = Path(filepath)
    try:
        written = write_edl(input_otio, _delivery(input_otio, path, rate, arguments))
        write_bytes(path, written.data, overwrite=True)
    except HpmError as error:
        raise exceptions.OTIOError(_said(error)) from error
    for loss in written.losses:
        logger.warning("%s: %s", path.name, loss)


def _delivery(timeline: Any, path: Path, rate: Any, arguments: dict[str, Any]) -> Any:
    """The rate asked for or the timeline's own, and the timecode that the timeline states."""
    from otio_hpm.errors import TimelineError
    from otio_hpm.interchange.exchange import Delivery
    from otio_hpm.settings import Settings
    from otio_hpm.timeline.dialects import stated_drop_frame
    from otio_hpm.timeline.rates import own_rate
    from otio_hpm.timeline.record_timecode import counts_drop_frame, start_frames

    if not isinstance(timeline, schema.Timeline):
        raise TimelineError("only one timeline can be written", hint="choose one of them")
    own = own_rate(timeline)
    found = _rate(rate) or (own[0] if own else None)
    if found is None:
        raise TimelineError("the timeline does not state its frame rate", hint="give the rate")
    start = start_frames(timeline, found)
    drop, _ = counts_drop_frame(start, found, Settings(), stated_drop_frame(timeline))
    return Delivery(
        path=path,
        rate=found,
        start_frames=start,
        drop_frame=drop,
        paths="relative" if arguments.get("paths") == "relative" else "absolute",
    )


def _rate(rate: Any) -> Any:
    """A frame rate in any spelling. Raises SettingsError for what is none."""
    from otio_hpm.errors import SettingsError
    from otio_hpm.timing import snap_rate

    if rate is None:
        return None
    found = snap_rate(str(rate))
    if found is None:
        raise SettingsError(f"{rate} is no frame rate", hint="for example 24, 23.976 or 30000/1001")
    return found


def _said(error: Any) -> str:
    return f"{error.message}. {error.hint}".rstrip(". ")
