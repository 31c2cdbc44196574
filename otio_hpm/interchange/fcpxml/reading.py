"""FCPXML files and bundles read into OTIO."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Imported, Sequence
from otio_hpm.interchange.fcpxml.clock import Clock, time_of
from otio_hpm.interchange.fcpxml.document import KNOWN_VERSIONS, Document, elements, read_document
from otio_hpm.interchange.fcpxml.fades import take_fades
from otio_hpm.interchange.fcpxml.kept import KEY, STORY, children, note_of
from otio_hpm.interchange.fcpxml.media import rate_of
from otio_hpm.interchange.fcpxml.span import span_of
from otio_hpm.interchange.fcpxml.story import Story
from otio_hpm.interchange.fcpxml.tracks import tracks_of

_ZERO = Fraction(0)
_BROWSED = STORY - {"spine", "gap"}


def read_fcpxml(path: Path) -> Imported:
    """The timelines of an FCPXML file, or of a bundle (`.fcpxmld`).

    Every project is one; in a file without projects, every clip of its events is. Raises
    TimelineError for a file that cannot be read safely, is no FCPXML, or holds neither.
    """
    document = read_document(path)
    projects = [one for one in document.root.iter("project") if one.find("sequence") is not None]
    sequences = [_of_project(document, project) for project in projects]
    if not sequences:
        found = (_of_clip(document, clip) for clip in _browsed(document.root))
        sequences = [sequence for sequence in found if sequence is not None]
    if not sequences:
        raise TimelineError(
            f"{path.name} holds no timeline: there is no project in it, and no clip in an event",
            hint="select a project in Final Cut Pro and export its XML",
        )
    return Imported(
        sequences=tuple(sequences),
        dialect=_dialect(document.root),
        warnings=_of_version(document) + document.warnings,
    )


def _of_project(document: Document, project: Any) -> Sequence:
    document.open(project)
    sequence = project.find("sequence")
    rate = rate_of(document, sequence)
    if rate is None:
        document.warn(project, "has a sequence whose format states no frame rate")
    story = Story(document, rate)
    story.sequence(sequence)
    start_s = document.time(sequence, "tcStart") or _ZERO
    name = project.get("name") or document.path.stem
    timeline = _timeline(document, story, name, start_s, sequence)
    timeline.metadata[KEY].update(_around(project), sequence=dict(sequence.attrib))
    timeline.metadata[KEY]["project"] = dict(project.attrib)
    return _sequence(timeline, rate, sequence)


def _of_clip(document: Document, clip: Any) -> Sequence | None:
    """A timeline of one clip, which begins at the clip's own start."""
    rate = _own_rate(document, clip)
    span = span_of(document, clip, _ZERO, rate)
    if span is None:
        return None
    story = Story(document, rate)
    story.spine([clip], Clock(own_s=_ZERO, at_s=_ZERO))
    timeline = _timeline(document, story, clip.get("name") or "", span.own_s)
    timeline.metadata[KEY].update(_around(clip))
    inside = _inside(document, clip)
    return _sequence(timeline, rate, clip if clip.get("tcFormat") else inside)


def _timeline(
    document: Document, story: Story, name: str, start_s: Fraction, sequence: Any = None
) -> Any:
    timeline = schema.Timeline(name=name, global_start_time=time_of(start_s, story.rate))
    tracks = tracks_of(story.placed, story.rate)
    take_fades(document, tracks, story.rate)
    timeline.tracks.extend(tracks)
    timeline.tracks.markers.extend(story.markers)
    kept: dict[str, Any] = {"version": document.version}
    if sequence is not None:
        found = document.resources.get(sequence.get("format") or "")
        kept["format"] = dict(found.attrib) if found is not None else {}
        kept["note"] = note_of(sequence)
        kept["children"] = children(document, sequence)
    timeline.metadata[KEY] = {key: value for key, value in kept.items() if value}
    return timeline


def _sequence(timeline: Any, rate: Fraction | None, element: Any) -> Sequence:
    counted = element.get("tcFormat") if element is not None else None
    return Sequence(
        timeline=timeline,
        rate=(rate, "the format of its FCPXML sequence") if rate else None,
        drop_frame=(counted == "DF", "tcFormat in its FCPXML")
        if counted in ("DF", "NDF")
        else None,
    )


def _own_rate(document: Document, clip: Any) -> Fraction | None:
    """The rate of a clip by its format, or that of what it refers to."""
    inside = _inside(document, clip)
    of_clip = rate_of(document, clip)
    if of_clip or inside is None or not inside.get("format"):
        return of_clip or _inner_rate(document, clip)
    return rate_of(document, inside)


def _inside(document: Document, clip: Any) -> Any:
    """The asset, sequence or multicam that a clip refers to, or None."""
    refers = document.resources.get(clip.get("ref") or "")
    return refers[0] if refers is not None and refers.tag == "media" and len(refers) else refers


def _inner_rate(document: Document, clip: Any) -> Fraction | None:
    """The rate of the first picture inside a clip."""
    for one in clip.iterdescendants("video", "asset-clip", "ref-clip"):
        refers = document.resources.get(one.get("ref") or "")
        rate = rate_of(document, refers) if refers is not None else None
        if rate:
            return rate
    return None


def _browsed(root: Any) -> Iterator[Any]:
    """The clips of the events, and those that stand by themselves."""
    parents = [root, *root.iterchildren("event"), *root.iterfind("library/event")]
    for parent in parents:
        yield from (child for child in elements(parent) if child.tag in _BROWSED)


def _around(element: Any) -> dict[str, dict[str, str]]:
    """The attributes of the event and library that an element is in."""
    return {parent.tag: dict(parent.attrib) for parent in element.iterancestors("event", "library")}


def _dialect(root: Any) -> str:
    """Resolve names the event after the timeline and itself."""
    names = (event.get("name") or "" for event in root.iter("event"))
    return "resolve" if any(name.endswith("(Resolve)") for name in names) else "finalcut"


def _of_version(document: Document) -> tuple[str, ...]:
    if document.version in KNOWN_VERSIONS:
        return ()
    known = f"{KNOWN_VERSIONS[0]} to {KNOWN_VERSIONS[-1]}"
    return (f"FCPXML version {document.version or 'unknown'} is read as if it were {known}",)
