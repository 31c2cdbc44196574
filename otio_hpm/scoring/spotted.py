"""What a dry run shows: what would be scored, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from otio_hpm.scoring.source import Source
from otio_hpm.settings import ModelSettings, Style
from otio_hpm.timeline.cue import IgnoredMark, LevelPoint
from otio_hpm.timeline.found import Rule

MediaState = Literal["found", "missing", "unreadable", "none"]
"""`none` is a clip that has no media by its nature, as a title."""


@dataclass(frozen=True, kw_only=True)
class SpottedShot:
    """A shot under a cue, and its media."""

    name: str
    track: str
    timecode_in: str
    timecode_out: str
    media: MediaState
    path: Path | None
    """The file, or the first image of a sequence."""
    found_by: Rule
    """The rule by which it was found; empty where it is simply there."""
    problem: str
    """What is wrong with the media; empty where nothing is."""


@dataclass(frozen=True, kw_only=True)
class SpottedCue:
    """A cue as spotting found it."""

    number: str
    timecode_in: str
    timecode_out: str
    duration_s: Fraction
    marks: tuple[str, ...]
    """What the editor wrote."""
    note: str
    shots: tuple[SpottedShot, ...]
    offsets: tuple[str, ...]
    """How the file offset of each media used was found, in words."""
    looked_through: tuple[str, ...]
    """What lies above the picture and is not picture."""
    maestro: Path | None
    maestro_found_by: Rule
    """The rule by which its file was found; empty where it is simply there."""
    sketch: Path | None
    """A sketch that was given."""
    lora: Path | None
    """Folder of the adapter that a house style is in."""
    follows: Source
    """What decides melody and dynamics: a maestro cue, a sketch given, one composed to the
    picture, or nothing."""
    style: Style
    strength: Fraction
    hits: tuple[str, ...]
    """Record timecodes of its hit points."""
    levels: tuple[LevelPoint, ...]
    """Its dynamics as drawn."""
    windows: int
    """Windows of the model that it takes."""
    lane: int
    problems: tuple[str, ...]
    """What would stop it from being scored."""


@dataclass(frozen=True, kw_only=True)
class Spotting:
    """All that a dry run shows."""

    timeline: Path
    dialect: str
    rate: Fraction
    rate_source: str
    start_timecode: str
    end_timecode: str
    drop_frame: bool
    drop_frame_source: str
    picture: str | None
    """The movie of `--picture`, in which all shots are seen: none needs media of its own."""
    cues: tuple[SpottedCue, ...]
    ignored: tuple[IgnoredMark, ...]
    marker_lists: tuple[str, ...]
    """What was merged from each list of markers, in words."""
    model: ModelSettings
    """What would render it, and how."""
    licence: str
    """SPDX expression of the licence of its weights."""
    saved: Path | None = None
    """The file of markers that the spotting was saved in."""
    warnings: tuple[str, ...]
    windows: int
    """Windows of all cues."""
    estimated_s: int
    """Estimated rendering time on two CPU cores, from the model's measured cost of a window."""
