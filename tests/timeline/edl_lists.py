"""Edit decision lists as text, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk


def asked(rate: float | Fraction | None = 24, **spotting: Any) -> Settings:
    exact = None if rate is None else Fraction(rate)
    return Settings().with_changes({"spotting": {"rate": exact, **spotting}})


def read(folder: Path, text: str, rate: float | Fraction | None = 24, **spotting: Any) -> Cut:
    path = folder / "list.edl"
    path.write_text(text, "utf-8")
    return read_cut(path, asked(rate, **spotting))


def refused(folder: Path, text: str, rate: float | Fraction | None = 24, **spotting: Any) -> str:
    with pytest.raises(TimelineError) as error:
        read(folder, text, rate, **spotting)
    assert "list.edl" in error.value.message
    return f"{error.value.message} | {error.value.hint}"


def clips(cut: Cut) -> dict[str, tuple[str, str, str]]:
    """Track, record in and record out of each clip, by name."""
    return {
        place.item.name: (
            place.track,
            cut.timecode(place.start_frames),
            cut.timecode(place.end_frames),
        )
        for place in walk(cut)
        if place.is_clip
    }


def markers(cut: Cut) -> Iterator[tuple[str, str]]:
    """Record timecode and name of each marker, through its owner's own time."""
    for place in walk(cut):
        for marker in place.item.markers:
            reach = marker.marked_range
            start, _ = place.extent(seconds(reach.start_time), seconds(reach.duration))
            yield cut.timecode(round(start)), marker.name


def event(number: int, record: str, reel: str = "AX", channel: str = "V", edit: str = "C") -> str:
    return f"{number:03d}  {reel} {channel} {edit} 01:00:00:00 01:00:01:00 {record}\n"


ONE = event(1, "10:00:00:00 10:00:01:00")
TWO = event(2, "10:00:02:00 10:00:03:00", reel="B")
