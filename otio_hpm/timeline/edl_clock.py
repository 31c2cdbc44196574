"""Timecode of an edit decision list, record and source."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from otio_hpm.timeline.edl_event import Event
from otio_hpm.timeline.edl_events import Block, EditList
from otio_hpm.timing import FRAME_RATES, may_drop, nominal, parse_timecode

_FASTEST_SOURCE = 60
"""Frames a second that source timecode counts; a higher number is damage."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Timecode of one list as frame numbers. All raise ValueError for what is no timecode."""

    name: str
    """The list's file name, for messages."""
    rate: Fraction
    drop_frame: bool
    """Whether record time counts drop-frame."""
    second_day: int = 0
    """Record timecode below this frame number is of the day after the list's first."""
    source_rates: Mapping[str, Fraction] = field(default_factory=dict)
    """Rates of the sources that count more frames than the list does, by `source_key`."""

    def record(self, text: str) -> int:
        found = self._frames(text, self.rate, self.drop_frame)
        return found + self.day if found < self.second_day else found

    def source(self, text: str, event: Event, block: Block) -> Fraction:
        """Source time in frames of the list, at the rate of its own source."""
        rate = self._source_rate(event, block)
        frames = self._frames(text, rate, self.source_drops(text, event, block))
        return frames * self.rate / rate

    def source_drops(self, text: str, event: Event, block: Block) -> bool:
        """Whether a source time counts drop-frame.

        It does as its own punctuation or the FCM line above it says, if it can.
        """
        rate = self._source_rate(event, block)
        if may_drop(rate) and (";" in text or event.drop_frame):
            with contextlib.suppress(ValueError):
                self._frames(text, rate, True)
                return True
        return False

    @property
    def day(self) -> int:
        """Frames of a day of record timecode."""
        return parse_timecode("24:00:00:00", self.rate, self.drop_frame)

    def _source_rate(self, event: Event, block: Block) -> Fraction:
        return self.source_rates.get(source_key(event, block), self.rate)

    def _frames(self, text: str, rate: Fraction, drop_frame: bool) -> int:
        if text.isdecimal():
            return int(text)
        try:
            return parse_timecode(text.replace(",", ":"), rate, drop_frame)
        except ValueError as error:
            raise ValueError(f"{error} (check --rate and --tc)") from error


def clock_of(events: EditList, name: str, rate: Fraction, *, drop_frame: bool) -> Clock:
    """The clock of a list that runs at a rate: with its sources' rates and its second day."""
    rates = dict(_source_rates(events, rate))
    clock = Clock(name=name, rate=rate, drop_frame=drop_frame, source_rates=rates)
    return replace(clock, second_day=_second_day(events, clock))


def source_key(event: Event, block: Block) -> str:
    """What is one source: a reel, or where that is an auxiliary source the clip's name."""
    if event.reel.upper() not in ("", "AX"):
        return event.reel
    return next(iter((block.notes.names | block.notes.files).values()), f"line {event.line}")


def _source_rates(events: EditList, rate: Fraction) -> Iterator[tuple[str, Fraction]]:
    """Sources with the lowest rate that has their frame numbers, where that is not the list's."""
    highest: dict[str, int] = {}
    for block in events.blocks:
        for event in block.events:
            key = source_key(event, block)
            highest[key] = max(event.last_source_frame, highest.get(key, 0))
    for key, last in highest.items():
        if nominal(rate) <= last < _FASTEST_SOURCE:
            yield key, _rate_above(last, is_ntsc=rate.denominator != 1 or nominal(rate) % 25 == 0)


def _rate_above(frame: int, *, is_ntsc: bool) -> Fraction:
    """The lowest rate that counts to a frame number; of those with one base the one wanted.

    Beside 25 frames per second, material of 30 is NTSC's.
    """
    fitting = [rate for rate in FRAME_RATES if nominal(rate) > frame]
    lowest = [rate for rate in fitting if nominal(rate) == nominal(fitting[0])]
    return min(lowest, key=lambda rate: (rate.denominator != 1) != is_ntsc)


def _second_day(events: EditList, clock: Clock) -> int:
    """The record frame below which a list that runs over midnight is in its second day; or 0.

    It does where an event that ends before it begins is as long as its source over midnight (or is
    retimed), and where events in order of time begin once more than half a day earlier.
    """
    half = clock.day // 2
    starts: list[int] = []
    for block in events.blocks:
        for event in block.events:
            with contextlib.suppress(ValueError):
                start, end = clock.record(event.record_in), clock.record(event.record_out)
                starts.append(start)
                length = end + clock.day - start
                shown = clock.source(event.source_out, event, block)
                shown -= clock.source(event.source_in, event, block)
                fits = abs(abs(shown) - length) < 1 or bool(block.notes.speeds)
                if end < start and length <= half and fits:
                    return start - half
    falls = [(one, two) for one, two in itertools.pairwise(starts) if two < one]
    if len(falls) == 1 and falls[0][0] - falls[0][1] > half and min(starts) == falls[0][1]:
        return falls[0][0] - half
    return 0
