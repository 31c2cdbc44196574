"""One media file as a picture of its own: a reel that is watched without a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.media_probe import probe_file
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan

_STILL_S = 10
_STILL_RATE = Fraction(25)


@dataclass(frozen=True, kw_only=True)
class Reel:
    """A file's picture from its first frame to its last."""

    picture: Picture
    frames: int
    """How many the picture lasts."""
    rate: Fraction
    """The file's own."""


def reel_of(path: Path) -> Reel:
    """The picture of a movie, or ten seconds of a still. Raises MediaError."""
    media = probe_file(path)
    if media.kind == "audio":
        raise MediaError(f"{path} has no picture")
    frames, rate = _length(media)
    layer = Layer(name=path.name, media=media, media_start_s=Fraction(0), speed=Fraction(1))
    span = PictureSpan(start_frames=0, end_frames=frames, layers=(layer,))
    return Reel(picture=Picture(spans=(span,)), frames=frames, rate=rate)


def _length(media: MediaFile) -> tuple[int, Fraction]:
    if media.rate is None or media.duration_s is None:
        return int(_STILL_S * _STILL_RATE), _STILL_RATE
    return max(int(media.duration_s * media.rate), 1), media.rate
