"""What passes between a format and the rest: timelines as read, and files as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

Paths = Literal["absolute", "relative"]
"""How a written file names its media."""


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """One sequence of a file, as OTIO."""

    timeline: Any
    """`opentimelineio.schema.Timeline`; global_start_time is the first record timecode."""
    rate: tuple[Fraction, str] | None
    """Frames per second and where that is said, in words; None where the file does not say."""
    drop_frame: tuple[bool, str] | None
    """Whether record timecode counts drop-frame, and where that is said."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A file as read."""

    sequences: tuple[Sequence, ...]
    """In the file's order; never empty."""
    dialect: str
    """The system that wrote it: resolve, premiere, finalcut, avid, kdenlive, edl or plain."""
    warnings: tuple[str, ...] = ()
    """What was not understood and so is not there, a sentence each, naming line or element."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How a timeline is to be written."""

    path: Path
    """The file that will be written; media paths may be relative to its folder."""
    rate: Fraction
    """Frames per second of record time."""
    start_frames: int
    """Record timecode of the first frame, as a frame number."""
    drop_frame: bool
    paths: Paths = "absolute"
    version: str = ""
    """Version of the format; "" for the writer's default."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file's content, ready to be written, and what it could not carry."""

    data: bytes
    losses: tuple[str, ...] = field(default=())
    """A sentence for each kind of thing that the format could not carry, naming where it was."""
