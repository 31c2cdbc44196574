"""Shards: USTAR archives whose bytes depend on nothing but what is in them."""

from __future__ import annotations

import hashlib
import re
import tarfile
from pathlib import Path
from typing import IO

from otio_hpm.dataset.clip import SPLITS, ClipEntry, Member, Split
from otio_hpm.errors import DatasetError

BLOCK = 512
ENDINGS = ("json", "flac", "mp4")
"""The members of a clip, in this order."""
END = bytes(2 * BLOCK)
"""What closes an archive."""
_LARGEST = {"json": 1 << 20, "flac": 1 << 21, "mp4": 1 << 25}
"""Of each member, in bytes; a real one is far below."""
_NAME = re.compile(rf"(?:{'|'.join(SPLITS)})-\d{{5}}\.tar")


def shard_name(split: Split, number: int) -> str:
    """File name of a shard."""
    return f"{split}-{number:05d}.tar"


def packed_size(contents: dict[str, bytes]) -> int:
    """Bytes that the members of a clip take in a shard."""
    return sum(BLOCK + len(data) + -len(data) % BLOCK for data in contents.values())


def append(file: IO[bytes], key: str, contents: dict[str, bytes]) -> dict[str, Member]:
    """Write a clip's members at the end of an open shard; where they are."""
    members = {}
    for ending, data in contents.items():
        file.write(_header(f"{key}.{ending}", len(data)))
        digest = hashlib.sha256(data).hexdigest()
        members[ending] = Member(offset=file.tell(), size=len(data), sha256=digest)
        file.write(data + bytes(-len(data) % BLOCK))
    return members


def read_member(folder: Path, entry: ClipEntry, ending: str) -> bytes:
    """Content of one member of a clip, checked against the index; nothing is unpacked.

    Raises DatasetError for a shard that is missing, and for what is not as the index says.
    """
    path, member = shard_path(folder, entry.shard), entry.members.get(ending)
    if member is None or member.offset < BLOCK or member.size > _LARGEST[ending]:
        raise DatasetError(f"{folder}: the index has no sound place for {entry.key}.{ending}")
    try:
        with path.open("rb") as file:
            file.seek(member.offset - BLOCK)
            header, data = file.read(BLOCK), file.read(member.size)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    if header != _header(f"{entry.key}.{ending}", member.size):
        raise _damaged(path, entry, ending)
    if hashlib.sha256(data).hexdigest() != member.sha256:
        raise _damaged(path, entry, ending)
    return data


def shard_path(folder: Path, name: str) -> Path:
    """A shard's file. Raises DatasetError for a name that no shard has."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DatasetError(f"{folder}: {name!r} is no name of a shard")
    return folder / name


def _damaged(path: Path, entry: ClipEntry, ending: str) -> DatasetError:
    return DatasetError(
        f"{path}: {entry.key}.{ending} is not what the index says",
        hint="The shard is damaged or cut short; copy it again, or build the dataset again.",
    )


def _header(name: str, size: int) -> bytes:
    """The header of a regular file without owner, date or any other trace of a machine."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)
