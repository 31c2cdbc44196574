"""Fetching published weights from the Hugging Face hub, or a mirror of it.

huggingface_hub speaks to the hub; it keeps its own rules for HF_ENDPOINT (a mirror), HF_TOKEN and
HF_HUB_OFFLINE. Its own way of downloading forgets a file that was interrupted and compares no
checksums, so files are taken one by one here: each goes on where an earlier run stopped, and gets
its name only when it has the checksum that the hub lists.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from otio_hpm.errors import ModelError
from otio_hpm.files import check_room, make_folder, publish
from otio_hpm.model.catalogue import ELSEWHERE, OFFERS, Offer, offer_named
from otio_hpm.model.hub_errors import errors_told
from otio_hpm.model.licences import terms
from otio_hpm.model.published import (
    LOCK,
    PublishedFile,
    folder_of,
    next_step,
    wanted,
    write_record,
)

_ANSWER_S = 20.0
"""How long the hub may take to list files."""
Told = Callable[[str, int, int], None]
"""Takes a file's name, the bytes there are of all files, and those there will be."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """Weights that have been fetched."""

    name: str
    folder: Path
    repository: str
    revision: str
    licence: str
    files: tuple[str, ...]
    """All files that it has."""
    downloaded: tuple[str, ...]
    """Those of them that were not there before."""
    next_step: str
    """Arguments of `otio-hpm` that make a model, or a part of one, of it."""


def offer_to_fetch(name: str) -> Offer:
    """The offer of this name. Raises ModelError, listing what can be had."""
    offer = offer_named(name)
    if offer is None:
        elsewhere = f": {ELSEWHERE[name]}" if name in ELSEWHERE else ""
        raise ModelError(
            f"nothing named {name} can be fetched{elsewhere}",
            hint=f"What can be had: {', '.join(offer.name for offer in OFFERS)}.",
        )
    return offer


def fetch(name: str, *, agreed: bool, told: Told = lambda name, there, all_bytes: None) -> Fetched:
    """Fetch an offer's files into the user's folder of models; what is there stays.

    `agreed` says that the user has agreed to its licence. Raises ModelError without that, for a
    name that is not offered, without a network, and for files that are not what the hub lists;
    OutputError where the folder is full or not writable.
    """
    offer = offer_to_fetch(name)
    if not agreed:
        raise ModelError(
            f"the weights of {offer.name} are under {terms(offer.licence)}",
            hint="Say that you agree with --yes, or run this where it can ask you.",
        )
    folder = folder_of(offer)
    with errors_told(offer):
        files = _listed(offer)
        make_folder(folder)
        missing = [file for file in files if not file.is_at(folder / file.name)]
        check_room(folder, sum(file.size_bytes for file in missing))
        _Download(offer, folder, told, missing, files).run()
    write_record(folder, offer, files)
    return Fetched(
        name=offer.name,
        folder=folder,
        repository=offer.repository,
        revision=offer.revision,
        licence=offer.licence,
        files=tuple(file.name for file in files),
        downloaded=tuple(file.name for file in missing),
        next_step=next_step(offer),
    )


def _listed(offer: Offer) -> list[PublishedFile]:
    """What the hub lists of an offer at its revision."""
    from huggingface_hub import HfApi

    told = HfApi().model_info(
        offer.repository, revision=offer.revision, files_metadata=True, timeout=_ANSWER_S
    )
    entries = {entry.rfilename: entry for entry in told.siblings or ()}
    names = wanted(offer, entries)
    if told.sha != offer.revision or not names:
        raise ModelError(
            f"the hub does not list {offer.repository} at revision {offer.revision}",
            hint="Where HF_ENDPOINT names a mirror, it may not have this repository.",
        )
    return [_published(entries[name]) for name in names]


def _published(entry: Any) -> PublishedFile:
    sha256 = entry.lfs.sha256 if entry.lfs else ""
    blob = "" if sha256 else entry.blob_id
    if not isinstance(entry.size, int) or not (sha256 or blob):
        raise ModelError(f"the hub lists no size and checksum of {entry.rfilename}")
    return PublishedFile(name=entry.rfilename, size_bytes=entry.size, sha256=sha256, git_blob=blob)


class _Download:
    """The files of one offer that are missing, one after the other."""

    def __init__(
        self, offer: Offer, folder: Path, told: Told,
        missing: Iterable[PublishedFile], files: Iterable[PublishedFile],
    ) -> None:  # fmt: skip
        self._offer, self._folder, self._told, self._missing = offer, folder, told, tuple(missing)
        self._all_bytes = sum(file.size_bytes for file in files)
        self._there = self._all_bytes - sum(file.size_bytes for file in self._missing)

    def run(self) -> None:
        """Fetch them; two runs at once wait for each other."""
        from huggingface_hub.utils import WeakFileLock

        with WeakFileLock(self._folder / LOCK):
            for file in self._missing:
                self._fetch(file)
                self._there += file.size_bytes

    def _fetch(self, file: PublishedFile) -> None:
        target = self._folder / file.name
        make_folder(target.parent)
        part = target.with_name(f".{target.name}.{file.checksum[:16]}.part")
        self._receive(file, part)
        if not file.is_at(part):
            part.unlink(missing_ok=True)
            raise ModelError(
                f"{file.name} came without the checksum that the hub lists",
                hint="Run this again; that file is then fetched from its beginning.",
            )
        publish(part, target, overwrite=True)

    def _receive(self, file: PublishedFile, path: Path) -> None:
        """Bring a partial file to its whole length."""
        from huggingface_hub import HfApi, hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers, tqdm

        offer = self._offer
        url = hf_hub_url(
            offer.repository, file.name, revision=offer.revision, endpoint=HfApi().endpoint
        )
        with _Growing(path, lambda length: self._tell(file, length)) as part:
            if part.tell() > file.size_bytes:
                part.truncate(0)
            http_get(
                url, part, resume_size=part.tell(), expected_size=file.size_bytes,
                # Compressed, what was received before would not fit what is still to come.
                headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                tqdm_class=partial(tqdm, disable=True),
            )  # fmt: skip

    def _tell(self, file: PublishedFile, length: int) -> None:
        self._told(file.name, self._there + length, self._all_bytes)


class _Growing(io.FileIO):
    """A file that is written on from its end, and tells how long it is."""

    def __init__(self, path: Path, told: Callable[[int], None]) -> None:
        super().__init__(path, "ab")
        self._length_told = told
        self.seek(0, io.SEEK_END)

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        self._length_told(self.tell())
        return written
