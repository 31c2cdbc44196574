"""Media of a timeline: where a reference's file is, and what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """What a probe found in a file, a still, or a numbered image sequence."""

    path: Path
    """The file; of a sequence its first image."""
    kind: Literal["movie", "sequence", "still", "audio"]
    files: tuple[Path, ...] = ()
    """The images of a sequence in order (holes already settled by the reference's missing-frame policy)."""
    rate: Fraction | None = None
    """Average frame rate of its picture; a sequence's from its reference; None for stills and audio."""
    start_s: Fraction | None = None
    """Its own start timecode as seconds of its own rate (frame number / rate); None if it has none."""
    start_timecode: str | None = None
    """That timecode as written in the file (`;` for drop-frame)."""
    duration_s: Fraction | None = None
    """Length of its picture (of its sound, for audio); None for stills."""
    width: int = 0
    height: int = 0
    rotation: int = 0
    """Degrees clockwise by which a player turns the picture: 0, 90, 180 or 270."""
    has_audio: bool = False
