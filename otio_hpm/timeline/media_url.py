"""The local path that a media reference's text means, on whatever system it was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from otio_hpm.errors import MediaError

_PROTOCOL = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+|(?:subfile|crypto)[,+].*):", re.IGNORECASE)
_DRIVE = re.compile(r"^/?([A-Za-z])[:|](?=[\\/]|$)")
_FILE_URL = re.compile(r"^file:(?://(?P<host>[^/\\]*))?(?P<path>.*)$", re.IGNORECASE | re.DOTALL)


def local_paths(text: str) -> tuple[str, ...]:
    """The path or paths that `text` may mean: file URLs decoded, plain text also as it stands.

    Understands file:///x, file://localhost/C%3a/x, file://server/share/x, C:\\x, \\\\server\\x and
    plain paths. Raises MediaError for anything with another protocol (http:, concat:, pipe: ...).
    """
    if match := _FILE_URL.match(text):
        return (_from_url(match["host"] or "", match["path"]),)
    if _DRIVE.match(text):
        return (text,)
    if _PROTOCOL.match(text) or "\0" in text:
        raise MediaError(
            f"{text!r} is not a local file",
            hint="copy the media to a disk and relink it, or point --media-dir at its folder",
        )
    return tuple(dict.fromkeys((text, unquote(text))))


def mapped(path: str, maps: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """`path` with the first components that equal a map's OLD replaced by NEW, one per match.

    Both kinds of slash separate components; letter case is ignored where OLD is a Windows path.
    """
    parts = components(path)
    for old, new in maps:
        prefix = components(old)
        fold = str.casefold if is_windows(old) else str
        if prefix and [fold(p) for p in parts[: len(prefix)]] == [fold(p) for p in prefix]:
            yield str(Path(new).expanduser().absolute().joinpath(*parts[len(prefix) :]))


def components(path: str) -> list[str]:
    """Components of a path of either system, root or drive first: `["/", "a"]`, `["D:", "a"]`."""
    if _DRIVE.match(path):
        path = path.lstrip("/")
    parts = [part for part in re.split(r"[\\/]+", path) if part not in ("", ".")]
    return parts if _DRIVE.match(path) or path[:1] not in ("/", "\\") else ["/", *parts]


def is_windows(path: str) -> bool:
    """Whether a path starts with a drive letter or names a Windows server."""
    return bool(_DRIVE.match(path)) or path.startswith(("\\\\", "//"))


def file_name(path: str) -> str:
    """Last component of a path of either system."""
    return PureWindowsPath(path).name


def folded(name: str) -> str:
    """A name as systems compare it that ignore letter case and Unicode normal form.

    >>> folded("E\\u0301.MOV") == folded("\\u00e9.mov")
    True
    """
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


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


def _from_url(host: str, path: str) -> str:
    path = unquote(path)
    if host.casefold() in ("", "localhost"):
        return path.lstrip("/") if _DRIVE.match(path) else path
    if _DRIVE.match(unquote(host)):
        return unquote(host) + path
    return f"{unquote(host)}{path}" if host in (".", "..") else f"//{unquote(host)}{path}"
