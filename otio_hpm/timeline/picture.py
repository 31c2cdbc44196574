"""The picture a viewer would see under a stretch of record time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.timeline.media import MediaFile


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One clip's contribution to what is seen."""

    name: str
    """The clip's name, for messages."""
    media: MediaFile
    """The file or image sequence."""
    media_start_s: Fraction
    """Seconds into the file (0 is its first frame) shown at the span's first record frame."""
    speed: Fraction
    """Seconds of file per second of record: 1 normal, 0 frozen, negative reversed."""
    hold_after_s: Fraction | None = None
    """File time past which the last frame is held (a small overrun of the media)."""


@dataclass(frozen=True, kw_only=True)
class PictureSpan:
    """A stretch of record frames whose picture is made in one way."""

    start_frames: int
    """First record frame, counted from the timeline's first frame."""
    end_frames: int
    """One past the last."""
    layer: Layer | None
    """What is seen; None is black."""
    incoming: Layer | None = None
    """In a transition, what is being mixed in (None where the mix is to black)."""
    mix_start: Fraction = Fraction(0)
    """Share of `incoming` at the span's first frame."""
    mix_end: Fraction = Fraction(0)
    """Share of `incoming` one past the last frame; linear between. Both 0 where nothing is mixed."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything seen over a range; the spans cover it without gap or overlap."""

    spans: tuple[PictureSpan, ...]
    looked_through: tuple[str, ...] = ()
    """Titles, generators and the like above the picture that were looked through, in words."""
    offsets: tuple[str, ...] = ()
    """For each media used: how its file offset was found, in words."""
    warnings: tuple[str, ...] = ()
