"""The index of a dataset: one line of JSON for each clip that was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from otio_hpm.dataset.clip import ClipEntry, Dropped, from_json, to_json
from otio_hpm.errors import DatasetError
from otio_hpm.files import sha256_of

INDEX = "clips.jsonl"
SUMMARY = "dataset.json"
FORMAT = "otio-hpm dataset 1"
_LONGEST_LINE = 1 << 16


def spelled(entry: ClipEntry | Dropped) -> bytes:
    """An entry as a line of the index."""
    return (json.dumps(to_json(entry), ensure_ascii=False) + "\n").encode("utf-8")


def read_lines(path: Path) -> Iterator[tuple[int, ClipEntry | Dropped]]:
    """Byte after each whole line, and its entry; a last line without an end is left out.

    Raises DatasetError naming the line that is not understood.
    """
    end = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
                if not line.endswith(b"\n"):
                    if len(line) == _LONGEST_LINE:
                        raise _not_understood(path, number, "it is too long")
                    return
                end += len(line)
                yield end, _entry(path, number, line)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error


def read_summary(folder: Path) -> dict[str, Any]:
    """What `dataset.json` says. Raises DatasetError where it is missing or not understood."""
    path = folder / SUMMARY
    try:
        summary = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise DatasetError(
            f"{folder} is no dataset, or one that is not finished: it has no {SUMMARY}",
            hint="Build it, or go on building it, with `otio-hpm dataset build`.",
        ) from error
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{path} cannot be read: {error}", hint="Copy it again, or build the dataset again."
        ) from error
    if not isinstance(summary, dict) or summary.get("format") != FORMAT:
        raise DatasetError(
            f"{path} is not of the format {FORMAT!r}", hint="Build the dataset again."
        )
    return summary


def checksum_of(path: Path) -> str:
    """Checksum of a dataset's file. Raises DatasetError."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error


def _entry(path: Path, number: int, line: bytes) -> ClipEntry | Dropped:
    try:
        return from_json(json.loads(line))
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise _not_understood(path, number, str(error)) from error


def _not_understood(path: Path, number: int, why: str) -> DatasetError:
    return DatasetError(
        f"{path}, line {number}, is no entry of a dataset: {why}",
        hint="The file is damaged; copy it again, or build the dataset again.",
    )
