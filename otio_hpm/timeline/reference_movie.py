"""A movie of the whole cut, from which every frame is taken."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.media_url import local_paths
from otio_hpm.timeline.picture import Layer, Picture
from otio_hpm.timeline.record_picture import HOLD_FRAMES, beyond, recorded
from otio_hpm.timeline.stretch import Stretch
from otio_hpm.timing import parse_timecode


def reference_picture(
    cut: Cut, start_frames: int, end_frames: int, picture: str, finder: MediaFinder
) -> Picture:
    """The stretch of a reference movie, `FILE` or `FILE@TIMECODE`, under a range of the cut.

    It is placed by its own start timecode, else the one given, else at the timeline's start; what
    lies outside the timeline is black. Raises MediaError if it is missing, of another rate than
    the timeline, or more than 12 frames too short.
    """
    path, given = _split(picture, cut)
    path = path if path.is_absolute() or path.exists() else finder.base / path
    if not path.exists():
        raise MediaError(
            f"reference picture {path} is not there",
            hint="--picture takes FILE or FILE@01:00:00:00",
        )
    media = finder.probe(path)
    _check(media, cut)
    at_frames, words, warnings = _placed(media, given, cut)
    first, last = (min(max(f, 0), cut.duration_frames) for f in (start_frames, end_frames))
    seen = []
    if last > first:
        start = (first + cut.start_frames - at_frames) / cut.rate
        layer = Layer(name=path.name, media=media, media_start_s=start, speed=Fraction(1))
        if max(beyond(layer, last - first, cut.rate)) > HOLD_FRAMES:
            raise MediaError(
                f"reference picture {path}, {words}, does not reach from {cut.timecode(first)} to "
                f"{cut.timecode(last)}",
                hint="name the timecode of its first frame after @, or export the whole cut",
            )
        seen = [
            Stretch(start_s=first / cut.rate, end_s=last / cut.rate, layers=(layer,), open=False)
        ]
    found = recorded(seen, start_frames, end_frames, cut, "error")
    offsets = (f"{media.path.name}: {words}",)
    return dataclasses.replace(found, offsets=offsets, warnings=warnings + found.warnings)


def _split(picture: str, cut: Cut) -> tuple[Path, int | None]:
    """The file, and the timecode after its last `@` if that is one."""
    name, at, text = picture.rpartition("@")
    if at and name:
        try:
            return _path(name), parse_timecode(text, cut.rate, cut.drop_frame or None)
        except ValueError:
            pass
    return _path(picture), None


def _path(text: str) -> Path:
    return Path(local_paths(text)[0]).expanduser()


def _check(media: MediaFile, cut: Cut) -> None:
    if media.kind != "movie":
        raise MediaError(f"reference picture {media.path} is not a movie")
    if media.rate != cut.rate:
        raise MediaError(
            f"reference picture {media.path} has {_words(media.rate)} frames per second, the "
            f"timeline {_words(cut.rate)}",
            hint="export the movie at the timeline's rate, or set --rate",
        )


def _placed(media: MediaFile, given: int | None, cut: Cut) -> tuple[int, str, tuple[str, ...]]:
    """Timecode of its first frame as a frame number, how that was found, and warnings."""
    if media.start_s is not None:
        own = round(media.start_s * cut.rate)
        words = f"placed by its own start timecode {media.start_timecode}"
        if given in (None, own):
            return own, words, ()
        return own, words, (f"{media.path.name}: {words}, not by the timecode given with @",)
    if given is not None:
        return given, f"placed at {cut.timecode(given - cut.start_frames)} as given", ()
    start = cut.timecode(0)
    return cut.start_frames, f"placed at the timeline's start {start}, as nothing else is known", ()


def _words(rate: Fraction | None) -> str:
    return "no" if rate is None else f"{float(rate):.6g}"
