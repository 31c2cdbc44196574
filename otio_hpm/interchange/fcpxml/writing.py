"""Timelines written as FCPXML, the format of Final Cut Pro, which Resolve reads too."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.errors import OutputError
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.interchange.fcpxml.kept import KEY
from otio_hpm.interchange.fcpxml.writing_job import Job
from otio_hpm.interchange.fcpxml.writing_kept import Keeper, facts, texts
from otio_hpm.interchange.fcpxml.writing_markers import add_outer_marker, times_of
from otio_hpm.interchange.fcpxml.writing_model import Version, arrange, known
from otio_hpm.interchange.fcpxml.writing_resources import Resources, frame_format
from otio_hpm.interchange.fcpxml.writing_story import Story, sequence_element
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.interchange.fcpxml.writing_times import Grid
from otio_hpm.interchange.frame import frame_of
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.unsaid import (
    note_colours,
    note_hidden,
    note_links,
    note_marks,
    note_media_names,
    note_metadata,
    note_nameless,
    note_outer_effects,
)
from otio_hpm.interchange.xml_text import legal, note_characters
from otio_hpm.timeline.exact import seconds

DEFAULT_VERSION = "1.11"
VERSIONS = tuple(f"1.{minor}" for minor in range(8, 14))
_USUAL_SIZE = ("1920", "1080")
_WHOLE = "progressive"


def write_fcpxml(timeline: Any, delivery: Delivery) -> Written:
    """A timeline as the one project of an FCPXML document.

    The first picture track (or the one that was the primary storyline) is the spine; everything
    else is connected to it on lanes. Raises OutputError for a version that is not written, and
    TimelineError for an item whose length is negative or not known.
    """
    losses = Losses()
    job = _job(timeline, delivery, losses)
    origin_s = delivery.start_frames * job.grid.frame_s
    tracks = timeline.tracks
    story = Story(job, list(tracks), origin_s, tracks.source_range)
    _add_outer_markers(job, timeline, story)
    story.finish()
    sequence = _sequence(job, timeline, story, origin_s)
    note_metadata(timeline, losses, kept=KEY)
    note_links(timeline, losses, kept=KEY)
    note_marks(timeline, losses)
    note_nameless(timeline, losses)
    note_media_names(timeline, losses)
    note_colours(timeline, losses)
    note_outer_effects(timeline, losses)
    note_hidden(timeline, losses)
    note_characters(timeline, losses)
    root = etree.Element("fcpxml", {"version": delivery.version or DEFAULT_VERSION})
    root.append(job.resources.finish())
    root.append(_library(timeline, sequence))
    _drop_idle_choices(root)
    data: bytes = etree.tostring(
        root, encoding="UTF-8", xml_declaration=True, pretty_print=True, doctype="<!DOCTYPE fcpxml>"
    )
    return Written(data=data, losses=losses.sentences())


def _job(timeline: Any, delivery: Delivery, losses: Losses) -> Job:
    version = _version(delivery)
    grid = Grid(rate=delivery.rate)
    resources = Resources(version, grid, losses)
    size, beside = _frame(timeline, losses)
    fields = beside.get("fieldOrder", _WHOLE)
    made = {**beside, **frame_format(delivery.rate, size, named=fields == _WHOLE)}
    return Job(
        delivery=delivery,
        version=version,
        grid=grid,
        size=size,
        sequence_format=resources.format(made),
        resources=resources,
        keeper=Keeper(version, resources, losses),
        firsts={
            link: clip
            for clip in _clips(timeline)
            if (link := texts(facts(clip)).get("link")) and facts(clip).get("children")
        },
        losses=losses,
    )


def _version(delivery: Delivery) -> Version:
    wanted = delivery.version or DEFAULT_VERSION
    if wanted not in VERSIONS:
        raise OutputError(
            f"FCPXML version {wanted} is not written here",
            hint=f"Versions that are: {', '.join(VERSIONS)}.",
        )
    major, minor = wanted.split(".")
    return int(major), int(minor)


def _frame(timeline: Any, losses: Losses) -> tuple[tuple[str, str], dict[str, str]]:
    """The size of the frame, and what else its format says."""
    frame, kept = frame_of(timeline), texts(facts(timeline).get("format"))
    own = ("id", "name", "frameDuration", "width", "height")
    beside = {name: value for name, value in kept.items() if name not in own}
    if frame is None:
        losses.add("The frame size is not stated; the project is written as 1920 x 1080")
        return _USUAL_SIZE, beside
    if not kept and frame.first_field:
        beside["fieldOrder"] = f"{frame.first_field} first"
    if not kept and not frame.square:
        losses.add("Pixels that are not square are written as square")
    return (frame.width, frame.height), beside


def _clips(timeline: Any) -> Any:
    return timeline.find_children(descended_from_type=schema.Clip)


def _sequence(job: Job, timeline: Any, story: Story, origin_s: Fraction) -> Any:
    """The sequence of the timeline, with what was kept of the one it came from."""
    counting = "DF" if job.delivery.drop_frame else "NDF"
    element = sequence_element(job, story, origin_s, counting)
    kept = texts(facts(timeline).get("sequence"))
    sound = {k: v for k, v in kept.items() if k in ("audioLayout", "audioRate")}
    set_attributes(element, known("sequence", sound, job.version))
    if isinstance(note := facts(timeline).get("note"), str) and note:
        etree.SubElement(element, "note").text = legal(note)
    element.extend(job.keeper.children(timeline))
    arrange(element, job.losses)
    return element


def _library(timeline: Any, sequence: Any) -> Any:
    """Library, event and project around a sequence; ids stay with the project they were given."""
    name = timeline.name or "Timeline"
    library = etree.Element("library")
    event = etree.SubElement(library, "event")
    set_attributes(event, {"name": texts(facts(timeline).get("event")).get("name") or name})
    project = etree.SubElement(event, "project")
    set_attributes(project, {"name": name})
    project.append(sequence)
    return library


def _drop_idle_choices(root: Any) -> None:
    """Say nothing of picture or sound alone where an asset has no more than that."""
    both = {
        asset.get("id")
        for asset in root.iter("asset")
        if asset.get("hasVideo") == asset.get("hasAudio") == "1"
    }
    for clip in root.iter("asset-clip"):
        if clip.get("ref") not in both and clip.get("srcEnable"):
            del clip.attrib["srcEnable"]


def _add_outer_markers(job: Job, timeline: Any, story: Story) -> None:
    """The markers of the timeline and its tracks, on the elements beneath them.

    They count from the first frame, or in timecode where all of the timeline's are at or after its
    start and one is beyond its end, or where one alone is beyond both.
    """
    tracks = timeline.tracks
    start_s = job.delivery.start_frames * job.grid.frame_s
    outer = _timed(job, tracks)
    all_timecode = any(at_s >= story.end_s for _, at_s, _ in outer) and all(
        at_s >= start_s for _, at_s, _ in outer
    )
    for track in tracks:
        outer += _timed(job, track)
    for marker, at_s, from_s in outer:
        late = at_s >= max(story.end_s, start_s)
        record_s = at_s - (start_s if start_s and (all_timecode or late) else from_s)
        host = story.host_at(record_s)
        if host is None:
            job.losses.add("A timeline without clips has no place for markers", repr(marker.name))
            continue
        job.losses.add("Markers of the timeline stand on the clips beneath", repr(marker.name))
        add_outer_marker(job, marker, host, record_s)


def _timed(job: Job, item: Any) -> list[tuple[Any, Fraction, Fraction]]:
    """Markers of the timeline or a track, where each begins, and from where the item is shown."""
    from_s = seconds(item.source_range.start_time) if item.source_range else Fraction(0)
    times = [(marker, times_of(job, marker)) for marker in getattr(item, "markers", ())]
    return [(marker, found[0], from_s) for marker, found in times if found is not None]
