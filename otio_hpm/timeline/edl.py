"""Reading an edit decision list (CMX 3600), which does not state its rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.marker_edl import is_resolve_edl
from otio_hpm.settings import Settings
from otio_hpm.timeline.edl_clips import clip_of, keep_counting
from otio_hpm.timeline.edl_clock import clock_of
from otio_hpm.timeline.edl_events import EditList, read_events
from otio_hpm.timeline.edl_layout import Layout
from otio_hpm.timeline.rates import media_rates, refuse_rate, wanted_rate
from otio_hpm.timeline.record_timecode import Counting
from otio_hpm.timing import format_rate, may_drop, nominal

_MAX_WARNINGS = 50


@dataclass(frozen=True, kw_only=True)
class EdlTimeline:
    """A list as read."""

    timeline: Any
    rate: tuple[Fraction, str]
    counting: Counting
    warnings: tuple[str, ...]


def read_edl(text: str, path: Path, settings: Settings) -> EdlTimeline:
    """The timeline in the text of an EDL at `path`.

    What cannot be read is in its warnings, with line numbers. Raises TimelineError where no event
    can be read, and where the rate is not known or contradicted by the list.
    """
    events = read_events(text, path.name)
    rate = _find_rate(events, path, settings)
    counting = _counting(events, rate[0], path, settings)
    layout = Layout(events, clock_of(events, path.name, rate[0], drop_frame=counting.drop_frame))
    timeline = layout.timeline()
    if may_drop(rate[0]) and not counting.assumed:
        keep_counting(timeline, counting.drop_frame)
    return EdlTimeline(
        timeline=timeline,
        rate=rate,
        counting=counting,
        warnings=_warnings([*_suspicions(text), *events.warnings, *layout.warnings]),
    )


def _suspicions(text: str) -> list[str]:
    """What to say of a list that is one of markers, whose events are a frame each."""
    if not is_resolve_edl(text.splitlines()):
        return []
    return ["this looks like Resolve's markers: give it with --markers to the timeline of them"]


def _warnings(said: list[str]) -> tuple[str, ...]:
    """As many as anyone reads."""
    more = len(said) - _MAX_WARNINGS
    return (*said[:_MAX_WARNINGS], *([f"and {more} more lines are not understood"] * (more > 0)))


def _find_rate(events: EditList, path: Path, settings: Settings) -> tuple[Fraction, str]:
    """The rate asked for, else that of agreeing media, if frame numbers allow it."""
    if wanted := wanted_rate(settings):
        _check_rate(events, wanted[0], path)
        return wanted
    possible = events.possible_rates()
    clips = (clip_of(event, block) for block in events.blocks for event in block.events)
    found = media_rates(clips, path, settings)
    counted = [rate for rate in possible if events.last_frame_number < nominal(rate)]
    if len(found) == 1 and found <= set(counted):
        return found.pop(), "the media, which agree"
    reason = "an edit decision list does not state it"
    if found:
        speeds = ", ".join(map(format_rate, sorted(found)))
        reason = f"its media run at {speeds}, its last frame number is {events.last_frame_number}"
    raise refuse_rate(path, possible, reason)


def _check_rate(events: EditList, rate: Fraction, path: Path) -> None:
    """Refuse a rate that several events contradict; one alone is a damaged line."""
    late = events.later_than(rate)
    if len(late) > 1:
        raise TimelineError(
            f"{path.name} does not run at {format_rate(rate)}: the frame numbers of {len(late)}"
            f" events go beyond it, first in line {late[0].line}",
            hint="give the list's own rate with --rate",
        )


def _counting(events: EditList, rate: Fraction, path: Path, settings: Settings) -> Counting:
    """Whether record time counts drop-frame, and why."""
    if settings.spotting.tc:
        wanted = settings.spotting.tc == "df" and may_drop(rate)
        return Counting(drop_frame=wanted, source="the timecode setting")
    if events.drop_frame and not may_drop(rate):
        raise TimelineError(
            f"{path.name} counts drop-frame, which there is not at {format_rate(rate)}",
            hint="give --rate 29.97 or 59.94, or --tc ndf",
        )
    if line := events.skipped_number(rate):
        source = f"record timecode in line {line}, which drop-frame does not have"
        return Counting(drop_frame=False, source=source)
    if events.drop_frame is None:
        source = "assumed: the list does not say how it counts"
        return Counting(drop_frame=False, source=source, assumed=True)
    return Counting(drop_frame=events.drop_frame, source="the list's FCM line or timecode")
