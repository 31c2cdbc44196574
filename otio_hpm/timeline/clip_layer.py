"""Which part of which file one clip shows, and at what speed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.errors import MediaError
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.picture import Layer
from otio_hpm.timeline.source_time import conformed, file_seconds, source_range
from otio_hpm.timeline.tree import speed_of
from otio_hpm.timing import format_timecode


@dataclass(frozen=True, kw_only=True)
class ClipPicture:
    """A clip's media and the line from track time to file time."""

    name: str
    media: MediaFile
    first_s: Fraction
    """File time at the clip's in."""
    speed: Fraction
    """Seconds of file per second of track."""
    offset: str
    """How the file offset was found, in words."""

    def layer(self, after_s: Fraction) -> Layer:
        """What is seen from `after_s` after the clip's in."""
        start = self.first_s + after_s * self.speed
        return Layer(name=self.name, media=self.media, media_start_s=start, speed=self.speed)


def clip_picture(clip: Any, rate: Fraction, finder: MediaFinder) -> ClipPicture | None:
    """The picture of a clip on a timeline of `rate`; None if its media are not found.

    The clip's duration on its track is the duration of its source range, whatever its speed:
    that is where OTIO puts the next clip. The media it uses are that duration times the speed,
    from the start of its source range; backwards they are shown from their end.
    Raises MediaError for media without picture, or that a finder refuses.
    """
    try:
        media = finder.media_of(clip)
    except MediaError as error:
        raise MediaError(f"clip {clip.name!r}: {error.message}", hint=error.hint) from error
    if media is None:
        return None
    if media.kind == "audio":
        raise MediaError(
            f"clip {clip.name!r}: {media.path} has sound only, and picture is needed",
            hint="relink the clip to its picture, or disable it",
        )
    if media.kind == "still":
        still = Fraction(0)
        return ClipPicture(
            name=clip.name, media=media, first_s=still, speed=still, offset="a still, held"
        )
    return _moving(clip, media, rate)


def _moving(clip: Any, media: MediaFile, rate: Fraction) -> ClipPicture:
    own = source_range(clip)
    origin, offset = _origin(clip, media)
    speed = speed_of(clip) * conformed(rate, media.rate)
    first = file_seconds(own.start_time, media.rate) - origin
    if speed < 0:
        first -= seconds(own.duration) * speed
    return ClipPicture(name=clip.name, media=media, first_s=first, speed=speed, offset=offset)


def _origin(clip: Any, media: MediaFile) -> tuple[Fraction, str]:
    """The source time of the file's first frame.

    A file that was found by its timecode need not begin where the one did that was cut, and a
    sequence need not begin with the image that the timeline names.
    """
    if media.found_by == "numbered image" and media.start_s is not None:
        return media.start_s, _of_images(media, media.start_s)
    available = clip.media_reference.available_range
    if available is not None and media.found_by != "reel and timecode":
        start = available.start_time
        rate = exact_rate(start.rate) if start.rate > 0 else media.rate or Fraction(24)
        timecode = format_timecode(round(seconds(start) * rate), rate)
        return file_seconds(start, media.rate), f"the timeline says it starts at {timecode}"
    if media.start_s is not None:
        return media.start_s, f"its own timecode, {media.start_timecode}"
    return Fraction(0), "no start timecode in the timeline or the file, so 0"


def _of_images(media: MediaFile, start_s: Fraction) -> str:
    """How the place of a sequence was found of which the timeline names an image."""
    if media.start_timecode is not None:
        return f"its own timecode, {media.start_timecode}"
    rate = media.rate or Fraction(24)
    return f"its first image stands at {format_timecode(round(start_s * rate), rate)}"
