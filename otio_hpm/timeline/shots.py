"""The shots a viewer sees: the topmost picture clips, from edit point to edit point."""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.timeline.cue import Shot
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.tree import Place


@dataclass(frozen=True, kw_only=True)
class VisibleShot:
    """A stretch of record frames over which one clip is the topmost picture."""

    place: Place
    start_frames: int
    end_frames: int


class VisibleShots:
    """The topmost enabled picture of a whole timeline, in record order."""

    def __init__(self, places: Sequence[Place], finder: MediaFinder) -> None:
        """Clips without media, such as titles, are looked through where one with media is below."""
        pictures = [place for place in places if _is_picture(place)]
        self.shots = _topmost(pictures, [has_media(place.item, finder) for place in pictures])
        self._starts = [shot.start_frames for shot in self.shots]

    def at(self, frame: int) -> VisibleShot | None:
        """The shot seen at a record frame; None over a gap."""
        found = self.under(frame, frame + 1)
        return found[0] if found else None

    def under(self, start_frames: int, end_frames: int) -> list[VisibleShot]:
        """All shots seen somewhere in a range."""
        first = max(0, bisect_right(self._starts, start_frames) - 1)
        last = bisect_right(self._starts, end_frames - 1)
        return [shot for shot in self.shots[first:last] if shot.end_frames > start_frames]


def has_media(clip: Any, finder: MediaFinder) -> bool:
    """Whether a clip names media, or is named like a file in the media folders (as in EDLs)."""
    reference = clip.media_reference
    if isinstance(reference, schema.ExternalReference | schema.ImageSequenceReference):
        return True
    if isinstance(reference, schema.GeneratorReference):
        return False
    try:
        return finder.find_clip(clip) is not None
    except MediaError:
        return True  # several files have its name, which is an error where its picture is wanted


def shot_of(place: Place, start_frames: int, end_frames: int) -> Shot:
    """What a cue links back to: the clip's visible part inside a range."""
    return Shot(
        name=place.item.name,
        track=place.track,
        locator=place.locator,
        start_frames=max(start_frames, place.start_frames),
        end_frames=min(end_frames, place.end_frames),
    )


def _is_picture(place: Place) -> bool:
    picture = place.is_clip and place.kind == schema.TrackKind.Video and place.enabled
    return picture and place.end_frames > place.start_frames


def _topmost(places: Sequence[Place], with_media: Sequence[bool]) -> list[VisibleShot]:
    """One sweep over all edit points; `places` are in layer order, lowest first."""
    arriving = sorted(
        range(len(places)), key=lambda index: places[index].start_frames, reverse=True
    )
    ranks = [(not found, -index) for index, found in enumerate(with_media)]
    edits = sorted({edit for p in places for edit in (p.start_frames, p.end_frames)})
    present: list[tuple[tuple[bool, int], int]] = []
    seen: list[VisibleShot] = []
    for edit, following in itertools.pairwise(edits):
        while arriving and places[arriving[-1]].start_frames <= edit:
            index = arriving.pop()
            heapq.heappush(present, (ranks[index], index))
        while present and places[present[0][1]].end_frames <= edit:
            heapq.heappop(present)
        if present:
            _extend(seen, places[present[0][1]], edit, following)
    return seen


def _extend(seen: list[VisibleShot], place: Place, start: int, end: int) -> None:
    """Append a stretch, as part of the last shot where that goes on."""
    if seen and seen[-1].place is place and seen[-1].end_frames == start:
        start = seen.pop().start_frames
    seen.append(VisibleShot(place=place, start_frames=start, end_frames=end))
