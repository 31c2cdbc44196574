"""The sketch beside each take, as JSON and MIDI. A composer may change these files: they are
never overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.errors import OutputError
from otio_hpm.files import write_bytes
from otio_hpm.scoring.sidecar import read_sidecar

if TYPE_CHECKING:
    from otio_hpm.sketch.model import Sketch

_SUFFIXES = (".sketch.json", ".sketch.mid")


def paths_beside(wav: Path) -> tuple[Path, ...]:
    """Where the sketch of a take is saved."""
    return tuple(wav.with_suffix(suffix) for suffix in _SUFFIXES)


def contents_of(sketch: Sketch | None, wav: Path) -> dict[Path, bytes]:
    """What is saved of a take's sketch, by path; nothing where it follows none."""
    from otio_hpm.sketch.files import sketch_json, sketch_midi

    if sketch is None:
        return {}
    contents = sketch_json(sketch).encode("utf-8"), sketch_midi(sketch)
    return dict(zip(paths_beside(wav), contents, strict=True))


def digests(contents: Mapping[Path, bytes]) -> dict[str, str]:
    """Sha256 of each file, by name."""
    return {path.name: hashlib.sha256(content).hexdigest() for path, content in contents.items()}


def is_free(wav: Path, fingerprint: str) -> bool:
    """Whether a take may get this name: no sketch is there, or what a killed run left of it.

    That is known by the sidecar, which is written first: it has the take's fingerprint, and the
    digests of sketches that nobody has changed since.
    """
    there = {path: path.read_bytes() for path in paths_beside(wav) if path.is_file()}
    if not there:
        return True
    try:
        facts = read_sidecar(wav)
        written = facts["sketch"]["files"]
        ours = digests(there).items() <= written.items()
        return bool(ours and facts["fingerprint"] == fingerprint)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def require_free(contents: Mapping[Path, bytes]) -> None:
    """Raise OutputError for a file that is there with other content than is to be written."""
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:
            raise OutputError(
                f"{path} was written or changed meanwhile",
                hint="Run this again; the next take gets another name.",
            )


def write_sketch(contents: Mapping[Path, bytes]) -> None:
    """Write what is not there yet. Raises OutputError."""
    for path, content in contents.items():
        if not path.exists():
            write_bytes(path, content)
