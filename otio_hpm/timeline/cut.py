"""A timeline as it was read: the OTIO object and everything exact about its clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.timing import format_timecode


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One edited timeline. All frame numbers count from its first frame unless said otherwise."""

    timeline: Any
    """The `opentimelineio.schema.Timeline`; never changed (writing works on a copy)."""
    path: Path
    """The file it was read from."""
    rate: Fraction
    """Frames per second."""
    rate_source: str
    """Where the rate was found, in words for the user."""
    start_frames: int
    """Record timecode of the first frame, as a frame number."""
    drop_frame: bool
    """Whether record timecode counts drop-frame."""
    drop_frame_source: str
    """Where that was found, in words."""
    dialect: str
    """The system that wrote it: resolve, premiere, kdenlive, avid, edl or plain."""
    schema_versions: dict[str, int] = field(default_factory=dict)
    """Schema versions of the input file, so that it can be written back alike."""
    duration_frames: int
    """Length of the longest track."""
    marker_lists: tuple[str, ...] = ()
    """What was merged from each list of markers, in words."""
    warnings: tuple[str, ...] = ()
    """What the user should know of the reading."""
    unpacked: Path | None = None
    """The folder that its file was unpacked into, where that is an archive."""
    bundled: Path | None = None
    """The folder of the media in its file, where that is a bundle."""

    @property
    def folder(self) -> Path:
        """Where its relative media paths begin."""
        return self.unpacked or self.path.absolute().parent

    def timecode(self, frames: int) -> str:
        """Record timecode of a frame counted from the first."""
        return format_timecode(frames + self.start_frames, self.rate, self.drop_frame)
