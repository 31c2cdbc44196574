"""How the media of our clips are named: as URL or path, from the root or from the timeline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_url import is_windows, local_paths

Form = Literal["url", "path"]
"""Percent-encoded as RFC 3986 has it, or as the file system does."""


def media_text(path: Path, delivery: Delivery, form: Form) -> str:
    """What names a local file in a timeline; absolute where there is no way from the timeline."""
    absolute = Path(os.path.abspath(path))
    if delivery.paths == "relative":
        try:
            way = Path(os.path.relpath(absolute, delivery.path.absolute().parent)).as_posix()
        except ValueError:  # on another drive of Windows
            return media_text(path, replace(delivery, paths="absolute"), form)
        return quote(way) if form == "url" else way
    return absolute.as_uri() if form == "url" else str(absolute)


def spell_media(clip: Any, delivery: Delivery, form: Form) -> None:
    """Name all takes of a clip of ours in one form."""
    for reference, path in _local(clip, delivery.path.absolute().parent):
        reference.target_url = media_text(path, delivery, form)


def plain_media(clip: Any, folder: Path) -> None:
    """Name all takes of a clip of ours by URL; relative paths begin in `folder`."""
    for reference, path in _local(clip, folder):
        reference.target_url = Path(os.path.abspath(path)).as_uri()


def local_path(text: str, folder: Path) -> Path | None:
    """The file on this system that a media reference's text means, or None.

    Plain text may be a path as it stands or a part of a URL: the one that is there, else the URL's.
    """
    try:
        found = [folder / path for path in local_paths(text)]
    except MediaError:
        return None
    there = next((path for path in found if is_file(path)), found[-1])
    return there if there.is_absolute() and not _of_another_system(text) else None


def _local(clip: Any, folder: Path) -> Iterator[tuple[Any, Path]]:
    """The references of a clip to files on this system."""
    for reference in clip.media_references().values():
        if isinstance(reference, schema.ExternalReference) and reference.target_url:
            path = local_path(reference.target_url, folder)
            if path is not None:
                yield reference, path


def _of_another_system(text: str) -> bool:
    """Whether a text names a drive or server of Windows, and this is another system."""
    return os.name != "nt" and any(is_windows(path) for path in local_paths(text))
