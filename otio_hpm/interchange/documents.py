"""The one file of a timeline, which may be in a folder that is a bundle."""

from __future__ import annotations

from pathlib import Path

from otio_hpm.errors import OutputError
from otio_hpm.files import write_bytes
from otio_hpm.folders import write_folder
from otio_hpm.interchange.formats import BUNDLES


def document_of(path: Path) -> Path:
    """The file that a timeline at `path` is in; relative media paths begin in its folder."""
    inside = BUNDLES.get(path.suffix.lower())
    return path / inside if inside else path


def write_document(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a timeline's file, or the bundle with it, whole or not at all.

    Raises OutputError as `writing` does, and for a folder that is no such bundle.
    """
    document = document_of(path)
    if document == path:
        write_bytes(path, data, overwrite=overwrite)
    elif path.is_dir() and not document.is_file():
        raise OutputError(f"{path} is a folder", hint="Name another bundle.")
    else:
        write_folder(path, {document.name: data}, overwrite=overwrite)
