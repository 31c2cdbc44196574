"""The picture a viewer would see under a stretch of record time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media import MediaFile


class MissingMedia(MediaError):
    """Media that are not there although a shot needs them; `--missing skip` skips its cue."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One clip's contribution to what is seen."""

    name: str
    """The clip's name, for messages."""
    media: MediaFile
    """The file or image sequence."""
    media_start_s: Fraction
    """Seconds into the file (0 is its first frame) at the span's first record frame.

    Running forward, the frame shown is the last that begins at or before this time; running
    backward the last that begins before it, so that a reversed shot starts with its last frame."""
    speed: Fraction
    """Seconds of file per second of record: 1 normal, 0 frozen, negative reversed."""
    opacity_start: Fraction = Fraction(1)
    """Share of this layer over those below, at the span's first frame."""
    opacity_end: Fraction = Fraction(1)
    """The same one past the last frame; linear between (a dissolve)."""

    def at(self, seconds: Fraction) -> Fraction:
        """File time this many seconds of record after the span's first frame."""
        return self.media_start_s + seconds * self.speed


@dataclass(frozen=True, kw_only=True)
class PictureSpan:
    """A stretch of record frames whose picture is made in one way."""

    start_frames: int
    """First record frame, counted from the timeline's first frame."""
    end_frames: int
    """One past the last."""
    layers: tuple[Layer, ...]
    """What is seen, bottom to top over black; more than one in transitions and over alpha."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything seen over a range; the spans cover it without gap or overlap."""

    spans: tuple[PictureSpan, ...]
    looked_through: tuple[str, ...] = ()
    """Titles, generators and the like above the picture that were looked through, in words."""
    offsets: tuple[str, ...] = ()
    """For each media used: how its file offset was found, in words."""
    warnings: tuple[str, ...] = ()

    @property
    def media(self) -> tuple[MediaFile, ...]:
        """Every file that is seen, each once, in order of appearance."""
        return tuple(dict.fromkeys(layer.media for span in self.spans for layer in span.layers))
