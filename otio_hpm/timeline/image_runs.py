"""Image sequences as they lie in folders: runs of files whose numbers follow each other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>\d{1,12})(?P<suffix>\.(?:dpx|exr))", re.I)


@dataclass(frozen=True, kw_only=True)
class ImageRun:
    """Images of one folder, one for each frame."""

    folder: str
    names: tuple[str, ...]
    """File names in order."""
    there: tuple[range, ...]
    """Numbers of all images of its name in the folder, in order: its own, and beyond holes."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The images in order."""
        return tuple(Path(self.folder, name) for name in self.names)

    @property
    def first(self) -> Path:
        """The first image."""
        return Path(self.folder, self.names[0])

    @property
    def number(self) -> int:
        """The number of the first image."""
        return number_of(self.names[0]) or 0

    @property
    def name(self) -> str:
        """What is before the numbers, or the folder's name where there is nothing."""
        found = _NUMBERED.fullmatch(self.names[0])
        return (found and found["prefix"]) or os.path.basename(self.folder)

    def missing(self, wanted: range) -> tuple[range, ...]:
        """The numbers of a range of which there is no image, in order."""
        found: list[range] = []
        at = wanted.start
        for numbers in self.there:
            found.append(range(at, min(numbers.start, wanted.stop)))
            at = max(at, numbers.stop)
        found.append(range(at, wanted.stop))
        return tuple(filter(None, found))


def number_of(name: str) -> int | None:
    """The number of a DPX or OpenEXR image; None for any other file.

    >>> number_of("shot_2.0086400.dpx"), number_of("0012.exr"), number_of("shot.dpx")
    (86400, 12, None)
    """
    found = _NUMBERED.fullmatch(name)
    return int(found["number"]) if found else None


def image_runs(files: Iterable[Path]) -> Iterator[ImageRun]:
    """The runs of DPX and OpenEXR images among some files; a hole ends one and begins another.

    One image alone is a run too.
    """
    groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for file in files:
        if found := _NUMBERED.fullmatch(file.name):
            key = (str(file.parent), found["prefix"], found["suffix"])
            groups.setdefault(key, []).append((int(found["number"]), file.name))
    for (folder, _, _), numbered in groups.items():
        runs = list(_runs(sorted(numbered)))
        there = tuple(range(run[0][0], run[-1][0] + 1) for run in runs)
        for run in runs:
            yield ImageRun(folder=folder, names=tuple(name for _, name in run), there=there)


def _runs(numbered: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    run: list[tuple[int, str]] = []
    for number, name in numbered:
        if run and number != run[-1][0] + 1:
            yield run
            run = []
        run.append((number, name))
    yield run
