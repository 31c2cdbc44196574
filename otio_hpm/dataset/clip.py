"""What a dataset tells of each clip, and how it is spelled in JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Literal, get_args

from otio_hpm.timing import SAMPLE_RATE

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

FPS: Final = 10
"""Frames of picture per second that models see (paper section 4.1)."""
STORED_FPS: Final = 30
"""Frames per second that are kept: the published emotion encoder looks at so many."""
INTERVAL_S = 10
"""Length of a clip's own stretch (paper appendix B.1)."""
INTERVAL_SAMPLES = INTERVAL_S * SAMPLE_RATE
INTERVAL_FRAMES = INTERVAL_S * STORED_FPS
WINDOW_SAMPLES = 491_520
"""The longest clip: a model's window of 10.24 s."""
WINDOW_FRAMES = 308
"""Frames that begin within it, at 30 a second."""
SEEN_FRAMES = 103
"""The same at 10 a second."""
SHORT_SIDE = 240
"""Of stored pictures, in pixels; the height at which that encoder's frames were taken."""

_LONGEST_TEXT = 1000
_MOST_GENRES = 100


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of the film and its score; empty text where a thing is not known."""

    film: str
    """Its title: films are told apart by it, and split by it."""
    composer: str = ""
    title: str = ""
    """Of the piece of music."""
    genres: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file inside a shard."""

    offset: int
    """Byte of the shard at which its content begins."""
    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ClipEntry:
    """One clip of the index."""

    number: int
    """Among all clips that were looked at, kept or dropped."""
    split: Split
    facts: Facts
    source: str
    """Name of the file or timeline that it is from."""
    start_s: Fraction
    """Where it begins there, in seconds."""
    samples: int
    """At 48 kHz: 480 000 to 491 520."""
    frames: int
    """At 30 a second: 300 to 308."""
    likeness: str
    """Fingerprint of picture and sound, hexadecimal."""
    shard: str
    """File name of its shard."""
    members: dict[str, Member]
    """By ending: json, flac, mp4."""

    @property
    def key(self) -> str:
        """Its name inside the shard."""
        return key_of(self.number)

    @property
    def end(self) -> int:
        """Byte of the shard after its last block."""
        last = max(self.members.values(), key=lambda member: member.offset)
        return last.offset + last.size + -last.size % 512


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """One clip, or what is left of a segment, that was looked at and not kept."""

    number: int
    reason: str
    """`short`, `rest`, `silence`, `duplicate` or `unreadable`."""
    detail: str
    """The same in words; for a duplicate, of which clip."""
    film: str
    source: str
    start_s: Fraction
    duration_s: Fraction


def key_of(number: int) -> str:
    """The name of a clip inside its shard."""
    return f"{number:09d}"


def to_json(entry: ClipEntry | Dropped) -> dict[str, Any]:
    """Plain JSON values of a line of the index."""
    values = asdict(entry)
    return {k: str(v) if isinstance(v, Fraction) else v for k, v in values.items()}


def from_json(values: Any) -> ClipEntry | Dropped:
    """The line that `to_json` made; raises ValueError, KeyError or TypeError for any other."""
    values = dict(values)
    if "reason" in values:
        start_s, duration_s = (Fraction(values.pop(name)) for name in ("start_s", "duration_s"))
        return Dropped(**_texts(values), start_s=start_s, duration_s=duration_s)
    if values["split"] not in SPLITS:
        raise ValueError(f"split {values['split']!r}")
    return ClipEntry(
        facts=facts_from_json(values.pop("facts")),
        start_s=Fraction(values.pop("start_s")),
        members={ending: Member(**_numbers(m)) for ending, m in values.pop("members").items()},
        **_numbers(values),
    )


def facts_from_json(values: Any) -> Facts:
    """Facts as they were spelled; raises ValueError, KeyError or TypeError."""
    values = dict(values)
    genres = values.pop("genres")
    if not isinstance(genres, list) or len(genres) > _MOST_GENRES:
        raise ValueError("genres are no list, or too long")
    return Facts(**_texts(values), genres=tuple(map(str, genres)))


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    """Values whose texts are texts, and not beyond all measure."""
    for name, value in values.items():
        if name != "number" and (not isinstance(value, str) or len(value) > _LONGEST_TEXT):
            raise ValueError(f"{name} is no text, or too long")
    return _numbers(values)


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Values whose numbers are whole and not negative."""
    for name in ("number", "samples", "frames", "offset", "size"):
        value = values.get(name, 0)
        if type(value) is not int or value < 0:
            raise ValueError(f"{name} is {value!r}")
    return values
