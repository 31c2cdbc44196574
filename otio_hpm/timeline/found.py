"""A file of media, and the rule that found it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

Rule = Literal[
    "",
    "path map",
    "file name",
    "file name and timecode",
    "reel and timecode",
    "clip name",
    "reel name",
    "numbered image",
]
"""How a file was found; empty where it is simply where the timeline says. The last is a sequence of
which the timeline names an image."""


@dataclass(frozen=True, kw_only=True)
class FoundImages:
    """An image sequence that was found by what its first image says, or by one of its images."""

    files: tuple[Path, ...]
    """Its images in order."""
    rate: Fraction
    """Images per second."""
    timecode: str | None
    """Of the first, as written; None where that was not followed."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file, and how it was found."""

    path: Path
    """Of an image sequence its first image that is there."""
    rule: Rule = ""
    start_s: Fraction | None = None
    """Source time of its first frame or sample, where it was found by that."""
    images: FoundImages | None = None
    """The sequence, where that was found and the timeline does not name it."""
    missing: tuple[range, ...] = ()
    """Numbers of the images without which a clip cannot play the sequence of this one."""
