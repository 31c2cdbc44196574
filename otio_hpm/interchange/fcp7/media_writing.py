"""`<file>`: each media file defined once, where it is first used, and referred to after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7.kept import add, fill, kept_of, within
from otio_hpm.interchange.fcp7.pathurl import pathurl
from otio_hpm.interchange.fcp7.source import clip_rate_of, counted, kept_start, media_rate_of
from otio_hpm.interchange.fcp7.timecode import write_rate, write_timecode
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.clip_source import first_reel, source_drop_frame
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.image_sequence import first_image_url
from otio_hpm.timeline.media_url import file_name, local_paths
from otio_hpm.timeline.takes import is_score_clip
from otio_hpm.timing import SAMPLE_RATE

_OURS = {"depth": 24, "samplerate": SAMPLE_RATE}
"""Audio characteristics of the files that this package renders."""
_OURS_CHANNELS = 2


Extent = tuple[Fraction, Fraction]
"""First frame of a stretch of media, and the frame after its last."""


@dataclass(kw_only=True)
class MediaFile:
    """One file, and all that the timeline's clips tell of it."""

    number: int
    reference: Any
    rate: Fraction
    """It counts its frames at this rate."""
    stated: Extent | None = None
    """First frame and end of the media, as far as its clips' references state them."""
    used: Extent | None = None
    """The same of what its clips show."""
    kinds: set[str] = field(default_factory=set)
    """Kinds of the tracks that it is used on."""
    channels: int = 0
    """Audio channels that clips use of it."""
    name: str = ""
    """What a file that has no path is called by."""
    reel: str = ""
    """The reel that its clips name; empty where they name none."""
    drop_frame: bool | None = None
    """Whether its timecode counts drop-frame; None where no clip tells."""
    ours: bool = False
    """Whether this package rendered it."""
    defined: bool = False

    @property
    def identifier(self) -> str:
        """The file's id."""
        return f"file-{self.number}"

    @property
    def start(self) -> Fraction | None:
        """Its first frame's number; None where no clip's reference tells."""
        return self.stated[0] if self.stated else None

    @property
    def length(self) -> Fraction:
        """Its length in frames; where that is not told, as far as it is used."""
        known = self.stated or self.used
        return known[1] - (self.start or 0) if known else Fraction(0)

    def start_at(self, rate: Fraction) -> Fraction:
        """Its first frame's number at a clip's rate."""
        start = self.start or Fraction(0)
        return start if round(rate) == round(self.rate) else start * rate / self.rate

    def length_at(self, rate: Fraction) -> Fraction:
        """Its length at a clip's rate."""
        return self.length * rate / self.rate


