"""Which part of which file one clip shows, and at what speed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.errors import MediaError
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.picture import Layer
from otio_hpm.timeline.tree import speed_of
from otio_hpm.timing import FRAME_RATES, format_timecode, nominal


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
        media = media_of(clip, finder)
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


def source_range(clip: Any) -> Any:
    """The clip's own range, or that of its media."""
    return clip.source_range or clip.media_reference.available_range


def media_of(clip: Any, finder: MediaFinder) -> MediaFile | None:
    """The file a clip refers to, or one in the media folders that is named like it.

    None if there is none, or the clip is generated. Raises MediaError.
    """
    reference = clip.media_reference
    if reference is None or hasattr(reference, "generator_kind"):
        return None
    if found := finder.media(reference):
        return found
    named = finder.find_clip(clip)
    return finder.probe(named) if named else None


def _moving(clip: Any, media: MediaFile, rate: Fraction) -> ClipPicture:
    own = source_range(clip)
    origin, offset = _origin(clip, media)
    speed = speed_of(clip) * _conformed(rate, media.rate)
    first = _file_seconds(own.start_time, media.rate) - origin
    if speed < 0:
        first -= seconds(own.duration) * speed
    return ClipPicture(name=clip.name, media=media, first_s=first, speed=speed, offset=offset)


def _origin(clip: Any, media: MediaFile) -> tuple[Fraction, str]:
    """The source time of the file's first frame."""
    available = clip.media_reference.available_range
    if available is not None:
        start = available.start_time
        rate = exact_rate(start.rate) if start.rate > 0 else media.rate or Fraction(24)
        timecode = format_timecode(round(seconds(start) * rate), rate)
        return _file_seconds(start, media.rate), f"the timeline says it starts at {timecode}"
    if media.start_s is not None:
        return media.start_s, f"its own timecode, {media.start_timecode}"
    return Fraction(0), "no start timecode in the timeline or the file, so 0"


def _file_seconds(time: Any, media_rate: Fraction | None) -> Fraction:
    """Source time in seconds of the file.

    Rates that count alike (24 and 24000/1001) mean frame numbers, as editing systems read them.
    """
    if time.rate <= 0:
        return Fraction(0)
    return seconds(time) * _conformed(exact_rate(time.rate), media_rate)


def _conformed(rate: Fraction, media_rate: Fraction | None) -> Fraction:
    """Speed at which media of a rate that counts like `rate` are played, frame for frame."""
    alike = media_rate in FRAME_RATES and rate in FRAME_RATES
    if media_rate is None or not alike or nominal(rate) != nominal(media_rate):
        return Fraction(1)
    return rate / media_rate
