"""A stack of tracks as a sequence: one track is the primary storyline, the others connect to it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.errors import OutputError
from otio_hpm.interchange.fcpxml.writing_clips import clip_host, gap_host, title_host
from otio_hpm.interchange.fcpxml.writing_compounds import compound_host
from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts
from otio_hpm.interchange.fcpxml.writing_layout import Cross, Slot, lane_of
from otio_hpm.interchange.fcpxml.writing_links import Layer, Links
from otio_hpm.interchange.fcpxml.writing_markers import add_markers_of_gap
from otio_hpm.interchange.fcpxml.writing_model import arrange
from otio_hpm.interchange.fcpxml.writing_roles import Roles
from otio_hpm.interchange.fcpxml.writing_runs import Run, inside, runs_of
from otio_hpm.interchange.fcpxml.writing_sound import Fades, add_channels, add_level
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.interchange.fcpxml.writing_transitions import transition_element

_DEEPEST = 16
"""Compound clips inside each other; Final Cut Pro itself struggles long before."""
_AUDIO = schema.TrackKind.Audio


class Story:
    """One sequence while it is written."""

    def __init__(
        self,
        job: Job,
        tracks: Sequence[Any],
        origin_s: Fraction,
        window: Any = None,
        depth: int = 0,
    ) -> None:
        """`origin_s` is the time of its first frame; `window` the TimeRange of the tracks shown.

        Raises OutputError for compound clips that are nested too deeply.
        """
        if depth > _DEEPEST:
            raise OutputError(
                f"the timeline is nested more than {_DEEPEST} levels deep, which FCPXML is not",
                hint="write it as .otio",
            )
        self._job = job
        self._origin_s = origin_s
        self._depth = depth
        self._layers = _layers(job, tracks, window)
        self._links = Links(self._layers, job.losses)
        self._roles = Roles([one.lane.track for one in self._layers if one.sound], job.losses)
        ends = (layer.lane.end_s for layer in self._layers)
        frames = math.ceil(max(ends, default=Fraction(0)) * job.grid.rate)
        self.end_s = frames * job.grid.frame_s
        """Where it ends, counted from its first frame."""
        self.spine = etree.Element("spine")
        self.hosts: list[Host] = []
        """The elements of the primary storyline."""
        self._write()

    def host_at(self, record_s: Fraction) -> Host | None:
        """The element of the primary storyline under a time, or the nearest; None without any."""
        index = bisect_right([host.start_s for host in self.hosts], record_s) - 1
        return self.hosts[max(index, 0)] if self.hosts else None

    def finish(self) -> None:
        """Put everything inside the elements into the order of the document type."""
        for element in self.spine.iter("asset-clip", "ref-clip", "video", "title", "gap"):
            arrange(element, self._job.losses)

    def _write(self) -> None:
        primary = next((layer for layer in self._layers if layer.number == 0), None)
        if primary is not None:
            crosses = inside(self._job.losses, primary.lane.crosses, Fraction(0), self.end_s)
            run = Run(slots=list(primary.lane.slots), crosses=crosses)
            self.hosts = self._line(self.spine, run, primary, self._origin_s)
        position_s = primary.lane.end_s if primary else Fraction(0)
        if position_s < self.end_s:
            rest = gap_host(self._job, position_s, self.end_s)
            self._append(self.spine, rest.element, self._origin_s + position_s)
            self.hosts.append(rest)
        for layer in self._layers:
            if layer.number:
                self._connect(layer)

    def _connect(self, layer: Layer) -> None:
        """Connect what is on a track to the primary storyline."""
        runs = runs_of(self._job, layer.lane, self._links.absorbed, sound=layer.sound)
        written = {id(slot.item) for run in runs for slot in run.slots}
        for slot in layer.lane.slots:
            if slot.is_gap and id(slot.item) not in written:
                add_markers_of_gap(self._job, slot, self.host_at)
        for run in runs:
            if not run.slots:
                continue
            start_s = run.slots[0].start_s
            if run.is_storyline:
                element = etree.Element("spine", {"format": self._job.sequence_format})
                hosts = self._line(element, run, layer, -start_s)
            else:
                host = self._host(run.slots[0], layer, run)
                hosts = [host] if host else []
                element = host.element if host else None
            under = self.host_at(start_s)
            if hosts and under is not None:
                element.set("lane", str(layer.number))
                self._append(under.element, element, under.local(start_s))

    def _line(self, spine: Any, run: Run, layer: Layer, shift_s: Fraction) -> list[Host]:
        """Fill a storyline, whose own time is that of the record and a shift."""
        hosts = []
        crosses = {cross.cut_s: cross for cross in run.crosses}
        for slot in run.slots:
            self._cross(spine, crosses.pop(slot.start_s, None), layer, shift_s)
            host = self._host(slot, layer, run) or gap_host(self._job, slot.start_s, slot.end_s)
            self._append(spine, host.element, shift_s + slot.start_s)
            hosts.append(host)
        for cross in crosses.values():
            self._cross(spine, cross, layer, shift_s)
        return hosts

    def _cross(self, spine: Any, cross: Cross | None, layer: Layer, shift_s: Fraction) -> None:
        if cross is not None:
            offset_s = shift_s + cross.start_s
            spine.append(transition_element(self._job, cross, offset_s, sound=layer.sound))

    def _append(self, parent: Any, element: Any, offset_s: Fraction) -> None:
        element.set("offset", self._job.grid.text(offset_s))
        parent.append(element)

    def _host(self, slot: Slot, layer: Layer, run: Run) -> Host | None:
        """The element of an item; None for one that cannot be written."""
        host = self._made(slot, layer)
        if host is None or slot.is_gap:
            return host
        sounds = self._links.sounds(slot.item)
        if layer.sound:
            add_channels(slot.item, host)
            add_level(self._job, slot.item, host, run.fades.get(id(slot.item), Fades()))
        elif sounds:
            add_level(self._job, sounds[0], host, self._links.fades(slot.item))
            self._split(host, self._links.apart(slot.item))
        heard = slot.item if layer.sound else sounds[0] if sounds else None
        said = not layer.sound and host.element.get("audioRole") is not None
        if heard is not None and host.element.tag == "asset-clip" and not said:
            set_attributes(host.element, {"audioRole": self._roles.of(heard)})
        track = layer.lane.track
        if isinstance(track, schema.Track) and not track.enabled:
            host.element.set("enabled", "0")
            self._job.losses.add("Disabled tracks are written as disabled clips", repr(track.name))
        return host

    def _split(self, host: Host, heard: Slot | None) -> None:
        """Say where the sound of a picture begins and how long it lasts, if that is elsewhere."""
        if heard is not None:
            text = self._job.grid.text
            host.element.set("audioStart", text(host.local(heard.start_s)))
            host.element.set("audioDuration", text(heard.length_s))

    def _made(self, slot: Slot, layer: Layer) -> Host | None:
        item, job = slot.item, self._job
        sounds = self._links.sounds(item)
        if slot.is_gap:
            return gap_host(job, slot.start_s, slot.end_s, item)
        if isinstance(item, schema.Stack | schema.Track):
            return compound_host(job, slot, sounds, self._fill, sound=layer.sound)
        if isinstance(item.media_reference, schema.GeneratorReference):
            return title_host(job, slot)
        return clip_host(job, slot, sound=layer.sound, heard=bool(sounds))

    def _fill(self, media: Any, tracks: list[Any], origin_s: Fraction) -> None:
        """Write the sequence of a compound clip."""
        story = Story(self._job, tracks, origin_s, depth=self._depth + 1)
        story.finish()
        media.append(sequence_element(self._job, story, origin_s, "NDF"))


def sequence_element(job: Job, story: Story, origin_s: Fraction, counting: str) -> Any:
    """The sequence element of a story."""
    element = etree.Element(
        "sequence",
        {
            "format": job.sequence_format,
            "duration": job.grid.text(story.end_s),
            "tcStart": job.grid.text(origin_s),
            "tcFormat": counting,
            "audioLayout": "stereo",
            "audioRate": "48k",
        },
    )
    element.append(story.spine)
    return element


def _layers(job: Job, tracks: Sequence[Any], window: Any) -> list[Layer]:
    """The tracks by lane: picture from the primary storyline up, sound downwards below it."""
    pictures = [track for track in tracks if _kind(track) == schema.TrackKind.Video]
    sounds = [track for track in tracks if _kind(track) == _AUDIO]
    for track in tracks:
        if _kind(track) not in (schema.TrackKind.Video, _AUDIO):
            words = "Tracks that are neither picture nor sound are left out"
            job.losses.add(words, repr(track.name))
    primary = next((i for i, one in enumerate(pictures) if facts(one).get("lane") == 0), 0)
    numbered = [(track, index - primary, False) for index, track in enumerate(pictures)]
    numbered += [(track, -primary - 1 - index, True) for index, track in enumerate(sounds)]
    layers = []
    for track, number, sound in numbered:
        lane = lane_of(track, window, job.grid, job.losses, whole_frames=not sound)
        if not lane.slots and isinstance(track, schema.Track):
            job.losses.add("Empty tracks are left out", repr(track.name))
        if not sound and track.name and isinstance(track, schema.Track):
            job.losses.add("Tracks of picture have no names", repr(track.name))
        layers.append(Layer(lane=lane, number=number, sound=sound))
    return layers


def _kind(track: Any) -> str:
    """The kind of a track; what stands in a stack without one is picture."""
    return str(track.kind) if isinstance(track, schema.Track) else str(schema.TrackKind.Video)
