"""The URL by which a written file names a media file."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.media_url import is_windows, local_paths

STILLS = {
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".psd", ".heic", ".gif", ".bmp", ".tga", ".exr",
    ".dpx", ".pdf", ".webp",
}  # fmt: skip
"""Suffixes of files with one picture."""


_PLAIN_URL = re.compile(r"file:///[\w.~!$&'()*+,;=:@%/-]+", re.ASCII)
"""An absolute file URL without a host, as this format wants it."""


def source_url(found: str, delivery: Delivery) -> str:
    """The `src` of a media file: an absolute file URL, or one relative to the document.

    A relative path in the timeline is taken to be relative to the document too. What is no local
    file stays as it is.
    """
    if delivery.paths == "absolute" and _PLAIN_URL.fullmatch(found):
        return found
    try:
        path = local_paths(found)[0]
    except MediaError:
        return found
    if is_windows(path):
        return _windows_url(path)
    if not path.startswith("/"):
        return _relative_url(PurePosixPath(path.replace("\\", "/")))
    if delivery.paths == "relative":
        folder = Path(os.path.abspath(delivery.path)).parent
        return _relative_url(PurePosixPath(Path(os.path.relpath(path, folder)).as_posix()))
    return PurePosixPath(path).as_uri()


def is_still(url: str) -> bool:
    """Whether a URL names a file with one picture."""
    return PurePosixPath(url).suffix.lower() in STILLS


def _relative_url(path: PurePosixPath) -> str:
    """As the format's documentation writes them: `./Media/My%20Movie.mov`."""
    return f"./{quote(str(path))}"


def _windows_url(path: str) -> str:
    try:
        return PureWindowsPath(path).as_uri()
    except ValueError:  # a drive without a root, as in C:a.mov
        return f"file:///{quote(path.replace(chr(92), '/'), safe='/:')}"
