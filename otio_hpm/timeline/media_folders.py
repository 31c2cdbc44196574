"""Finds media by file name in the folders a user names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media_url import components

MAX_FILES = 200_000
"""A folder with more files is refused: it is not a folder of media but a whole disk."""

_MOVIES = "3gp avi dv gif m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts webm wmv"
_IMAGES = "bmp dpx exr jpeg jpg png tga tif tiff webp"
PICTURE_SUFFIXES = frozenset(f".{suffix}" for suffix in f"{_MOVIES} {_IMAGES}".split())
"""Files that a clip known by name alone may mean."""


class MediaFolders:
    """The media folders, read once each when first searched."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = tuple(folder.expanduser().absolute() for folder in folders)

    def by_name(self, path: str) -> Path | None:
        """The file with the name of `path`, whose folders agree with it best.

        Raises MediaError if two agree equally well.
        """
        parts = components(path)
        found = self._by_name.get(parts[-1].casefold(), ()) if parts else ()
        exact = [file for file in found if file.name == parts[-1]]
        return _best(path, exact or found, lambda file: _common_tail(parts, file.parts))

    def by_stem(self, name: str) -> Path | None:
        """The picture file called `name`, with or without its suffix.

        Raises MediaError if there are several.
        """
        if found := self.by_name(name):
            return found
        return _best(name, self._by_stem.get(name.casefold(), ()), lambda file: 0)

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        return _grouped(self._files, lambda file: file.name)

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        pictures = (file for file in self._files if file.suffix.casefold() in PICTURE_SUFFIXES)
        return _grouped(pictures, lambda file: file.stem)

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        return tuple(file for folder in self.folders for file in _walk(folder))


def is_file(path: Path) -> bool:
    """Whether a file is there; a name no file can have, or a closed folder, is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _grouped(files: Iterable[Path], key: Callable[[Path], str]) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    for file in files:
        groups.setdefault(key(file).casefold(), []).append(file)
    return groups


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder in a fixed order; links are followed, each folder entered once."""
    if not folder.is_dir():
        raise MediaError(f"media folder {folder} is not there", hint="check --media-dir")
    entered: set[str] = set()
    count = 0
    for parent, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        folders[:] = [] if real in entered else sorted(folders)
        if real in entered:
            continue
        entered.add(real)
        count += len(names)
        if count > MAX_FILES:
            raise MediaError(
                f"media folder {folder} holds more than {MAX_FILES} files",
                hint="give --media-dir a smaller folder",
            )
        yield from (Path(parent, name) for name in sorted(names))


def _best(wanted: str, found: Iterable[Path], score: Callable[[Path], int]) -> Path | None:
    different = {os.path.realpath(file): file for file in reversed(list(found))}
    ranked = sorted(different.values(), key=score, reverse=True)
    if len(ranked) > 1 and score(ranked[0]) == score(ranked[1]):
        raise MediaError(
            f"{wanted!r} may be {ranked[0]} or {ranked[1]}",
            hint="name a narrower --media-dir, or give the folder with --path-map OLD=NEW",
        )
    return ranked[0] if ranked else None


def _common_tail(wanted: list[str], found: tuple[str, ...]) -> int:
    """How many components agree, counted from the file name up."""
    pairs = zip(reversed(wanted), reversed(found), strict=False)
    agree = [a.casefold() == b.casefold() for a, b in pairs]
    return agree.index(False) if False in agree else len(agree)
