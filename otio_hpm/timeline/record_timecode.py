"""Record timecode: where a timeline starts, and whether it counts drop-frame."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.errors import SettingsError, TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.exact import exact_rate, frames, nearest
from otio_hpm.timing import format_rate, format_timecode, may_drop, nominal

_LATEST_S = 100 * 3600
"""Timecode has two digits for the hour."""


@dataclass(frozen=True, kw_only=True)
class Counting:
    """How record timecode counts."""

    drop_frame: bool
    source: str
    """Where that was found, in words for the user."""
    assumed: bool = False
    """Whether it was found nowhere."""


def start_frames(timeline: Any, rate: Fraction) -> int:
    """Frame number of the first frame's timecode; 0 where the timeline has none.

    A start whose rate has the same counting base (24 for 23.976) names the same timecode. Raises
    TimelineError for one that is no timecode: a Broadcast WAV counts up from midnight.
    """
    start = timeline.global_start_time
    if start is None:
        return 0
    alike = nominal(exact_rate(start.rate)) == nominal(rate)
    first = nearest(Fraction(start.value)) if alike else frames(start, rate)
    if not 0 <= first / rate < _LATEST_S:
        raise TimelineError(
            f"timeline {timeline.name!r} starts at {float(first / rate):g} s, which is no timecode",
            hint="Give it a start timecode from 00:00:00:00 on in the editing system.",
        )
    return first


def counts_drop_frame(
    start: int, rate: Fraction, settings: Settings, stated: Counting | None
) -> Counting:
    """Whether timecode is drop-frame, and why.

    Asked for, else stated by the file, else whichever makes the start a whole second; where both
    or neither do, non-drop-frame. Raises SettingsError for drop-frame at a rate without it.
    """
    wanted = settings.spotting.tc
    if wanted == "df" and not may_drop(rate):
        raise SettingsError(
            f"there is no drop-frame timecode at {format_rate(rate)} frames per second",
            hint="drop-frame exists at 29.97 and 59.94",
        )
    if not may_drop(rate):
        return Counting(drop_frame=False, source="the only counting at this rate")
    if wanted:
        return Counting(drop_frame=wanted == "df", source="the timecode setting")
    return stated or _by_start(start, rate)


def _by_start(start: int, rate: Fraction) -> Counting:
    """The counting in which the start is a whole second."""
    whole = {drop: format_timecode(start, rate, drop).endswith("00") for drop in (False, True)}
    if whole[True] != whole[False]:
        name = "drop-frame" if whole[True] else "non-drop-frame"
        source = f"the start is a whole second in {name}"
        return Counting(drop_frame=whole[True], source=source)
    either = "both countings" if whole[True] else "neither counting"
    source = f"assumed: the start is a whole second in {either}"
    return Counting(drop_frame=False, source=source, assumed=True)
