"""Checks that a dataset is whole: every byte as it was written, every clip as it was meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from otio_hpm.dataset.clip import STORED_FPS
from otio_hpm.dataset.index import checksum_of, read_summary
from otio_hpm.dataset.picture_codec import decode_picture
from otio_hpm.dataset.reader import Dataset
from otio_hpm.dataset.shard import ENDINGS, read_member, shard_path
from otio_hpm.dataset.sound_codec import decode_sound
from otio_hpm.dataset.splitting import film_key
from otio_hpm.dataset.summary import Summary
from otio_hpm.errors import DatasetError

_SMALL = (16, 16)


def verify(folder: Path, *, decode: bool = False) -> list[str]:
    """What is wrong with a dataset, in words; empty where nothing is.

    Compares index, shards and members with their checksums, and looks for films in two splits and
    files that are no part of it. `decode` also decodes every clip. Raises DatasetError for a folder
    that is no dataset at all.
    """
    summary = Summary.of_json(read_summary(folder))
    wrong = list(_files(folder, summary))
    try:
        dataset = Dataset.open(folder)
    except DatasetError as error:
        return [*wrong, error.message]
    return [*wrong, *_splits(dataset), *_clips(dataset, decode)]


def _files(folder: Path, summary: Summary) -> Iterator[str]:
    for name, checksum in summary.shards.items():
        try:
            if checksum_of(shard_path(folder, name)) != checksum:
                yield f"{name} is not what was built"
        except DatasetError as error:
            yield error.message
    for path in sorted(folder.glob("*.tar")):
        if path.name not in summary.shards:
            yield f"{path.name} is no part of this dataset"


def _splits(dataset: Dataset) -> Iterator[str]:
    first: dict[str, str] = {}
    for entry in dataset.entries:
        film = entry.facts.film
        if first.setdefault(film_key(film), entry.split) != entry.split:
            yield f"clip {entry.key}: the film {film!r} is in two splits"


def _clips(dataset: Dataset, decode: bool) -> Iterator[str]:
    for entry in dataset.entries:
        try:
            data = {ending: read_member(dataset.folder, entry, ending) for ending in ENDINGS}
            if decode:
                found = (
                    len(decode_sound(data["flac"])),
                    len(decode_picture(data["mp4"], _SMALL, STORED_FPS)),
                )
                if found != (entry.samples, entry.frames):
                    yield f"clip {entry.key} has {found[0]} samples and {found[1]} frames"
        except (DatasetError, ValueError) as error:
            yield f"clip {entry.key}: {error}"
