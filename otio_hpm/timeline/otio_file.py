"""An .otio text as one Timeline: parsed, chosen among several, or wrapped round a lesser object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.schemas import (
    check_depth,
    check_json,
    check_old_clips,
    check_times,
    check_versions,
    lower_markers,
    schema_versions,
)


def read_otio(text: str, name: str, wanted: str | None) -> tuple[Any, dict[str, int]]:
    """The timeline in the text of file `name`, and the schema versions it was written with.

    `wanted` is a name or 1-based number where there are several. Raises TimelineError for broken
    text, a newer schema, no timeline, or several with none wanted.
    """
    check_depth(text, name)
    versions = schema_versions(text)
    check_versions(versions, name)
    timelines = list(_timelines(_parse(text, versions, name)))
    timeline = choose_timeline(timelines, name, wanted)
    if timeline.tracks is None:
        raise TimelineError(f"the timeline in {name} has no tracks")
    return timeline, versions


def _parse(text: str, versions: dict[str, int], name: str) -> Any:
    import opentimelineio

    try:
        check_json(text)
        check_times(text, name)
        check_old_clips(text, name)
        lowered = lower_markers(text) if versions.get("Marker") == 3 else text
        return opentimelineio.core.deserialize_json_from_string(lowered)
    except (ValueError, KeyError, TypeError, opentimelineio.exceptions.OTIOError) as error:
        raise TimelineError(
            f"{name} is not a whole .otio file: {str(error).strip()}", hint="export it again"
        ) from error


def _timelines(found: Any) -> Iterator[Any]:
    """Every timeline of a file's top object, in order; a lesser object is wrapped in one."""
    from opentimelineio import schema

    if isinstance(found, schema.Timeline):
        yield found
    elif isinstance(found, schema.SerializableCollection):
        for child in found:
            if isinstance(child, schema.Timeline | schema.SerializableCollection):
                yield from _timelines(child)
    elif isinstance(found, schema.Stack | schema.Track | schema.Clip):
        yield _wrapped(found)


def _wrapped(found: Any) -> Any:
    """A timeline round a stack, track or clip."""
    from opentimelineio import schema

    timeline = schema.Timeline(name=found.name)
    if isinstance(found, schema.Stack):
        timeline.tracks = found
    elif isinstance(found, schema.Track):
        timeline.tracks.append(found)
    else:
        timeline.tracks.append(schema.Track(name="V1", kind="Video", children=[found]))
    return timeline


def choose_timeline(timelines: list[Any], name: str, wanted: str | None) -> Any:
    """The one timeline of file `name`, or the wanted one; else raises TimelineError."""
    if not timelines:
        raise TimelineError(f"{name} holds no timeline", hint="export a timeline, track or clip")
    if wanted is not None:
        return _named(timelines, name, wanted)
    if len(timelines) > 1:
        raise TimelineError(
            f"{name} holds {len(timelines)} timelines: {_listed(timelines)}",
            hint="choose one with --timeline NAME or --timeline N",
        )
    return timelines[0]


def _named(timelines: list[Any], name: str, wanted: str) -> Any:
    """The timeline of that name, else of that number."""
    named = [timeline for timeline in timelines if timeline.name == wanted]
    if not named and wanted.isdecimal() and 0 < int(wanted) <= len(timelines):
        return timelines[int(wanted) - 1]
    if len(named) != 1:
        many = "no timeline is" if not named else "several timelines are"
        raise TimelineError(
            f"{many} named {wanted!r} in {name}", hint=f"there are: {_listed(timelines)}"
        )
    return named[0]


def _listed(timelines: list[Any]) -> str:
    return ", ".join(f"{i} {timeline.name!r}" for i, timeline in enumerate(timelines, start=1))
