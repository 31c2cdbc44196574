"""What the parts of one writing share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcpxml.writing_clock import Clock
from otio_hpm.interchange.fcpxml.writing_kept import Keeper, conform_kept, facts, texts
from otio_hpm.interchange.fcpxml.writing_model import Version
from otio_hpm.interchange.fcpxml.writing_resources import Resources
from otio_hpm.interchange.fcpxml.writing_times import Grid
from otio_hpm.interchange.losses import Losses


@dataclass(frozen=True, kw_only=True)
class Job:
    """One writing: how it is wanted, and what it has gathered so far."""

    delivery: Delivery
    version: Version
    grid: Grid
    size: tuple[str, str]
    """Width and height of the picture, as attributes."""
    sequence_format: str
    """Id of the format of the sequences."""
    resources: Resources
    keeper: Keeper
    firsts: Mapping[str, Any]
    """Of each element of a file that became several items the first, by their link.

    It alone keeps what was said of the whole element.
    """
    losses: Losses

    def conforms(self, clip: Any) -> str:
        """What `conform_kept` says of a clip, or of the picture that a sound belonged to."""
        return conform_kept(self.first_of(clip))

    def first_of(self, item: Any) -> Any:
        """The item that keeps what was said of the element that this one was part of."""
        return self.firsts.get(texts(facts(item)).get("link") or "", item)


@dataclass(frozen=True, kw_only=True)
class Host:
    """An element of the story, and where it is."""

    element: Any
    start_s: Fraction
    """From the sequence's first frame."""
    end_s: Fraction
    clock: Clock

    def local(self, record_s: Fraction) -> Fraction:
        """Its own time at a record time."""
        return self.clock.of_record(record_s - self.start_s)
