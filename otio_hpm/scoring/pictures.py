"""The picture of a cue and its handles, from the timeline or from a reference movie."""

from __future__ import annotations

import dataclasses

from otio_hpm.errors import MediaError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Picture, PictureSpan
from otio_hpm.timeline.reference_movie import reference_picture
from otio_hpm.timeline.visible import picture_under


def picture_of(
    cut: Cut,
    start_frames: int,
    end_frames: int,
    finder: MediaFinder,
    settings: Settings,
    *,
    lenient: bool = False,
) -> Picture:
    """What is seen from `start_frames` to `end_frames`; where that is outside the timeline, black.

    `lenient` takes missing media as black. Raises MediaError.
    """
    if settings.media.picture is not None:
        movie = settings.media.picture
        return reference_picture(cut, start_frames, end_frames, movie, finder)
    missing = settings.media.missing
    if lenient and missing in ("error", "skip"):
        missing = "black"
    return picture_under(cut, start_frames, end_frames, finder, missing)


def with_handles(
    picture: Picture,
    head_frames: int,
    tail_frames: int,
    cut: Cut,
    finder: MediaFinder,
    settings: Settings,
) -> Picture:
    """A cue's picture, and what is seen before and after it.

    Its neighbours' media must not keep a cue from being scored: where they are missing or too
    short its handle sees black, with a warning.
    """
    first, last = picture.spans[0].start_frames, picture.spans[-1].end_frames
    before = _handle(first - head_frames, first, cut, finder, settings)
    after = _handle(last, last + tail_frames, cut, finder, settings)
    return dataclasses.replace(
        picture,
        spans=(*before.spans, *picture.spans, *after.spans),
        warnings=tuple(dict.fromkeys(picture.warnings + before.warnings + after.warnings)),
    )


def _handle(start: int, end: int, cut: Cut, finder: MediaFinder, settings: Settings) -> Picture:
    if start == end:
        return Picture(spans=())
    try:
        return picture_of(cut, start, end, finder, settings, lenient=True)
    except MediaError as error:
        black = PictureSpan(start_frames=start, end_frames=end, layers=())
        return Picture(spans=(black,), warnings=(f"a handle sees black: {error.message}",))
