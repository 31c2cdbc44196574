"""Markers of Avid Media Composer: its list as text, and `* LOC:` lines of edit decision lists.

The list has a line for each marker, with tabs between user, timecode, track, colour and comment;
newer versions add a length in frames (or an end), an empty column and the colour among their
sixteen. A locator is `* LOC: <record timecode> <COLOUR> <text>`, with or without events.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from otio_hpm.interchange.exchange import Written
from otio_hpm.interchange.marker_colors import AVID, AVID_OLDER, colors_of, is_color, word_for
from otio_hpm.interchange.marker_edl import stated_counting
from otio_hpm.interchange.marker_list import (
    TIMECODE,
    Clock,
    ListBuilder,
    ListedMarker,
    MarkerList,
    losses,
)
from otio_hpm.timeline.edl_notes import end_told

LIST_KIND = "a marker list of Avid Media Composer"
LOCATOR_KIND = "an EDL with Avid's LOC lines"
USER = "otio-hpm"
_LOCATOR = re.compile(r"(?:\*\s*)?LOC:?\s+(?=\d)", re.I)
_CELLS, _OLDER_CELLS = 8, 6
"""Cells of a line, in newer versions and before."""
_TIMELINE = "TC1"
"""Avid's track for markers of the whole timeline."""


def is_avid_list(lines: Sequence[str]) -> bool:
    """Whether lines of a file are those of a marker list."""
    return any(_is_entry(line.split("\t")) for line in lines)


def has_locators(lines: Sequence[str]) -> bool:
    """Whether there are LOC lines in a file."""
    return any(_LOCATOR.match(line.strip()) for line in lines)


def read_avid_list(lines: Sequence[str], file: str, clock: Clock) -> MarkerList:
    """The markers in the lines of a marker list called `file`; their comments are their names."""
    builder = ListBuilder(file, clock)
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if _is_entry(cells):
            _, record, track, color, comment, end, newer = _fields(cells)
            ends = "out" if TIMECODE.fullmatch(end) else "length"
            color = newer if is_color(newer) else color.capitalize()
            texts = {"name": comment, "track": track, **colors_of(color), ends: end}
            builder.add(number, record, **texts)
        elif line.strip():
            builder.warn(number, "no marker: user, timecode, track, colour, comment and tabs")
    return builder.built(LIST_KIND)


def read_locators(lines: Sequence[str], file: str, clock: Clock) -> MarkerList:
    """The LOC lines among the lines of a file called `file`; their texts are the names."""
    builder = ListBuilder(file, clock)
    for number, line in enumerate(lines, start=1):
        counting = stated_counting(line)
        if counting is not None:
            builder.drop_frame = counting
        elif found := _LOCATOR.match(line.strip()):
            record, *said = line.strip()[found.end() :].split(maxsplit=1)
            color, name = _color_and_text("".join(said))
            end = end_told("".join(lines[number : number + 1]).strip())  # of the line under it
            builder.add(number, record, out=end, name=name, **colors_of(color))
    return builder.built(LOCATOR_KIND)


def write_avid_list(markers: Sequence[ListedMarker], clock: Clock, title: str) -> Written:
    """The list as Avid imports it ("Import Markers"); a note follows its name in the comment.

    A list has no title. A moment becomes one frame long, as Avid's own are.
    """
    text = "".join(f"{_entry(marker, clock)}\n" for marker in markers)
    return Written(data=text.encode("utf-8"), losses=_losses(markers))


def _is_entry(cells: Sequence[str]) -> bool:
    """Whether cells are those of a marker; a number in place of its track is Pro Tools'."""
    is_timed = len(cells) >= 5 and TIMECODE.fullmatch(cells[1].strip()) is not None
    return is_timed and re.fullmatch(r"\s*-?\d+\s*", cells[2]) is None


def _fields(cells: Sequence[str]) -> tuple[str, ...]:
    """User, timecode, track, colour, comment, length or end, and newer versions' colour.

    Where there are more, the comment has tabs: it goes to the length, or to the four last cells.
    """
    if len(cells) > _CELLS and is_color(cells[-1]):
        cells = (*cells[:4], " ".join(cells[4:-3]), *cells[-3:])
    elif len(cells) > _OLDER_CELLS and cells[-1].isdecimal():
        cells = (*cells[:4], " ".join(cells[4:-1]), cells[-1])
    padded = (*cells, *[""] * 4)
    return *padded[:6], padded[7]


def _color_and_text(said: str) -> tuple[str, str]:
    """What follows the timecode of a locator; it may be without one of Avid's colours."""
    color, *text = said.split(maxsplit=1)[:2] or [""]
    if color.capitalize() in AVID:
        return color.capitalize(), "".join(text)
    return "", said


def _entry(marker: ListedMarker, clock: Clock) -> str:
    color = word_for(marker.color, marker.original_color, AVID, "Red")
    frames = max(1, marker.out_frames - marker.in_frames)
    cells = (
        USER,
        clock.timecode(marker.in_frames),
        " ".join(marker.track.split()) or _TIMELINE,
        _older(color).lower(),
        _comment(marker),
        str(frames),
        "",
        color,
    )
    return "\t".join(cells)


def _older(color: str) -> str:
    """The nearest of the eight colours of older versions."""
    otio = AVID[color]
    return AVID_OLDER.get(otio) or word_for(otio, "", AVID, "Red")


def _comment(marker: ListedMarker) -> str:
    return _one_line(f"{marker.name} {marker.note}").strip()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", "\n").splitlines())


def _losses(markers: Sequence[ListedMarker]) -> tuple[str, ...]:
    broken = [m for m in markers if _one_line(m.name + m.note) != m.name + m.note]
    return losses(
        (
            (broken, "its line breaks and tabs are written as spaces"),
            ([m for m in markers if m.settings], "its settings are not kept"),
        )
    )
