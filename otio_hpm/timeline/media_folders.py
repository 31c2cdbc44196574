"""Finds media by file name in the folders a user names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media_url import components, folded

MAX_FILES = 200_000
"""A folder with more files is refused: it is not a folder of media but a whole disk."""

_MOST_NAMED = 10
"""How many candidates an error lists."""

_MOVIES = "3gp avi dv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts webm wmv"
_IMAGES = "bmp dpx exr gif jpeg jpg png tga tif tiff webp"
_SOUNDS = "aac aif aifc aiff bwf caf flac m4a mp3 oga ogg opus rf64 w64 wav wave"


def _suffixes(*words: str) -> frozenset[str]:
    return frozenset(f".{suffix}" for suffix in " ".join(words).split())


SOUND_SUFFIXES = _suffixes(_SOUNDS)
PICTURE_SUFFIXES = _suffixes(_MOVIES, _IMAGES)
"""Files that a picture clip known by name alone may mean."""
TIMED_SUFFIXES = _suffixes(_MOVIES, _SOUNDS)
"""Files that may tell a reel and timecode of their own."""


_Place = tuple[str, str]
"""Folder and name of a file: many of them are lighter than paths."""


class AmbiguousMedia(MediaError):
    """Several files that a clip may mean, which `candidates` lists."""

    def __init__(self, wanted: str, candidates: Sequence[Path]) -> None:
        self.candidates = tuple(candidates)
        named = ", ".join(map(str, candidates[:_MOST_NAMED]))
        unnamed = len(candidates) - _MOST_NAMED
        more = f" and {unnamed} more" if unnamed > 0 else ""
        super().__init__(
            f"{wanted!r} may be any of {len(candidates)} files: {named}{more}",
            hint="name a narrower --media-dir, or give the folder with --path-map OLD=NEW",
        )


class FolderError(MediaError):
    """A media folder that is not there, or holds too much."""


class MediaFolders:
    """The media folders, read once each when first searched."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = tuple(folder.expanduser().absolute() for folder in folders)

    @property
    def files(self) -> Iterator[Path]:
        """Every file in them, in a fixed order. Raises FolderError."""
        return (Path(*place) for place in self._places)

    def by_name(self, path: str) -> Path | None:
        """The file with the name of `path`, whose folders agree with it best.

        Raises AmbiguousMedia if several agree equally well.
        """
        parts = components(path)
        found = _paths(self._by_name.get(folded(parts[-1]), ()) if parts else ())
        exact = [file for file in found if file.name == parts[-1]]
        return _best(path, exact or found, lambda file: _common_tail(parts, file.parts))

    def by_stem(self, name: str, *, sound: bool = False) -> Path | None:
        """The picture or, before it, the sound called `name`, whatever suffix either has.

        Raises AmbiguousMedia if there are several.
        """
        found = _paths(self._by_stem.get(folded(without_suffix(name)), ()))
        sounds = [file for file in found if file.suffix.lower() in SOUND_SUFFIXES]
        pictures = [file for file in found if file.suffix.lower() in PICTURE_SUFFIXES]
        return only(name, (sounds or pictures) if sound else pictures)

    @property
    def _places(self) -> Sequence[_Place]:
        if isinstance(self._listing, FolderError):
            raise self._listing
        return self._listing

    @cached_property
    def _listing(self) -> Sequence[_Place] | FolderError:
        try:
            return [place for folder in self.folders for place in _walk(folder)]
        except FolderError as error:
            return error

    @cached_property
    def _by_name(self) -> dict[str, list[_Place]]:
        return _grouped(self._places, lambda name: name)

    @cached_property
    def _by_stem(self) -> dict[str, list[_Place]]:
        return _grouped(self._places, lambda name: os.path.splitext(name)[0])


def without_suffix(name: str) -> str:
    """A file name without the ending that files of media have; any other ending is a part of it."""
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in PICTURE_SUFFIXES | SOUND_SUFFIXES else name


def is_file(path: Path) -> bool:
    """Whether a file is there; a name no file can have, or a closed folder, is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def only(wanted: str, found: Iterable[Path]) -> Path | None:
    """The one file among some, which links may name twice; None for none.

    Raises AmbiguousMedia, which lists them.
    """
    different = list({os.path.realpath(file): file for file in reversed(list(found))}.values())
    if len(different) > 1:
        raise AmbiguousMedia(wanted, different[::-1])
    return different[0] if different else None


def _paths(places: Iterable[_Place]) -> list[Path]:
    return [Path(*place) for place in places]


def _grouped(places: Iterable[_Place], key: Callable[[str], str]) -> dict[str, list[_Place]]:
    groups: dict[str, list[_Place]] = {}
    for place in places:
        groups.setdefault(folded(key(place[1])), []).append(place)
    return groups


def _walk(folder: Path) -> Iterator[_Place]:
    """Every file below a folder in a fixed order; links are followed, each folder entered once."""
    if not folder.is_dir():
        raise FolderError(f"media folder {folder} is not there", hint="check --media-dir")
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
            raise FolderError(
                f"media folder {folder} holds more than {MAX_FILES} files",
                hint="give --media-dir a smaller folder",
            )
        yield from ((parent, name) for name in sorted(names))


def _best(wanted: str, found: Iterable[Path], score: Callable[[Path], int]) -> Path | None:
    """The one file that scores best."""
    scored = [(score(file), file) for file in found]
    best = max((points for points, _ in scored), default=0)
    return only(wanted, (file for points, file in scored if points == best))


def _common_tail(wanted: list[str], found: tuple[str, ...]) -> int:
    """How many components agree, counted from the file name up."""
    pairs = zip(reversed(wanted), reversed(found), strict=False)
    agree = [folded(one) == folded(other) for one, other in pairs]
    return agree.index(False) if False in agree else len(agree)
