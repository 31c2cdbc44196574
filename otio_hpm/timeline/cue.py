"""What spotting finds: marks, and the cues made of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from otio_hpm.settings import Style
from otio_hpm.timeline.found import Rule


@dataclass(frozen=True, kw_only=True)
class MaestroReference:
    """Reference music of a cue: a file, or the part of a file that an audio clip plays."""

    path: Path
    """A local audio file."""
    start_s: Fraction = Fraction(0)
    """Where in the file the reference begins, in seconds of the file."""
    duration_s: Fraction | None = None
    """How much of it is meant; None is to its end."""
    found_by: Rule = ""
    """The rule by which the file of an audio clip was found; empty where it is simply there."""


@dataclass(frozen=True, kw_only=True)
class CueOptions:
    """A cue's own settings after marks and run settings are merged."""

    style: Style
    strength: Fraction
    seed: int | None
    """A seed given by the mark; None derives it from the run's seed and the cue's number."""
    loudness_lufs: Fraction
    gain_db: Fraction
    fade_in_s: Fraction
    fade_out_s: Fraction
    handles_s: Fraction


@dataclass(frozen=True, kw_only=True)
class LevelPoint:
    """A moment's level as an editor has drawn it."""

    at_s: Fraction
    """Seconds from the cue's in."""
    level_db: Fraction
    """dB against the cue's own mean."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A marker that asks for music."""

    locator: tuple[str | int, ...]
    """Way to the marker in the OTIO tree, as `("tracks", 0, 3, "markers", 0)`: the timeline's
    stack, its child 0, that child's child 3, its marker 0; `("markers", 0)` is the timeline's own.
    """
    text: str
    """What the editor wrote, whole."""
    owner: str
    """Kind and name of what the marker is on, as `clip 'sc12_004'`."""
    record_frames: int
    """Where it stands, in frames from the timeline's first frame."""
    timecode: str
    """The same as record timecode."""
    settings: dict[str, str]
    """The key=value settings, as written."""
    note: str
    """Words that are not settings."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One clip's visible part under a cue; what a cue links back to."""

    name: str
    track: str
    """Name of its track, or `V1`, `A2` by position where it has none."""
    locator: tuple[str | int, ...]
    """Way to the clip in the OTIO tree, as in `Mark.locator`."""
    start_frames: int
    """First record frame."""
    end_frames: int
    """One past the last record frame."""


@dataclass(frozen=True, kw_only=True)
class Cue:
    """One piece of music for one stretch of picture."""

    number: str
    """As 1m1: reel 1, first cue; or what `cue=` said."""
    reel: str
    """Reel label for file names, ASCII, as `R1`."""
    start_frames: int
    """In, in record frames from the timeline's first frame."""
    end_frames: int
    """Out, exclusive."""
    options: CueOptions
    marks: tuple[Mark, ...]
    shots: tuple[Shot, ...]
    """The marked shots and all others under the cue, in record order."""
    maestro: MaestroReference | None
    sketch: Path | None = None
    """A sketch that a composer gave, a JSON or MIDI file."""
    lora: Path | None = None
    """A house style: folder of an adapter of the S-Control branch."""
    note: str
    hits_frames: tuple[int, ...] = ()
    """Hit points: record frames inside the cue that the music should meet, in order."""
    levels: tuple[LevelPoint, ...] = ()
    """Dynamics drawn by the editor, in order; at most one point at a moment."""
    lane: int = 0
    """0, or the number of the further track it goes to because cues overlap."""


@dataclass(frozen=True, kw_only=True)
class IgnoredMark:
    """A mark that makes no cue, or a hit point or level that is in none, and why."""

    text: str
    owner: str
    timecode: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CueSheet:
    """All that spotting found on a timeline."""

    cues: tuple[Cue, ...]
    """In record order."""
    ignored: tuple[IgnoredMark, ...]
    warnings: tuple[str, ...]
