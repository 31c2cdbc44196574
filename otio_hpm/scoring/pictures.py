"""The picture of a stretch of record time, from the timeline or from a reference movie."""

from __future__ import annotations

from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Picture
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

    `lenient` takes missing media as black, to look at a timeline before it is complete. Raises
    MediaError.
    """
    if settings.media.picture is not None:
        movie = settings.media.picture
        return reference_picture(cut, start_frames, end_frames, movie, finder)
    missing = settings.media.missing
    if lenient and missing in ("error", "skip"):
        missing = "black"
    return picture_under(cut, start_frames, end_frames, finder, missing)
