"""Files written whole or not at all, and never over another file unasked."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from otio_hpm.errors import OutputError


def sha256_of(path: Path) -> str:
    """Checksum of a file, read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def temporary_for(path: Path) -> Path:
    """Where a file is written before it gets its name.

    The name is always the same, so that a repeated run clears what a killed one left behind.
    """
    return path.with_name(f".{path.name}.part")


@contextlib.contextmanager
def writing(path: Path, *, overwrite: bool = False) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` complete, or not at all if anything is raised.

    Raises OutputError for a file that exists (unless `overwrite`), a folder that is missing,
    unwritable or full, and another run that writes the same file.
    """
    temporary = temporary_for(path)
    try:
        if not overwrite and os.path.lexists(path):
            raise FileExistsError(path)
        temporary.unlink(missing_ok=True)
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _require_same(file, temporary, path)
        publish(temporary, path, overwrite=overwrite)
    except OSError as error:
        _forget(temporary)
        raise output_error(path, error) from error
    except BaseException:
        _forget(temporary)
        raise


def write_bytes(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    """Write a whole file; raises as `writing` does."""
    with writing(path, overwrite=overwrite) as file:
        file.write(content)


def write_text(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a whole UTF-8 file with the line ends that `text` has; raises as `writing` does."""
    write_bytes(path, text.encode("utf-8"), overwrite=overwrite)


def publish(temporary: Path, path: Path, *, overwrite: bool = False) -> None:
    """Give a complete file its name.

    Raises OutputError for a name that is taken (unless `overwrite`) and a folder that fails.
    """
    try:
        if overwrite:
            os.replace(temporary, path)
        else:
            _rename_to_new(temporary, path)
    except OSError as error:
        raise output_error(path, error) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, if need be. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error


def lock(file: IO[bytes]) -> None:
    """Hold a file for this process alone, until it is closed.

    Raises BlockingIOError where another process holds it, another OSError where its file system
    has no such locks, and NotImplementedError where the whole system has none (Windows).
    """
    try:
        import fcntl
    except ImportError as error:
        raise NotImplementedError("files cannot be held here") from error
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise OutputError unless files of that size can be written to an existing folder."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise output_error(folder, error) from error
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise OutputError(
            f"{folder} has {free / 1e6:.0f} MB left, and {needed_bytes / 1e6:.0f} MB are needed",
            hint="Free some space there, or write to another folder.",
        )


def output_error(path: Path, error: OSError) -> OutputError:
    """The OutputError that tells a user what `error` means for `path`."""
    if isinstance(error, FileExistsError):
        return OutputError(
            f"{path} exists already", hint="Choose another name, or allow overwriting."
        )
    return OutputError(
        f"{path} cannot be written: {error.strerror or error}",
        hint="Check that the folder exists, may be written to and has space left.",
    )


def _rename_to_new(temporary: Path, path: Path) -> None:
    """Rename without replacing: a link fails where the name is taken, a rename would not."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # no hard links here, as on FAT and some network shares
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.replace(temporary, path)
    else:
        temporary.unlink()


def _require_same(file: IO[bytes], temporary: Path, path: Path) -> None:
    """Raise OutputError if another run has put its own file where ours was."""
    if not temporary.exists() or not os.path.samestat(os.fstat(file.fileno()), temporary.stat()):
        raise OutputError(
            f"{path} is being written by another run", hint="Wait for that run to end."
        )


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
