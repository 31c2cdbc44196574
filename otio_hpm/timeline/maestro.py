"""The maestro cue a mark or a run names: a local file, or an audio clip of the timeline."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import HpmError, MaestroError, MediaError
from otio_hpm.timeline.cue import MaestroReference
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.named_files import NamedFiles
from otio_hpm.timeline.tree import Place, speed_of


class MaestroSearch:
    """Finds maestro cues beside the timeline, in the media folders and on its audio tracks."""

    def __init__(self, places: Sequence[Place], finder: MediaFinder) -> None:
        self._finder = finder
        self._files = NamedFiles(finder=finder, kind="maestro", error=MaestroError)
        self._clips: dict[str, list[Place]] = {}
        for place in places:
            if place.is_clip and place.kind == schema.TrackKind.Audio:
                self._clips.setdefault(place.item.name, []).append(place)

    def of_mark(self, name: str) -> MaestroReference:
        """What a mark names; only files inside the timeline's and the media folders.

        Raises MaestroError, without saying where, for a URL, a path that leads out of those
        folders, and a name that is not found.
        """
        path = self._files.of_mark(name)
        return MaestroReference(path=path) if path else self._clip(name)

    def of_run(self, name: str) -> MaestroReference:
        """What `--maestro` names: any local file, or what a mark could name.

        Raises MaestroError for a URL and a name that is not found.
        """
        path = self._files.of_run(name)
        return MaestroReference(path=path) if path else self._clip(name)

    def _clip(self, name: str) -> MaestroReference:
        folded = name.casefold()
        named = self._clips.get(name) or next(
            (clips for other, clips in self._clips.items() if other.casefold() == folded), []
        )
        if not named:
            raise self._not_found(name)
        place = min(named, key=lambda clip: clip.start)
        try:
            media = self._finder.media_of(place.item)
        except MediaError as error:
            raise MaestroError(f"maestro: {error.message}", hint=error.hint) from error
        if media is None:
            raise MaestroError(
                f"the media of the audio clip {name!r}, a maestro, are not found",
                hint="Name their folder with --media-dir, or map their path with --path-map.",
            )
        start_s = _media_start_s(place.item, media)
        length_s = place.duration_s * (abs(speed_of(place.item)) or 1)
        found = MaestroReference(
            path=media.path, start_s=start_s, duration_s=length_s, found_by=media.found_by
        )
        return _checked(name, found)

    def _not_found(self, name: str) -> HpmError:
        error = self._files.not_found(name)
        near = difflib.get_close_matches(name, self._clips, 3, 0.5)
        if near:
            error.hint = f"Audio clips with a name like it: {', '.join(near)}."
        return error


def _media_start_s(clip: Any, media: MediaFile) -> Fraction:
    """Seconds into the file at which the clip begins.

    A file that was found by its timecode need not begin where the one did that was cut; there, a
    clip that begins within the frame before its first sample begins with that.
    """
    available = clip.media_reference.available_range
    start_s = seconds((clip.source_range or available).start_time)
    if media.found_by == "reel and timecode":
        return max(Fraction(0), start_s - media.sound_start_s(start_s))
    first_s = seconds(available.start_time) if available else media.sound_start_s(start_s)
    return start_s - first_s


def _checked(name: str, reference: MaestroReference) -> MaestroReference:
    if reference.start_s < 0 or not reference.duration_s:
        raise MaestroError(
            f"the audio clip {name!r}, a maestro, plays a range outside its media",
            hint="Trim the clip in the editing system to where it has sound.",
        )
    return reference
