"""Weights as others publish them, in the user's folder of models: which files, and are they whole.

A folder that was fetched is complete when it holds `fetched.json`, which is written last: where
each file is from, with its size and checksum. One that was copied by hand has none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from otio_hpm.errors import ModelError
from otio_hpm.files import write_text
from otio_hpm.model.catalogue import Offer, offer_named
from otio_hpm.model.folders import sources_home

FETCHED = "fetched.json"
LOCK = ".lock"
"""There as long as, and ever since, a folder has been fetched into."""
_PLAIN_NAME = re.compile(r"(?:\w[\w-]*/)?\w[\w.-]*")
_TEXTS = (".json", ".txt")
_WEIGHTS = ("diffusion_pytorch_model", "model", "pytorch_model")
"""Names of whole weights; others are halves, shards or other frameworks'."""


@dataclass(frozen=True, kw_only=True)
class PublishedFile:
    """One file of an offer."""

    name: str
    """Its path from the top folder, with at most one folder."""
    size_bytes: int
    sha256: str
    """Empty where only the checksum of git is known."""
    git_blob: str
    """Checksum of git (sha1 of a header and the content); empty where sha256 is known."""

    @property
    def checksum(self) -> str:
        """The stronger checksum that is known."""
        return self.sha256 or self.git_blob

    def is_at(self, path: Path) -> bool:
        """Whether a file is this one, by size and checksum."""
        if not path.is_file() or path.stat().st_size != self.size_bytes:
            return False
        digest = hashlib.sha256() if self.sha256 else hashlib.sha1(usedforsecurity=False)
        if not self.sha256:
            digest.update(f"blob {self.size_bytes}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest() == self.checksum


def folder_of(offer: Offer) -> Path:
    """Where an offer's files are, or will be."""
    return sources_home() / offer.name


def is_here(offer: Offer) -> bool:
    """Whether an offer has been fetched to the end, or copied here by hand."""
    folder = folder_of(offer)
    return (folder / FETCHED).is_file() or (folder.is_dir() and not (folder / LOCK).exists())


def next_step(offer: Offer) -> str:
    """Arguments of `otio-hpm` that make a model, or a part of one, of an offer that was fetched."""
    return offer.next_step.format(folder=folder_of(offer))


def source_folder(name: str) -> Path:
    """The folder of an offer that is here, by its name, or the folder that `name` is.

    Raises ModelError where there is none.
    """
    offer = offer_named(name)
    if offer is not None and is_here(offer):
        return folder_of(offer)
    if Path(name).expanduser().exists():
        return Path(name).expanduser()
    raise ModelError(
        f"there are no weights {name}",
        hint=f"Run `otio-hpm model fetch {offer.name}`, or name the folder that they are in."
        if offer
        else "Name the folder that they are in; `otio-hpm model list` shows what can be had.",
    )


def wanted(offer: Offer, names: Iterable[str]) -> tuple[str, ...]:
    """Which of a repository's files an offer needs: configurations, and weights once, preferably
    as safetensors. Names that could lead out of the folder are never among them."""
    plain = sorted(name for name in names if _PLAIN_NAME.fullmatch(name) and _belongs(name, offer))
    texts = [name for name in plain if name.endswith(_TEXTS)]
    return (*texts, *_weights(plain))


def read_record(folder: Path) -> tuple[PublishedFile, ...]:
    """The files that a folder which was fetched lists. Raises ModelError where it lists none."""
    try:
        told = json.loads((folder / FETCHED).read_text("utf-8"))
        return tuple(PublishedFile(**entry) for entry in told["files"])
    except FileNotFoundError as error:
        raise ModelError(
            f"the weights in {folder} were not fetched, so there are no checksums of them",
            hint="Convert them; that reads every tensor of the parts that are used.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the weights in {folder} are not complete: {error}",
            hint="Fetch them again; what is there already is not fetched twice.",
        ) from error


def write_record(folder: Path, offer: Offer, files: Iterable[PublishedFile]) -> None:
    """Note that a folder is complete, and with what. Raises OutputError."""
    told = {
        "repository": offer.repository,
        "revision": offer.revision,
        "licence": offer.licence,
        "files": [asdict(file) for file in files],
    }
    write_text(folder / FETCHED, json.dumps(told, indent=2) + "\n", overwrite=True)


def _belongs(name: str, offer: Offer) -> bool:
    folder, _, _ = name.rpartition("/")
    return folder in offer.folders if folder else not offer.folders or name == "model_index.json"


def _weights(names: Iterable[str]) -> Iterator[str]:
    """Of each folder's weights the safetensors, else what there is."""
    found: dict[str, str] = {}
    for name in names:
        stem, _, suffix = name.rpartition(".")
        folder, _, kind = stem.rpartition("/")
        if kind in _WEIGHTS and (
            suffix == "safetensors" or (suffix, folder in found) == ("bin", False)
        ):
            found[folder] = name
    yield from found.values()
