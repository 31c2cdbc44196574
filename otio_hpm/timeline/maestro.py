"""The maestro cue a mark or a run names: a local file, or an audio clip of the timeline."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import MaestroError, MediaError
from otio_hpm.timeline.cue import MaestroReference
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.tree import Place, speed_of


class MaestroSearch:
    """Finds maestro cues beside the timeline, in the media folders and on its audio tracks."""

    def __init__(self, places: Sequence[Place], finder: MediaFinder) -> None:
        self._finder = finder
        self._clips: dict[str, list[Place]] = {}
        for place in places:
            if place.is_clip and place.kind == schema.TrackKind.Audio:
                self._clips.setdefault(place.item.name, []).append(place)

    def of_mark(self, name: str) -> MaestroReference:
        """What a mark names; only files inside the timeline's and the media folders.

        Raises MaestroError, without saying where, for a URL, a path that leads out of those
        folders, and a name that is not found.
        """
        with _as_maestro_error():
            path = self._finder.find_named(name)
        if path is not None:
            return MaestroReference(path=path)
        if leads_out(name):
            raise MaestroError(
                f"maestro {name!r} is outside the timeline's folder and the media folders",
                hint="Copy it there, or name its folder with --media-dir.",
            )
        return self._clip(name)

    def of_run(self, name: str) -> MaestroReference:
        """What `--maestro` names: any local file, or what a mark could name.

        Raises MaestroError for a URL and a name that is not found.
        """
        path = Path(name).expanduser()
        return MaestroReference(path=path.absolute()) if is_file(path) else self.of_mark(name)

    def _clip(self, name: str) -> MaestroReference:
        folded = name.casefold()
        named = self._clips.get(name) or next(
            (clips for other, clips in self._clips.items() if other.casefold() == folded), []
        )
        if not named:
            raise MaestroError(f"maestro {name!r} is not found", hint=self._suggest(name))
        place = min(named, key=lambda clip: clip.start)
        with _as_maestro_error():
            media = self._finder.media(place.item.media_reference)
        if media is None:
            raise MaestroError(
                f"the media of the audio clip {name!r}, a maestro, are not found",
                hint="Name their folder with --media-dir, or map their path with --path-map.",
            )
        start_s = _media_start_s(place.item, media.start_s)
        length_s = place.duration_s * (abs(speed_of(place.item)) or 1)
        return _checked(
            name, MaestroReference(path=media.path, start_s=start_s, duration_s=length_s)
        )

    def _suggest(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._clips, 3, 0.5)
        if near:
            return f"Audio clips with a name like it: {', '.join(near)}."
        return (
            "A file must be in the timeline's folder or a --media-dir; "
            'quote names that hold spaces, as in maestro="my cue.wav".'
        )


def leads_out(name: str) -> bool:
    """Whether a path is absolute, or climbs with `..`, on any system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return bool(
        posix.is_absolute()
        or windows.drive
        or windows.root
        or ".." in windows.parts
        or name.startswith("~")
    )


@contextmanager
def _as_maestro_error() -> Iterator[None]:
    try:
        yield
    except MediaError as error:
        raise MaestroError(f"maestro: {error.message}", hint=error.hint) from error


def _media_start_s(clip: Any, file_start_s: Fraction | None) -> Fraction:
    """Seconds into the file at which the clip begins."""
    available = clip.media_reference.available_range
    own = clip.source_range or available
    start_s = seconds(available.start_time) if available else file_start_s or Fraction(0)
    return seconds(own.start_time) - start_s


def _checked(name: str, reference: MaestroReference) -> MaestroReference:
    if reference.start_s < 0 or not reference.duration_s:
        raise MaestroError(
            f"the audio clip {name!r}, a maestro, plays a range outside its media",
            hint="Trim the clip in the editing system to where it has sound.",
        )
    return reference
