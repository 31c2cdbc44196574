"""Folders written whole or not at all, and never over another unasked."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from otio_hpm.errors import OutputError
from otio_hpm.files import make_folder, output_error, temporary_for


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to be filled, which is at `path` when all of it is there, or never.

    Raises OutputError for a name that is taken, and for a disk that fails.
    """
    if os.path.lexists(path):
        raise OutputError(f"{path} exists already", hint="Choose another folder, or move it away.")
    make_folder(path.parent)
    part = temporary_for(path)
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        yield part
        part.rename(path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_folder(
    path: Path, contents: Mapping[str, bytes | Path], *, overwrite: bool = False
) -> None:
    """Write a folder beside its place and give it its name; what it replaces goes last.

    `contents` are bytes, or files to be copied, by their POSIX paths in it. Raises OutputError for
    a name that is taken (unless `overwrite`), a file that is missing, and a disk that fails.
    """
    part, old = temporary_for(path), path.with_name(f".{path.name}.old")
    try:
        if os.path.lexists(path) and not overwrite:
            raise FileExistsError(path)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, content in contents.items():
            with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as stream:
                _write(part / name, stream)
        _swap(part, path, old)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _swap(part: Path, path: Path, old: Path) -> None:
    """Give a folder its name; what has the name goes when the new one is there, and not before."""
    if not os.path.lexists(path):
        part.rename(path)
        return
    shutil.rmtree(old, ignore_errors=True)
    path.rename(old)
    try:
        part.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
