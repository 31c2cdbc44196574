"""Media references that lead to where the media are, for OpenTimelineIO's own tools."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.errors import MediaError, SettingsError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.exact import exact_rate, moment, seconds
from otio_hpm.timeline.found import Found
from otio_hpm.timeline.image_sequence import as_sequence, found_sequence
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.media_folders import AmbiguousMedia, FolderError
from otio_hpm.timeline.media_url import file_name, local_paths
from otio_hpm.timeline.stated_media import range_of

KEY = "hpm_linker"
"""Metadata of a reference that was changed here: `found_by`, the rule."""

_BY_REFERENCE = ("path map", "file name", "file name and timecode")
_ARGUMENTS = ("media_dir", "path_map", "base_dir")
_VARIABLES = {"media_dir": "OTIO_HPM_MEDIA_DIR", "path_map": "OTIO_HPM_PATH_MAP"}
"""Where arguments are taken from that a tool has no way to give."""


_logger = logging.getLogger(__name__)


def finder_of(arguments: Mapping[str, Any]) -> MediaFinder:
    """A finder from the linker's arguments.

    `media_dir` and `path_map` (OLD=NEW) are one text or, for several, a list or one text with `;`
    between; without them the variables OTIO_HPM_MEDIA_DIR and OTIO_HPM_PATH_MAP count. `base_dir`
    is where relative paths start, else the working folder. Raises SettingsError.
    """
    if unknown := sorted(set(arguments) - set(_ARGUMENTS)):
        raise SettingsError(
            f"the media linker knows no argument {', '.join(unknown)}",
            hint=f"its arguments are {', '.join(_ARGUMENTS)}",
        )
    given = {
        name: arguments.get(name, os.environ.get(variable, ""))
        for name, variable in _VARIABLES.items()
    }
    settings = MediaSettings(
        media_dirs=tuple(Path(text) for text in _several(given["media_dir"])),
        path_maps=tuple(_pair(text) for text in _several(given["path_map"])),
    )
    return MediaFinder(Path(str(arguments.get("base_dir", "."))).expanduser(), settings)


class Linker:
    """Links clip after clip; those of one timeline share what has been found."""

    def __init__(self) -> None:
        self._last: tuple[Any, dict[str, Any], MediaFinder] | None = None

    def reference(self, clip: Any, arguments: Mapping[str, Any]) -> Any:
        """A reference to the media that are found for a clip; None where its own may stay.

        That is where it leads to its media already, and where nothing is found. What is refused is
        logged. Raises SettingsError, AmbiguousMedia and FolderError.
        """
        finder = self._finder(clip, dict(arguments))
        try:
            return linked_reference(clip, finder)
        except (AmbiguousMedia, FolderError):
            raise
        except MediaError as error:
            _logger.warning("clip %r is not linked: %s", clip.name, error.message)
            return None

    def _finder(self, clip: Any, arguments: dict[str, Any]) -> MediaFinder:
        root = clip
        while (parent := root.parent()) is not None:
            root = parent
        if self._last is None or self._last[0] is not root or self._last[1] != arguments:
            self._last = root, arguments, finder_of(arguments)
        return self._last[2]


def linked_reference(clip: Any, finder: MediaFinder) -> Any:
    """A reference to the media that are found for a clip; None where its own may stay.

    Raises MediaError for what is no local file, an ambiguous name, a media folder that is not
    there, and a sequence with holes.
    """
    found = finder.locate(clip)
    if found is None or not found.rule:
        return None
    reference = _leading_to(found, clip, finder)
    reference.metadata[KEY] = {"found_by": found.rule}
    return reference


def link_missing(timeline: Any, finder: MediaFinder) -> None:
    """Give clips that name no media, as those of lists, the file that is found for each."""
    for clip in timeline.find_clips():
        if isinstance(clip.media_reference, schema.MissingReference):
            with contextlib.suppress(MediaError):
                if (linked := linked_reference(clip, finder)) is not None:
                    del linked.metadata[KEY]
                    clip.media_reference = linked


def link_found(timeline: Any, finder: MediaFinder) -> None:
    """Lead every reference of a timeline to the file that is found for it; the others stay.

    Clips without a reference that are found by what they say get one, all takes of a clip are
    looked for, and what is spelled unlike the file is spelled as it is.
    """
    for clip in timeline.find_clips():
        with contextlib.suppress(MediaError):
            if (linked := linked_reference(clip, finder)) is not None:
                clip.media_reference = linked
        for reference in clip.media_references().values():
            with contextlib.suppress(MediaError):
                path = _file_of(reference, finder)
                if path is not None:
                    reference.target_url = path.as_uri()


def _file_of(reference: Any, finder: MediaFinder) -> Path | None:
    """The file that is found for a reference to one."""
    external = isinstance(reference, schema.ExternalReference) and reference.target_url
    found = finder.find(reference) if external else None
    return found.absolute() if isinstance(found, Path) else None


def _several(given: Any) -> tuple[str, ...]:
    texts: Iterable[Any] = given if isinstance(given, list | tuple) else str(given).split(";")
    return tuple(text for text in (str(text).strip() for text in texts) if text)


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals):
        raise SettingsError(f"path_map {text!r} is not OLD=NEW")
    return old, new


def _leading_to(found: Found, clip: Any, finder: MediaFinder) -> Any:
    """The clip's reference with another path, or a new one.

    What is found by its own path or name keeps the range that is known of it; all else has its own.
    """
    own, path = clip.media_reference, found.path
    if found.images is not None:
        return found_sequence(found.images, found.start_s or Fraction(0), own.metadata)
    images = as_sequence(own)
    if images is not None and path.suffix.lower() == images.name_suffix.lower():
        if images is own:
            moved = own.deepcopy()
            moved.target_url_base = f"{path.parent.as_uri()}/"
            return moved
        path = path.parent / file_name(local_paths(own.target_url)[-1])
    known = own.available_range if found.rule in _BY_REFERENCE else None
    reference = schema.ExternalReference(
        target_url=path.as_uri(),
        available_range=known or _range(found, clip, finder),
        metadata=dict(own.metadata),
    )
    reference.name = own.name
    return reference


def _range(found: Found, clip: Any, finder: MediaFinder) -> Any:
    """The source range of a file; None where it cannot be read, or nothing gives its rate."""
    try:
        media = finder.media_at(found)
    except MediaError:
        return None
    own = clip.source_range
    rate = exact_rate(own.start_time.rate) if own else media.rate
    known = range_of(media, rate, clip) if rate else None
    if known is None or rate is None or own is None or media.kind != "audio":
        return known
    start_s = media.sound_start_s(seconds(own.start_time))  # sound need not begin on a frame
    return opentime.TimeRange(moment(start_s, rate), known.duration)
