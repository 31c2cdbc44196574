"""`pathurl`: where media lie, as each system writes it.

file://localhost/C%3a/films/a%20b.wav on Windows, file://server/share/a.wav on its servers,
file://localhost/Volumes/films/a.wav on macOS and other systems; relative paths without a scheme.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.media_url import components, is_windows, local_paths


def pathurl(url: str, delivery: Delivery) -> str:
    """The pathurl of a media reference's URL or path, which may be relative to the file written.

    What is no local file (http:) stays as it is.
    """
    try:
        path = local_paths(url)[0]
    except MediaError:
        return url
    folder = delivery.path.absolute().parent
    if is_windows(path):
        return _windows(path)
    whole = os.path.normpath(folder / path.replace("\\", "/" if "/" not in path else "\\"))
    if delivery.paths == "relative":
        return quote(Path(os.path.relpath(whole, folder)).as_posix())
    return "file://localhost" + quote(whole if whole.startswith("/") else f"/{whole}")


def _windows(path: str) -> str:
    first, *rest = components(path)
    if first == "/":
        return "file://" + "/".join(map(quote, rest))
    return "/".join((f"file://localhost/{first[0]}%3a", *map(quote, rest)))
