"""`<media>`: formats and tracks of a sequence, every channel of a sound a track of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from opentimelineio import schema

from otio_hpm.interchange.fcp7.channels import TYPES, channels_of, channels_played
from otio_hpm.interchange.fcp7.clips_writing import ClipWriter
from otio_hpm.interchange.fcp7.fades_writing import write_fade
from otio_hpm.interchange.fcp7.kept import KEY, add, fill, kept_of, within
from otio_hpm.interchange.fcp7.layout import Fade, Layout
from otio_hpm.interchange.fcp7.links import Entry, linked
from otio_hpm.interchange.fcp7.timecode import write_rate
from otio_hpm.interchange.frame import Frame
from otio_hpm.interchange.losses import Losses
from otio_hpm.timing import SAMPLE_RATE

_WRITTEN = ("name", "enabled", "outputchannelindex", "@MZ.TrackName")
_EXPLODED = ("@currentExplodedTrackIndex", "@totalExplodedTrackCount", "@premiereTrackType")
_DEPTH = 24


@dataclass(frozen=True, kw_only=True)
class _Lane:
    """One track that is written: an OTIO track, or a channel of it."""

    layout: Layout
    mediatype: str
    channel: int
    channels: int
    """Of the OTIO track; 0 for picture."""
    entries: list[Entry]


@dataclass(frozen=True, kw_only=True)
class TracksWriter:
    """Writes the media of one sequence."""

    clips: ClipWriter
    losses: Losses
    rate: Fraction
    next_id: Callable[[], str]
    """A new id of a clip item."""
    frame: Frame | None
    """That of the timeline, for sequences of which xmeml said none."""

    def write(self, sequence: Element, layouts: Sequence[Layout], kept: Any) -> None:
        """Add `<media>` with the tracks; `kept` are the formats of the input."""
        lanes = self._lanes(layouts)
        groups = linked(entry for lane in lanes for entry in lane.entries)
        media = add(sequence, "media")
        video, audio = add(media, "video"), add(media, "audio")
        self._write_picture_format(video, within(kept, "video"))
        _write_sound_format(audio, within(kept, "audio"))
        for parent in (video, audio):  # in the file's order, so that the first use defines
            for lane in lanes:
                if lane.mediatype == parent.tag:
                    self._write_lane(parent, lane, groups)
        if any(lane.channels > 1 for lane in lanes):
            sequence.set("explodedTracks", "true")

    def _lanes(self, layouts: Sequence[Layout]) -> list[_Lane]:
        lanes: list[_Lane] = []
        count = {"video": 0, "audio": 0}
        for layout in layouts:
            sounds = layout.track.kind == schema.TrackKind.Audio
            mediatype = "audio" if sounds else "video"
            channels = channels_of(layout.track, self.losses) if sounds else 0
            for channel in range(channels or 1):
                count[mediatype] += 1
                played = [
                    laid
                    for laid in layout.clips
                    if not sounds or channel < channels_played(laid.item, channels)
                ]
                entries = [
                    Entry(
                        laid=laid,
                        identifier=self.next_id(),
                        mediatype=mediatype,
                        trackindex=count[mediatype],
                        clipindex=index,
                        channel=channel,
                    )
                    for index, laid in enumerate(played, start=1)
                ]
                lanes.append(
                    _Lane(
                        layout=layout,
                        mediatype=mediatype,
                        channel=channel,
                        channels=channels,
                        entries=entries,
                    )
                )
        return lanes

    def _write_lane(self, parent: Element, lane: _Lane, groups: Mapping[str, list[Entry]]) -> None:
        otio, kept = lane.layout.track, kept_of(lane.layout.track)
        track = SubElement(parent, "track")
        if otio.name:
            track.set("MZ.TrackName", otio.name)
            add(track, "name", otio.name)
        fill(track, {k: v for k, v in kept.items() if k.startswith("@")}, without=_WRITTEN)
        self._explode(track, lane, kept)
        fades = {fade.cut: fade for fade in lane.layout.fades}
        for entry in lane.entries:
            laid = entry.laid
            beside = (fades.get(laid.start), fades.get(laid.end))
            self._write_fade(track, fades, laid.start, lane)
            group = groups.get(entry.identifier, ())
            played = min(lane.channels, channels_played(laid.item, lane.channels))
            self.clips.write(track, entry, beside, group, played)
            self._write_fade(track, fades, laid.end, lane)
        self._finish(track, lane, kept)

    def _write_fade(self, track: Element, fades: dict[int, Fade], cut: int, lane: _Lane) -> None:
        """Add the transition over an edit point, unless it stands there already."""
        fade, last = fades.get(cut), track[-1] if len(track) else None
        stands = last is not None and last.tag == "transitionitem"
        if fade and not (stands and last is not None and _starts(last, fade)):
            write_fade(track, fade, self.rate, lane.mediatype, self.losses)

    def _explode(self, track: Element, lane: _Lane, kept: Mapping[str, Any]) -> None:
        """State the channel of a sound as Premiere does."""
        was_read = KEY in lane.layout.track.metadata
        if not lane.channels or (was_read and _EXPLODED[1] not in kept):
            return
        track.set("currentExplodedTrackIndex", str(lane.channel))
        track.set("totalExplodedTrackCount", str(lane.channels))
        track.set(
            "premiereTrackType",
            str(kept.get(_EXPLODED[2]) or TYPES.get(lane.channels, "Multichannel")),
        )

    def _finish(self, track: Element, lane: _Lane, kept: Mapping[str, Any]) -> None:
        fill(track, {k: v for k, v in kept.items() if not k.startswith("@")}, without=_WRITTEN)
        add(track, "enabled", lane.layout.track.enabled)
        if "locked" not in kept:
            add(track, "locked", False)
        if lane.mediatype == "audio":
            first = str(kept.get("outputchannelindex") or "1")
            offset = lane.channel if lane.channels <= 2 else 0
            add(track, "outputchannelindex", int(first) + offset if first.isdecimal() else 1)

    def _write_picture_format(self, video: Element, kept: Any) -> None:
        """The frame's size and rate; a common size, which is said, where the input states none."""
        known = within(kept, "format", "samplecharacteristics")
        characteristics = add(add(video, "format"), "samplecharacteristics")
        write_rate(characteristics, self.rate)
        if isinstance(known, Mapping) and known.get("width") and known.get("height"):
            fill(characteristics, known, without=("rate",))
            return
        frame = self.frame or self._usual_frame()
        if not frame.square:
            self.losses.add("pixels that are not square are written as square")
        for tag, value in (
            ("width", frame.width), ("height", frame.height), ("anamorphic", False),
            ("pixelaspectratio", "square"), ("fielddominance", frame.first_field or "none"),
        ):  # fmt: skip
            add(characteristics, tag, value)

    def _usual_frame(self) -> Frame:
        self.losses.add("the frame's size is not known, and is written as 1920 x 1080")
        return Frame(width="1920", height="1080", first_field="", square=True)


def _starts(element: Element, fade: Fade) -> bool:
    return element.findtext("start") == str(fade.start) and element.findtext("end") == str(fade.end)


def _write_sound_format(audio: Element, kept: Any) -> None:
    """Two channels of 48 kHz, unless the input states others."""
    if isinstance(kept, Mapping) and kept.get("format"):
        fill(audio, kept)
        return
    add(audio, "numOutputChannels", 2)
    characteristics = add(add(audio, "format"), "samplecharacteristics")
    add(characteristics, "depth", _DEPTH)
    add(characteristics, "samplerate", SAMPLE_RATE)
    outputs = add(audio, "outputs")
    for index in (1, 2):
        group = add(outputs, "group")
        add(group, "index", index)
        add(group, "numchannels", 1)
        add(group, "downmix", 0)
        add(add(group, "channel"), "index", index)
