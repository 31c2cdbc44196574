"""Files of markers: read by what their content shows, written by what their ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from otio_hpm.errors import SettingsError, TimelineError
from otio_hpm.interchange.exchange import Written
from otio_hpm.interchange.marker_avid import (
    has_locators,
    is_avid_list,
    read_avid_list,
    read_locators,
    write_avid_list,
)
from otio_hpm.interchange.marker_edl import is_resolve_edl, read_resolve_edl, write_resolve_edl
from otio_hpm.interchange.marker_list import Clock, ListedMarker, MarkerList
from otio_hpm.interchange.marker_table import find_table, read_table, write_sheet
from otio_hpm.interchange.plain_text import text_of_list

_LARGEST = 4 << 20
"""Bytes; a list of ten thousand markers has a third of that."""
_MOST = 20_000
"""Markers of a list; no system writes so many."""
_LINES: tuple[
    tuple[Callable[[Sequence[str]], bool], Callable[[Sequence[str], str, Clock], MarkerList]], ...
] = (
    (is_resolve_edl, read_resolve_edl),
    (has_locators, read_locators),
    (is_avid_list, read_avid_list),
)
_WRITERS: dict[str, Callable[[Sequence[ListedMarker], Clock, str], Written]] = {
    ".edl": write_resolve_edl,
    ".txt": write_avid_list,
    ".csv": write_sheet,
}


def read_marker_file(path: Path, clock: Clock) -> MarkerList:
    """The markers in a file of any kind that is known here, on the clock of their timeline.

    Raises TimelineError for a file that cannot be read, one that is no list of markers, and one of
    more than 20 000.
    """
    found = _read(path, clock)
    if len(found.markers) > _MOST:
        raise TimelineError(
            f"{path.name} lists {len(found.markers)} markers, and at most {_MOST} are read",
            hint="Is it damaged? Export the list again.",
        )
    return found


def _read(path: Path, clock: Clock) -> MarkerList:
    text = _text(path).replace("\r\n", "\n")
    few = text.count("\r") < text.count("\n")  # then they are within lines, and of their texts
    text = text.replace("\r", " " if few else "\n")
    if table := find_table(text):
        return read_table(table, path.name, clock)
    lines = text.split("\n")
    found = [read(lines, path.name, clock) for is_kind, read in _LINES if is_kind(lines)]
    if not found:
        raise _unknown(path, lines)
    return MarkerList(
        kind=" and ".join(one.kind for one in found),
        markers=tuple(marker for one in found for marker in one.markers),
        warnings=tuple(warning for one in found for warning in one.warnings),
    )


def write_marker_file(
    markers: Sequence[ListedMarker], path: Path, clock: Clock, title: str
) -> Written:
    """The content of a file of markers in the format of its ending.

    Raises SettingsError as `check_ending` does.
    """
    return _WRITERS[check_ending(path)](markers, clock, title)


def check_ending(path: Path) -> str:
    """The ending of a file of markers; raises SettingsError for one that is not written."""
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        raise SettingsError(
            f"{path} ends in none of {', '.join(_WRITERS)}",
            hint="These are a marker EDL for Resolve, a marker list for Avid, a spotting sheet.",
        )
    return ending


def has_settings(path: Path) -> bool:
    """Whether the format of a file's ending keeps a marker's settings apart from its text."""
    return check_ending(path) == ".csv"


def _text(path: Path) -> str:
    """The file's text. Raises TimelineError for what is none, or too long."""
    try:
        size, data = path.stat().st_size, b""
        if path.is_file() and size <= _LARGEST:
            data = path.read_bytes()
    except OSError as error:
        raise TimelineError(f"markers {path} cannot be read: {error.strerror}") from error
    if not path.is_file() or size > _LARGEST:
        raise TimelineError(f"{path} is no list of markers", hint="Name a text file of markers.")
    text = text_of_list(data)
    if "\0" in text:
        raise TimelineError(f"{path.name} is binary data, not a list of markers")
    return text


def _unknown(path: Path, lines: Sequence[str]) -> TimelineError:
    """The error for a file that is none of what is known."""
    numbered = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    number, line = next((found for found in numbered if found[1]), (1, ""))
    return TimelineError(
        f"{path.name} is no list of markers; line {number} says {line[:60]!r}"
        if line
        else f"{path.name} is no list of markers; it is empty, from line 1 on",
        hint="It may be Resolve's marker EDL, Avid's marker list or an EDL with LOC lines, "
        "Premiere's marker list, or a spotting sheet with the columns name, note, in, out, "
        "colour, settings.",
    )
