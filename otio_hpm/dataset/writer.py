"""Writes clips into shards so that a run that is killed goes on, with the same bytes.

The index is the journal: a clip's line is written after its members are, so what a killed run
left beyond the last line is cut off again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from otio_hpm.dataset import shard
from otio_hpm.dataset.clip import SPLITS, ClipEntry, Dropped, Split, to_json
from otio_hpm.dataset.index import INDEX, read_lines, spelled
from otio_hpm.errors import DatasetError, OutputError
from otio_hpm.files import lock, output_error


class Writer:
    """Appends clips to the shards of a folder, each at most `shard_bytes` long."""

    def __init__(self, folder: Path, shard_bytes: int) -> None:
        """Go on where the folder's index ends.

        Raises DatasetError for an index that is damaged, OutputError for a folder that cannot be
        written, or that another build is writing.
        """
        self._folder = folder
        self._shard_bytes = shard_bytes
        self._ends: dict[Split, tuple[int, int]] = dict.fromkeys(SPLITS, (0, 0))
        """Number of each split's last shard, and its length without what closes it."""
        self.count = 0
        """Clips in the index, kept and dropped."""
        self._files: dict[Split, IO[bytes]] = {}
        with _writing(folder):
            self._index = (folder / INDEX).open("ab")
            _lock(self._index, folder)
            self._trim()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of all files, finished or not."""
        for file in (*self._files.values(), self._index):
            file.close()

    def entries(self) -> Iterator[ClipEntry | Dropped]:
        """What is in the index."""
        self._index.flush()
        return (entry for _, entry in read_lines(self._folder / INDEX))

    def keep(self, entry: ClipEntry, sound: bytes, picture: bytes) -> ClipEntry:
        """Write the next clip, `entry.number` being `count`; the entry with its place.

        Raises OutputError where the disk is full.
        """
        facts = to_json(entry)
        for name in ("shard", "members", "likeness"):
            del facts[name]
        text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        contents = {"json": text.encode("utf-8"), "flac": sound, "mp4": picture}
        with _writing(self._folder):
            name, file = self._shard(entry.split, shard.packed_size(contents))
            members = shard.append(file, entry.key, contents)
            file.flush()
        placed = replace(entry, shard=name, members=members)
        self._ends[entry.split] = self._ends[entry.split][0], placed.end
        self._append(placed)
        return placed

    def drop(self, dropped: Dropped) -> None:
        """Note a clip that is not kept."""
        self._append(dropped)

    def finish(self) -> list[Path]:
        """Close every shard; their paths, in order."""
        with _writing(self._folder):
            for split in list(self._files):
                self._files.pop(split).close()
            for split, (number, end) in self._ends.items():
                if end:
                    _finish(self._folder / shard.shard_name(split, number), end)
            os.fsync(self._index.fileno())
        return [self._folder / name for name in self._names()]

    def _names(self) -> Iterator[str]:
        for split, (last, end) in self._ends.items():
            yield from (shard.shard_name(split, n) for n in range(last + 1) if end)

    def _append(self, entry: ClipEntry | Dropped) -> None:
        with _writing(self._folder):
            self._index.write(spelled(entry))
            self._index.flush()
        self.count += 1

    def _shard(self, split: Split, size: int) -> tuple[str, IO[bytes]]:
        """The shard that the next `size` bytes of a split go to, open at its end."""
        number, end = self._ends[split]
        if end and end + size + len(shard.END) > self._shard_bytes:
            if split in self._files:
                self._files.pop(split).close()
            _finish(self._folder / shard.shard_name(split, number), end)
            number, end = number + 1, 0
            self._ends[split] = number, end
        name = shard.shard_name(split, number)
        if split not in self._files:
            self._files[split] = _open_at(self._folder / name, end)
        return name, self._files[split]

    def _trim(self) -> None:
        """Cut index and shards back to the last clip that is whole."""
        whole = 0
        for end, entry in _whole_lines(self._folder):
            if isinstance(entry, ClipEntry):
                self._ends[entry.split] = int(entry.shard[-9:-4]), entry.end
            self.count += 1
            whole = end
        _open_at(self._folder / INDEX, whole).close()


def _lock(file: IO[bytes], folder: Path) -> None:
    """Hold a file for this build alone, until it is closed; where the system has such locks."""
    try:
        with contextlib.suppress(NotImplementedError):
            lock(file)
    except BlockingIOError as error:
        file.close()
        raise OutputError(
            f"{folder} is being written by another build", hint="Wait for that build to end."
        ) from error


def _whole_lines(folder: Path) -> Iterator[tuple[int, ClipEntry | Dropped]]:
    """The lines of the index up to the first whose clip is not in its shard."""
    if not (folder / INDEX).exists():
        return
    for number, (end, entry) in enumerate(read_lines(folder / INDEX)):
        if entry.number != number:
            raise DatasetError(f"{folder / INDEX}: clip {entry.number} stands at {number}")
        if isinstance(entry, ClipEntry):
            path = shard.shard_path(folder, entry.shard)
            if not path.exists() or path.stat().st_size < entry.end:
                return  # lost with the power: what comes after it is made again
        yield end, entry


def _open_at(path: Path, end: int) -> IO[bytes]:
    """A file open for writing at `end`, without what was there."""
    file = path.open("r+b" if path.exists() else "xb")
    file.truncate(end)
    file.seek(end)
    return file


def _finish(path: Path, end: int) -> None:
    """Close an archive."""
    with _open_at(path, end) as file:
        file.write(shard.END)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(folder, error) from error
