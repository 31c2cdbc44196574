"""Timecode of an edit decision list, record and source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.timeline.edl_events import Event
from otio_hpm.timing import may_drop, parse_timecode


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Timecode of one list as frame numbers. All raise ValueError for what is no timecode."""

    name: str
    """The list's file name, for messages."""
    rate: Fraction
    drop_frame: bool
    """Whether record time counts drop-frame."""

    def record(self, text: str) -> int:
        return self._frames(text, self.drop_frame)

    def source(self, text: str, event: Event) -> int:
        """Source time counts as its own punctuation or the FCM line above it says."""
        return self._frames(text, (";" in text or bool(event.drop_frame)) and may_drop(self.rate))

    def _frames(self, text: str, drop_frame: bool) -> int:
        if text.isdecimal():
            return int(text)
        try:
            return parse_timecode(text.replace(",", ":"), self.rate, drop_frame)
        except ValueError as error:
            raise ValueError(f"{error} (check --rate and --tc)") from error
