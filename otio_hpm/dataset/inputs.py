"""Films as a user names them: lists, timelines, folders of music videos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.dataset.segment import Segment
from otio_hpm.dataset.sheet import read_sheet
from otio_hpm.errors import DatasetError
from otio_hpm.settings import Settings

_SHEETS = (".csv", ".tsv", ".txt")
_FOLDERS_OF_TIMELINES = (".otiod", ".fcpxmld")


@dataclass(frozen=True, kw_only=True)
class Films:
    """The segments of all inputs, in order."""

    segments: tuple[Segment, ...]
    warnings: tuple[str, ...]


def read_films(inputs: Iterable[Path], settings: Settings) -> Films:
    """Every segment that the inputs name: by its ending an input is a list or a timeline.

    Raises DatasetError, and what reading timelines raises.
    """
    segments: list[Segment] = []
    warnings: list[str] = []
    for path in inputs:
        found, told = _read(path, settings)
        segments += found
        warnings += told
    return Films(segments=tuple(segments), warnings=tuple(warnings))


def _read(path: Path, settings: Settings) -> tuple[Iterable[Segment], Iterable[str]]:
    if not path.exists():
        raise DatasetError(
            f"{path} is not there", hint="Give a list of films (.csv), a timeline or a folder."
        )
    if path.suffix.casefold() in _SHEETS:
        return read_sheet(path, settings.media), ()
    if path.is_dir() and path.suffix.casefold() not in _FOLDERS_OF_TIMELINES:
        from otio_hpm.dataset.folders import read_folder

        folder = read_folder(path)
        return folder.segments, folder.warnings
    from otio_hpm.dataset.marked_film import read_marked

    film = read_marked(path, settings)
    return film.segments, film.warnings
