"""The shots a viewer sees: the topmost picture clips, from edit point to edit point."""

from __future__ import annotations

import itertools
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.timeline.cue import Shot
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.tree import Place
from otio_hpm.timeline.visible import TITLE

_NO_PICTURE, _ALPHA, _OPAQUE = range(3)
"""How much of what is below a clip hides; a still that is a title card counts as alpha."""


@dataclass(frozen=True, kw_only=True)
class VisibleShot:
    """A stretch of record frames over which one clip is the topmost picture."""

    place: Place
    start_frames: int
    end_frames: int


class VisibleShots:
    """The topmost enabled picture of a whole timeline, in record order.

    Titles, generators, clips without media and pictures with alpha are looked through wherever
    there is picture below; where there is none, they are the shot.
    """

    def __init__(self, places: Sequence[Place], finder: MediaFinder) -> None:
        pictures = [place for place in places if _is_picture(place)]
        self.shots = _topmost(pictures, cache(lambda i: _solidity(pictures[i].item, finder)))
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


def _topmost(places: Sequence[Place], solidity: Callable[[int], int]) -> list[VisibleShot]:
    """One sweep over all edit points; `places` are in layer order, lowest first."""
    arriving = sorted(range(len(places)), key=lambda i: places[i].start_frames, reverse=True)
    edits = sorted({edit for p in places for edit in (p.start_frames, p.end_frames)})
    present: list[int] = []
    seen: list[VisibleShot] = []
    for edit, following in itertools.pairwise(edits):
        present = [index for index in present if places[index].end_frames > edit]
        while arriving and places[arriving[-1]].start_frames <= edit:
            insort(present, arriving.pop())
        if present:
            _extend(seen, places[_seen_among(present, solidity)], edit, following)
    return seen


def _seen_among(present: Sequence[int], solidity: Callable[[int], int]) -> int:
    """The topmost of the most solid; media are looked at only where something is above another."""
    if len(present) == 1:
        return present[0]
    solid = next((index for index in reversed(present) if solidity(index) == _OPAQUE), None)
    return solid if solid is not None else max(present, key=lambda i: (solidity(i), i))


def _solidity(clip: Any, finder: MediaFinder) -> int:
    """Whether a clip hides what is below: opaque picture, picture with alpha, or no picture.

    Media that cannot be read count as picture: that is an error where the picture is wanted.
    """
    reference = clip.media_reference
    if isinstance(reference, schema.GeneratorReference):
        return _NO_PICTURE
    try:
        media = finder.media_of(clip)
    except MediaError:
        return _OPAQUE
    if media is None:
        is_expected = _names_media(reference) and finder.settings.missing != "below"
        return _OPAQUE if is_expected and not TITLE.search(clip.name) else _NO_PICTURE
    is_title = media.kind == "still" and TITLE.search(clip.name)
    return _ALPHA if media.has_alpha or is_title else _OPAQUE


def _names_media(reference: Any) -> bool:
    is_sequence = isinstance(reference, schema.ImageSequenceReference)
    return is_sequence or bool(getattr(reference, "target_url", ""))


def _extend(seen: list[VisibleShot], place: Place, start: int, end: int) -> None:
    """Append a stretch, as part of the last shot where that goes on."""
    if seen and seen[-1].place is place and seen[-1].end_frames == start:
        start = seen.pop().start_frames
    seen.append(VisibleShot(place=place, start_frames=start, end_frames=end))