class MediaBook:
    """All files of a timeline. `learn` of every clip before the first is written."""

    def __init__(self, delivery: Delivery, losses: Losses) -> None:
        self._delivery, self._losses = delivery, losses
        self._files: dict[str, list[MediaFile]] = {}
        """Those of one path, one for each reel."""
        self._count = 0

    def learn(self, clip: Any, kind: str, channels: int) -> None:
        """Take in what a clip on a track of a kind, with so many channels, tells of its file."""
        shown, available = clip.trimmed_range(), clip.media_reference.available_range
        file = next(self._fitting(clip), None) or self._new(clip)
        file.reel = file.reel or _reel(clip)
        file.drop_frame = source_drop_frame(clip) if file.drop_frame is None else file.drop_frame
        file.kinds.add(kind)
        file.channels = max(file.channels, channels if kind == schema.TrackKind.Audio else 0)
        file.ours = file.ours or is_score_clip(clip)
        file.used = _joined(file.used, _extent(shown, file.rate))
        start = kept_start(clip.media_reference, file.rate)
        if available is not None:
            file.stated = _joined(file.stated, _extent(available, file.rate))
        elif start is not None:  # of a file whose length its input did not tell
            file.stated = _joined(file.stated, (start, file.used[1]))

    def of(self, clip: Any) -> MediaFile:
        """The file of a clip that was learned of."""
        return next(self._fitting(clip))

    def _fitting(self, clip: Any) -> Iterator[MediaFile]:
        """The files of a clip's path and reel; where either names no reel, it goes with any."""
        reel = _reel(clip)
        for file in self._files.get(_key(clip), ()):
            if not reel or file.reel in ("", reel):
                yield file

    def _new(self, clip: Any) -> MediaFile:
        reference = clip.media_reference
        self._count += 1
        file = MediaFile(
            number=self._count,
            reference=reference,
            rate=media_rate_of(clip) or clip_rate_of(clip, self._delivery.rate),
            name=_called(clip),
        )
        self._files.setdefault(_key(clip), []).append(file)
        return file

    def write(self, parent: Element, file: MediaFile) -> None:
        """Add a `<file>`: whole for the first time, by its id alone after that."""
        element = SubElement(parent, "file", id=file.identifier)
        if file.defined:
            return
        file.defined = True
        reference, kept = file.reference, kept_of(file.reference)
        url = _url(reference)
        add(element, "name", _name(reference, url) or file.name or file.identifier)
        if url:
            add(element, "pathurl", pathurl(url, self._delivery))
        write_rate(element, file.rate)
        add(element, "duration", max(1, nearest(file.length)))
        if file.start is not None or file.reel:
            self._write_timecode(element, file, kept)
        if isinstance(reference, schema.GeneratorReference):
            add(element, "mediaSource", reference.generator_kind)
        self._write_media(element, file, kept)
        fill(element, kept, without=("@id", "timecode", "media", "rate"))

    def _write_timecode(self, element: Element, file: MediaFile, kept: Any) -> None:
        """The file's timecode, which counts as a clip of it says, else as the timeline does."""
        drop = self._delivery.drop_frame if file.drop_frame is None else file.drop_frame
        start = file.start or Fraction(0)
        if start.denominator != 1:
            self._losses.add("media starts between frames are on the nearest", file.identifier)
        timecode = write_timecode(element, max(0, nearest(start)), file.rate, drop)
        if kept.get("timecode"):
            fill(timecode, kept["timecode"], without=("rate", "displayformat", "string", "frame"))
        if file.reel and timecode.findtext("reel/name") != file.reel:
            timecode[:] = [one for one in timecode if one.tag != "reel"]
            add(add(timecode, "reel"), "name", file.reel)

    def _write_media(self, element: Element, file: MediaFile, kept: Any) -> None:
        media, known = add(element, "media"), within(kept, "media")
        if known is not None:
            fill(media, known)
            return
        if schema.TrackKind.Video in file.kinds:
            write_rate(add(add(media, "video"), "samplecharacteristics"), file.rate)
        if schema.TrackKind.Audio in file.kinds:
            audio = add(media, "audio")
            if file.ours:
                characteristics = add(audio, "samplecharacteristics")
                for tag, value in _OURS.items():
                    add(characteristics, tag, value)
            add(audio, "channelcount", _OURS_CHANNELS if file.ours else file.channels)


def clips_in(item: Any) -> Iterator[Any]:
    """The media references' owners in a tree, in order."""
    if isinstance(item, schema.Clip):
        yield item
    elif isinstance(item, schema.Stack | schema.Track):
        for child in item:
            yield from clips_in(child)


def _reel(clip: Any) -> str:
    return "" if is_score_clip(clip) else first_reel(clip)


def _key(clip: Any) -> str:
    """What tells a file from others: its path and its id where it was read, else all that is said.

    A project may hold one path several times, each with a timecode of its own.
    """
    reference = clip.media_reference
    url = _url(reference)
    if not url:
        return f"{_called(clip)} {reference.to_json_string()}"
    return f"{kept_of(reference).get('@id', '')} {url}"


def _called(clip: Any) -> str:
    """Reel or name of a clip whose reference says nothing, as those of edit decision lists."""
    reference = clip.media_reference
    is_told = _url(reference) or reference.name or reference.metadata
    return "" if is_told else first_reel(clip) or str(clip.name)


def _url(reference: Any) -> str:
    """URL of a file, of an image sequence's first image, or empty."""
    if isinstance(reference, schema.ImageSequenceReference):
        return first_image_url(reference)
    return str(getattr(reference, "target_url", None) or "")


def _name(reference: Any, url: str) -> str:
    if reference.name or not url:
        return str(reference.name)
    try:
        return file_name(local_paths(url)[0])
    except MediaError:
        return PurePosixPath(url).name


def _joined(known: Extent | None, other: Extent) -> Extent:
    """From the first frame of both to the end of both."""
    return (min(known[0], other[0]), max(known[1], other[1])) if known else other


def _extent(span: Any, rate: Fraction) -> Extent:
    """First frame and end of a range."""
    start = counted(span.start_time, rate)
    return start, start + counted(span.duration, rate)
