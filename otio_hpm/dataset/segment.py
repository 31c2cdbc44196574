"""Stretches of films with their score, and how they are cut into clips (paper appendix B.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from otio_hpm.dataset.clip import INTERVAL_S, STORED_FPS, WINDOW_FRAMES, WINDOW_SAMPLES, Facts
from otio_hpm.timeline.picture import Picture
from otio_hpm.timing import SAMPLE_RATE


@dataclass(frozen=True, kw_only=True)
class SoundPart:
    """A stretch of a file's sound, at its own speed, under a segment."""

    path: Path
    start_s: Fraction
    """Seconds into the file, counted from its first picture, or first sound where it has none."""
    at_s: Fraction = Fraction(0)
    """Seconds into the segment at which it begins."""
    duration_s: Fraction


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a film with score."""

    facts: Facts
    source: str
    """Name of the film's file or timeline."""
    where: str
    """What asked for it, for messages: a list and its row, a marker."""
    start_s: Fraction
    """Where it begins in the source."""
    duration_s: Fraction
    picture: Picture
    """What is seen, from record frame `first_frame` on."""
    first_frame: int
    rate: Fraction
    """Of the record frames."""
    sound: tuple[SoundPart, ...]
    """What is heard, all of it together."""

    @property
    def clips(self) -> int:
        """Intervals of 10 s that it holds whole."""
        return int(self.duration_s // INTERVAL_S)

    @property
    def rest_s(self) -> Fraction:
        """What is left after them."""
        return self.duration_s - self.clips * INTERVAL_S


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """One clip of a segment."""

    segment: Segment
    index: int

    @property
    def at_s(self) -> Fraction:
        """Seconds into the segment."""
        return Fraction(self.index * INTERVAL_S)

    @property
    def samples(self) -> int:
        """Of sound at 48 kHz: a window, or what the segment still holds."""
        left_s = self.segment.duration_s - self.at_s
        return min(WINDOW_SAMPLES, int(left_s * SAMPLE_RATE))

    @property
    def frames(self) -> int:
        """Of picture: all that begin before the sound ends."""
        return min(WINDOW_FRAMES, -(-self.samples * STORED_FPS // SAMPLE_RATE))

    @property
    def film_frames(self) -> range:
        """The frames, at 30 a second, counted from the segment's first."""
        first = self.index * INTERVAL_S * STORED_FPS
        return range(first, first + self.frames)


def cut(segment: Segment) -> Iterator[Cutting]:
    """The clips of a segment, side by side; none of one under 10 s."""
    return (Cutting(segment=segment, index=index) for index in range(segment.clips))
