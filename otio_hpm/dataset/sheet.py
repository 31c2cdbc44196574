"""A list of films and their scores: CSV with a row for each segment.

Columns are known by their headings, in any order: film, composer, title, genres, media, in, out,
audio, audio in. `media` is the film's file and `audio` that of its score, where that is another;
both begin at the list's folder, and are looked for in the media folders. `in` and `out` are times
in the film, `audio in` in the score's file (where empty, the same as `in`): seconds, H:MM:SS,
frames (`48f`) or timecode at the film's rate, counted from the film's own start timecode if it has
one. An empty `in` is the film's begin, an empty `out` its end. Genres are separated by `;`, `|`
or `/`, or by commas inside quotes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from opentimelineio import schema

from otio_hpm.dataset.clip import Facts
from otio_hpm.dataset.film_file import film_segment, movie_length_s
from otio_hpm.dataset.segment import Segment
from otio_hpm.errors import DatasetError, HpmError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timing import parse_duration

COLUMNS = ("film", "composer", "title", "genres", "media", "in", "out", "audio", "audio in")
_NEEDED = ("film", "media")
_OTHER_HEADINGS = {
    "movie": "film", "score title": "title", "score": "title", "genre": "genres", "style": "genres",
    "styles": "genres", "file": "media", "media file": "media", "start": "in", "end": "out",
    "audio file": "audio", "score file": "audio",
}  # fmt: skip
_SEPARATORS = (",", ";", "\t")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)")
_TIMECODE = re.compile(r"\d+[:;.]\d\d[:;.]\d\d[:;]\d\d+")
_LARGEST_BYTES = 1 << 26
_LONGEST_CELL = 1000


def read_sheet(path: Path, settings: MediaSettings) -> list[Segment]:
    """The segments that a list names, in its order.

    Raises DatasetError naming file, row and column of what is not understood.
    """
    finder = MediaFinder(path.parent, settings)
    rows = [_Row(path=path, line=line, cells=cells) for line, cells in _rows(path)]
    segments = [_segment(row, finder) for row in rows if any(row.cells.values())]
    if not segments:
        raise DatasetError(f"{path} lists no films", hint=f"Its columns are {_columns()}.")
    return segments


@dataclass(frozen=True, kw_only=True)
class _Row:
    path: Path
    line: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        return f"{self.path.name}, row {self.line}"

    def error(self, column: str, why: str, hint: str = "") -> DatasetError:
        return DatasetError(f"{self.path}, row {self.line}, column {column!r}: {why}", hint=hint)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The line, and the cells by column, of each row."""
    text = _text(path)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = _headings(path, next(reader, []))
        first = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(columns):
                raise DatasetError(
                    f"{path}, row {first}, has {len(cells)} cells under {len(columns)} headings",
                    hint="Put texts that hold a separator in quotes.",
                )
            yield first, _stripped(path, first, columns, cells)
            first = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(f"{path}, row {reader.line_num}: {error}") from error


def _stripped(path: Path, line: int, columns: list[str], cells: list[str]) -> dict[str, str]:
    row = _Row(path=path, line=line, cells={})
    for column, cell in zip(columns, cells, strict=False):
        if len(cell) > _LONGEST_CELL:
            raise row.error(column, f"the text has {len(cell)} characters")
        row.cells[column] = cell.strip()
    return row.cells


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise DatasetError(f"{path} is too large for a list of films")
        data = path.read_bytes()
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text", hint="Save it as CSV UTF-8.") from error


def _headings(path: Path, cells: list[str]) -> list[str]:
    """What each column is; raises DatasetError where one is unknown, twice there or missing."""
    columns = []
    for cell in cells:
        words = " ".join(cell.replace("_", " ").split()).casefold()
        column = _OTHER_HEADINGS.get(words, words)
        if column not in COLUMNS or column in columns:
            twice = "is there twice" if column in columns else "is not known"
            raise DatasetError(
                f"{path}, row 1: the column {cell!r} {twice}", hint=f"Its columns are {_columns()}."
            )
        columns.append(column)
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise DatasetError(
            f"{path} has no column {missing[0]!r}", hint=f"Its columns are {_columns()}."
        )
    return columns


def _segment(row: _Row, finder: MediaFinder) -> Segment:
    for column in _NEEDED:
        if not row.cells.get(column):
            raise row.error(column, "it is empty")
    media = _media(row, "media", finder)
    try:
        whole_s = movie_length_s(media)
    except HpmError as error:
        raise row.error("media", error.message, error.hint) from error
    start_s = _time(row, "in", media, Fraction(0))
    end_s = _time(row, "out", media, whole_s)
    _check_range(row, media, start_s, end_s, whole_s)
    audio = None
    if row.cells.get("audio"):
        audio = _media(row, "audio", finder).path, _time(row, "audio in", None, start_s)
    try:
        return film_segment(media, _facts(row), row.where, start_s, end_s, audio)
    except HpmError as error:
        raise row.error("media", error.message, error.hint) from error


def _facts(row: _Row) -> Facts:
    cells = row.cells
    return Facts(
        film=cells["film"],
        composer=cells.get("composer", ""),
        title=cells.get("title", ""),
        genres=genres_of(cells.get("genres", "")),
    )


def genres_of(text: str) -> tuple[str, ...]:
    """Genres in a text, each once, in lower case."""
    words = (" ".join(word.split()).casefold() for word in re.split(r"[;|/,]", text))
    return tuple(dict.fromkeys(filter(None, words)))


def _media(row: _Row, column: str, finder: MediaFinder) -> MediaFile:
    text = row.cells[column]
    try:
        media = finder.media(schema.ExternalReference(target_url=text))
    except HpmError as error:
        raise row.error(column, error.message, error.hint) from error
    if media is None:
        raise row.error(column, f"{text!r} is not there", hint="Name its folder with --media-dir.")
    if column == "audio" and not media.has_audio:
        raise row.error(column, f"{media.path} has no sound")
    return media


def _time(row: _Row, column: str, media: MediaFile | None, default: Fraction) -> Fraction:
    """Seconds from a file's begin; timecode counts at the film's rate."""
    text = row.cells.get(column, "")
    if not text:
        return default
    if match := _CLOCK.fullmatch(text):
        return (int(match[1] or 0) * 60 + int(match[2])) * 60 + Fraction(match[3])
    try:
        time_s = parse_duration(text, media.rate if media else None)
    except (ValueError, ZeroDivisionError) as error:
        raise row.error(
            column, f"{text!r} is no time", hint="Try 61.5, 0:01:01.5, 1468f or 00:01:01:12."
        ) from error
    own_s = media.start_s if media and _TIMECODE.fullmatch(text) else None
    return time_s - own_s if own_s and time_s >= own_s else time_s


def _check_range(
    row: _Row, media: MediaFile, start_s: Fraction, end_s: Fraction, whole_s: Fraction
) -> None:
    if start_s < 0:
        raise row.error("in", f"{row.cells['in']!r} is before the film begins")
    for column, time_s in (("in", start_s), ("out", end_s)):
        if time_s > whole_s + 1 / (media.rate or 1):
            why = f"{float(time_s):.3f} s, and {media.path.name} ends at {float(whole_s):.3f} s"
            raise row.error(column, f"{row.cells[column]!r} is {why}", _start_hint(media))
    if end_s <= start_s:
        raise row.error("out", "it is not after the in")


def _start_hint(media: MediaFile) -> str:
    if media.start_s:
        return f"Its own timecode begins at {float(media.start_s):.3f} s."
    return "It tells no start timecode of its own, so times count from its begin."


def _columns() -> str:
    return ", ".join(COLUMNS)
