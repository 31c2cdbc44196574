"""What OpenTimelineIO's adapters of the formats share.

They raise OpenTimelineIO's own error, and log what was not understood or not carried as warnings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import exceptions, schema

from otio_hpm.errors import HpmError, TimelineError
from otio_hpm.interchange.documents import document_of, write_document
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.interchange.formats import Format
from otio_hpm.interchange.losses import short
from otio_hpm.settings import Settings
from otio_hpm.timeline.dialects import stated_counting
from otio_hpm.timeline.otio_file import read_otio
from otio_hpm.timeline.rates import own_rate
from otio_hpm.timeline.record_timecode import counts_drop_frame, start_frames

_logger = logging.getLogger(__name__)


@contextmanager
def otio_errors() -> Iterator[None]:
    """Raise a HpmError as OTIOError."""
    try:
        yield
    except HpmError as error:
        raise exceptions.OTIOError(f"{error.message}. {error.hint}".rstrip(". ")) from error


def warn(path: Path, sentences: Iterable[str]) -> None:
    """Log sentences about a file."""
    for sentence in sentences:
        _logger.warning("%s: %s", path.name, short(sentence))


def read_timelines(form: Format, path: Path) -> Any:
    """The timeline of a file, or a collection of them where it holds several."""
    with otio_errors():
        found = form.read(path)
    warn(path, found.warnings)
    timelines = [sequence.timeline for sequence in found.sequences]
    if len(timelines) == 1:
        return timelines[0]
    return schema.SerializableCollection(name=path.stem, children=timelines)


def write_timeline(
    form: Format, timeline: Any, path: Path, arguments: dict[str, Any], rate: Fraction | None = None
) -> None:
    """Write a timeline to a file; `arguments` are those of `written_timeline`."""
    with otio_errors():
        written = written_timeline(form, timeline, document_of(path), arguments, rate)
        write_document(path, written.data, overwrite=True)
    warn(path, written.losses)


def written_timeline(
    form: Format, timeline: Any, path: Path, arguments: dict[str, Any], rate: Fraction | None = None
) -> Written:
    """A timeline in a format, at `rate` or its own, with the timecode that it states.

    `arguments` may say `paths`, absolute or relative, and the `version` of the format. Raises
    HpmError for what is no timeline that can be written.
    """
    if not isinstance(timeline, schema.Timeline):
        raise TimelineError("only one timeline can be written", hint="choose one of them")
    checked, _ = read_otio(timeline.to_json_string(), path.name, None)
    own = own_rate(checked)
    found = rate or (own[0] if own else None)
    if found is None:
        raise TimelineError("the timeline does not state its frame rate")
    start = start_frames(checked, found)
    counting = counts_drop_frame(start, found, Settings(), stated_counting(checked))
    delivery = Delivery(
        path=path,
        rate=found,
        start_frames=start,
        drop_frame=counting.drop_frame,
        paths="relative" if arguments.get("paths") == "relative" else "absolute",
        version=str(arguments.get("version", "")),
    )
    return form.write(checked, delivery)
