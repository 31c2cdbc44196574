"""Moving files so that none is ever lost: copied, read again, and removed last of all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import OutputError
from otio_hpm.files import check_room, make_folder, output_error, sha256_of, writing

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Move:
    """One file on its way."""

    source: Path
    target: Path
    digest: str
    """sha256 of what was copied."""
    state: tuple[int, int]
    """Size and time of the source when it was copied."""


class Copying:
    """Copies into a folder, which are taken back if anything fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]
        self._written: list[Path] = []
        self.moves: list[Move] = []

    @property
    def copied(self) -> int:
        """How many files were not there before."""
        return len(self._written)

    @contextlib.contextmanager
    def undone_if_failing(self) -> Iterator[None]:
        """Takes back the copies, and the folders that were made for them, if anything is raised."""
        try:
            make_folder(self._folder)
            yield
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Remove the copies, and the folders that were made for them."""
        for path in self._written:
            path.unlink(missing_ok=True)
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def copy(self, source: Path) -> None:
        """Copy a file, and read the copy again; raises OutputError for one of another content."""
        target = self._folder / source.name
        try:
            state, content = _state(source), sha256_of(source)
            if not target.exists():
                check_room(self._folder, state[0])
                with source.open("rb") as file, writing(target) as copy:
                    for block in iter(lambda: file.read(_BLOCK), b""):
                        copy.write(block)
                self._written.append(target)
            same = sha256_of(target) == content
        except OSError as error:
            raise output_error(target, error) from error
        if not same:
            raise OutputError(
                f"{target} is not what {source} is",
                hint="Choose another folder, or remove that file if it is not needed.",
            )
        self.moves.append(Move(source=source, target=target, digest=content, state=state))


def remove(moves: Iterable[Move]) -> tuple[int, list[str]]:
    """Remove what was copied, unless it has changed since; how many, and what stays and why."""
    removed, remarks = 0, []
    folders: dict[Path, None] = {}
    for move in moves:
        if same_file(move.source, move.target):
            continue
        try:
            if _state(move.source) != move.state or sha256_of(move.source) != move.digest:
                remarks.append(f"{move.source} has changed meanwhile, and stays")
                continue
            move.source.unlink()
        except OSError as error:
            remarks.append(f"{move.source} stays: {error.strerror or error}")
            continue
        removed += 1
        folders[move.source.parent] = None
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()  # only where nothing else is in it
    return removed, remarks


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return one.absolute() == other.absolute()


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
