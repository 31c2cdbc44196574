"""Markers as a table: Premiere's export, our own spotting sheet, and others with such columns.

Premiere writes "Marker Name, Description, In, Out, Duration, Marker Type" in UTF-16 with tabs. Our
sheet has the columns name, note, in, out, colour and settings; a spreadsheet program may give it
back with other separators, quotes and encoding. Columns are known by their headings, in any order.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from otio_hpm.interchange.exchange import Written
from otio_hpm.interchange.marker_colors import colors_of
from otio_hpm.interchange.marker_list import Clock, ListBuilder, ListedMarker, MarkerList, losses

PREMIERE_KIND = "a marker list of Premiere"
SHEET_KIND = "a spotting sheet"
TABLE_KIND = "a table of markers"
COLUMNS = ("name", "note", "in", "out", "colour", "settings")
"""Of our spotting sheet."""
_HEADINGS = {
    "name": ("name", "marker name", "marker", "title"),
    "note": ("note", "notes", "description", "comment", "comments"),
    "in": ("in", "start", "in point", "timecode", "tc", "timecode in", "tc in", "record in"),
    "out": ("out", "end", "out point", "timecode out", "tc out", "record out"),
    "length": ("duration", "length"),
    "color": ("colour", "color", "marker color"),
    "track": ("track",),
    "settings": ("settings",),
    "type": ("marker type",),
}
_MEANING = {heading: column for column, words in _HEADINGS.items() for heading in words}
_SEPARATORS = ("\t", ";", ",")
_LAST_HEADING = 30
"""The row by which the headings must have come."""
_MOST_COLUMNS = 100
_FORMULA = re.compile(r"'*[=+\-@]")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that has the columns of markers."""

    columns: tuple[str, ...]
    """What each column means; empty for one that is not read."""
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Line number and cells of each row under the headings."""


def find_table(text: str) -> Table | None:
    """The table in a file's text, in whichever separator its headings are found; None for none."""
    return next(filter(None, (_table(text, separator) for separator in _SEPARATORS)), None)


def read_table(table: Table, file: str, clock: Clock) -> MarkerList:
    """The markers in the rows of a table of a file called `file`."""
    builder = ListBuilder(file, clock)
    for line, cells in table.rows:
        row = {column: cell.strip() for column, cell in zip(table.columns, cells, strict=False)}
        if not any(row.values()):
            continue
        texts = {column: _plain(row.get(column, "")) for column in ("name", "note", "settings")}
        builder.add(
            line,
            row.get("in", ""),
            length=row.get("length", ""),
            out=row.get("out", ""),
            track=row.get("track", ""),
            **texts,
            **colors_of(row.get("color", "")),
        )
    is_sheet = "settings" in table.columns
    kind = PREMIERE_KIND if "type" in table.columns else TABLE_KIND
    return builder.built(SHEET_KIND if is_sheet else kind, replaces=is_sheet)


def write_sheet(markers: Sequence[ListedMarker], clock: Clock, title: str) -> Written:
    """Our spotting sheet: UTF-8 with a mark, by which spreadsheet programs know it. No title."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(marker, clock) for marker in markers)
    kept = losses([([m for m in markers if m.track], "its track is not kept")])
    return Written(data=text.getvalue().encode("utf-8-sig"), losses=kept)


def _table(text: str, separator: str) -> Table | None:
    """The table that a separator gives."""
    for rows in (_rows, _loose_rows):
        try:
            return _with_headings(rows(text, separator))
        except csv.Error:
            continue
    return None


def _rows(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The number of the line where each row begins, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    first = 1
    for cells in reader:
        yield first, tuple(cells)
        first = reader.line_num + 1


def _loose_rows(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The same where quotes do not pair: a row is a line, so that no quote swallows the next.

    Between tabs, quotes are taken as they stand, as Premiere writes them.
    """
    quoted = separator != "\t"
    for number, line in enumerate(text.split("\n"), start=1):
        for cells in csv.reader(
            [line], delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        ):
            yield number, tuple(cells)


def _with_headings(rows: Iterator[tuple[int, tuple[str, ...]]]) -> Table | None:
    for _, cells in itertools.islice(rows, _LAST_HEADING):
        columns = _columns(cells[:_MOST_COLUMNS])
        if "in" in columns and {"name", "note"} & set(columns):
            return Table(columns=columns, rows=tuple(rows))
    return None


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """What the cells of a row mean as headings; the second of two alike is not read."""
    meanings = [_MEANING.get(" ".join(cell.replace("_", " ").split()).casefold()) for cell in cells]
    return tuple(
        meaning if meaning and meaning not in meanings[:index] else ""
        for index, meaning in enumerate(meanings)
    )


def _row(marker: ListedMarker, clock: Clock) -> tuple[str, ...]:
    return (
        _guarded(marker.name),
        _guarded(marker.note),
        clock.timecode(marker.in_frames),
        clock.timecode(marker.out_frames),
        marker.original_color or marker.color,
        _guarded(marker.settings),
    )


def _guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: `'` stands before what looks like one.

    That program's own convention, which `_plain` takes off again.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(text: str) -> str:
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text
