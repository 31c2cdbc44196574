"""Markers of DaVinci Resolve as an edit decision list ("Timeline Markers to EDL").

For each marker there is an event of one frame at its place, and under it
`<note> |C:ResolveColor<colour> |M:<name> |D:<frames>`. The note may be empty or go over several
lines; events need not be in order of time; the text is UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from otio_hpm.interchange.exchange import Written
from otio_hpm.interchange.marker_colors import RESOLVE, colors_of, word_for
from otio_hpm.interchange.marker_list import (
    TIMECODE,
    Clock,
    ListBuilder,
    ListedMarker,
    MarkerList,
    losses,
)

KIND = "a marker EDL of DaVinci Resolve"
_FCM = re.compile(r"FCM:?\s*(NON[- ]?)?DROP", re.I)
_COMMENT = re.compile(
    r"\*\s*(LOC|COMMENTS?|(FROM |TO |KEY )?CLIP NAME|SOURCE FILE|ASC_SOP|ASC_SAT|EFFECT NAME)\b",
    re.I,
)
_TAG = re.compile(r"\|(?=[CMD]:)")
_PREFIX = "ResolveColor"


def is_resolve_edl(lines: Sequence[str]) -> bool:
    """Whether lines of a file are those of Resolve's markers."""
    return any("|M:" in line and "|D:" in line for line in lines)


def stated_counting(line: str) -> bool | None:
    """Whether an FCM line says drop-frame; None for any other line."""
    found = _FCM.match(line.strip())
    return not found[1] if found else None


def read_resolve_edl(lines: Sequence[str], file: str, clock: Clock) -> MarkerList:
    """The markers in the lines of a file called `file`."""
    builder = ListBuilder(file, clock)
    record = ""
    waiting: list[str] = []
    for number, line in enumerate(lines, start=1):
        counting = stated_counting(line)
        if counting is not None:
            builder.drop_frame = counting
        elif event := _record_in(line):
            record, waiting = event, []
        elif not _COMMENT.match(line.strip()):
            waiting.append(line)
            if "|D:" in line:
                _read_marker("\n".join(waiting), number, record, builder)
                waiting = []
    return builder.built(KIND)


def write_resolve_edl(markers: Sequence[ListedMarker], clock: Clock, title: str) -> Written:
    """The list as Resolve imports it ("Timelines > Import > Timeline Markers from EDL").

    A moment becomes one frame long, as Resolve's own are.
    """
    counting = "DROP" if clock.counts_drop_frame("", None) else "NON-DROP"
    lines = [f"TITLE: {_one_line(title)}", f"FCM: {counting} FRAME", ""]
    for number, marker in enumerate(markers, start=1):
        lines += [_event(number, marker, clock), _marker_line(marker), ""]
    return Written(data="\n".join(lines).encode("utf-8"), losses=_losses(markers))


def _record_in(line: str) -> str:
    """Record timecode of an event line; empty for any other line."""
    words = line.split()
    is_event = len(words) >= 5 and words[0].isdecimal() and all(map(TIMECODE.fullmatch, words[-4:]))
    return words[-2] if is_event else ""


def _read_marker(text: str, line: int, record: str, builder: ListBuilder) -> None:
    """One marker of what stands under an event, to its line with `|D:`."""
    note, has_color, rest = text.partition("|C:")
    color, has_name, rest = rest.partition("|M:")
    name, _, length = rest.rpartition("|D:")
    if not (has_color and has_name):
        builder.warn(line, "a marker needs |C:, |M: and |D:; this one is left out")
        return
    if not record:
        builder.warn(line, f"no event stands above marker {name.strip()!r}; it is left out")
        return
    frames, _, more = length.strip().partition(" ")
    if more:
        builder.warn(line, f"what follows the length of {name.strip()!r} is passed over: {more}")
    color = color.strip().removeprefix(_PREFIX)
    builder.add(
        line, record, length=frames, name=name.strip(), note=note.strip(), **colors_of(color)
    )


def _event(number: int, marker: ListedMarker, clock: Clock) -> str:
    ends = clock.timecode(marker.in_frames), clock.timecode(marker.in_frames + 1)
    return f"{number:03d}  001      V     C        {' '.join(ends * 2)}  "


def _marker_line(marker: ListedMarker) -> str:
    color = word_for(marker.color, marker.original_color, RESOLVE, "Blue")
    frames = max(1, marker.out_frames - marker.in_frames)
    note, name = _TAG.sub("¦", marker.note), _TAG.sub("¦", _one_line(marker.name))
    return f"{note} |C:{_PREFIX}{color} |M:{name} |D:{frames}"


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _losses(markers: Sequence[ListedMarker]) -> tuple[str, ...]:
    tagged = [m for m in markers if _TAG.search(m.name) or _TAG.search(m.note)]
    broken = [m for m in markers if _one_line(m.name) != m.name]
    return losses(
        (
            (tagged, "| before C:, M: or D: is written as ¦"),
            (broken, "its name is written on one line"),
            ([m for m in markers if m.track], "its track is not kept"),
            ([m for m in markers if m.settings], "its settings are not kept"),
        )
    )
