"""Takes on disk: what the sidecar beside an audio file tells of it, on any timeline's clock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.timeline.exact import nearest
from otio_hpm.timing import SAMPLE_RATE, stated

_NAME = re.compile(r"(?P<stem>[\w.-]+_t)(?P<take>\d{2,})(?:\.wav)?", re.I | re.ASCII)
_SCHEMA = 1
_LARGEST = 16 << 20
"""Bytes of the largest sidecar that is read."""
_LONGEST_S = 200 * 3600


@dataclass(frozen=True, kw_only=True)
class TakeFile:
    """One take, as its sidecar tells of it. Record timecode is in seconds, exact to the sample."""

    wav: Path
    cue: str
    """The cue's number."""
    take: int
    fingerprint: str
    sha256: str
    media_start_s: Fraction
    """Record timecode of the file's first sample."""
    media_length_s: Fraction
    in_s: Fraction
    """Record timecode of the cue's in."""
    length_s: Fraction
    """Of the cue, without its handles."""
    fade_in_s: Fraction
    fade_out_s: Fraction
    baked: bool
    """The fades are in the audio."""
    shots: tuple[dict[str, Any], ...]
    marks: tuple[dict[str, Any], ...]

    def frame(self, moment_s: Fraction, rate: Fraction) -> int:
        """The frame of a moment of record timecode."""
        return nearest(moment_s * rate)

    @property
    def takes(self) -> list[str]:
        """File names of the cue's takes up to this one that lie beside it, oldest first."""
        number = take_number(self.wav.name)
        beside = (path.name for path in self.wav.parent.glob("*.[wW][aA][vV]"))
        numbered = {take_number(name): name for name in beside if _same_cue(name, self.wav.name)}
        return [name for take, name in sorted(numbered.items()) if take <= number]


def take_number(name: str) -> int:
    """The number in a take's file name; 0 where it is no such name.

    >>> take_number("R1_1m1_t02.wav"), take_number("theme.wav")
    (2, 0)
    """
    match = _NAME.fullmatch(name)
    return int(match["take"]) if match else 0


def read_take(wav: Path) -> TakeFile | None:
    """The take that an audio file is; None where no sidecar of ours is beside it."""
    try:
        sidecar = wav.with_suffix(".json")
        if not (take_number(wav.name) and wav.is_file() and sidecar.stat().st_size <= _LARGEST):
            return None
        return _take(wav, json.loads(sidecar.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        return None  # no sidecar, or one that is not ours: not a take


def takes_in_folders(name: str, *folders: Path) -> Iterator[TakeFile]:
    """Takes of a file name, with or without suffix, in folders and the audio folders in them."""
    wanted = name if name.lower().endswith(".wav") else f"{name}.wav"
    places = (place for folder in folders for place in (folder, *sorted(folder.glob("*_audio"))))
    for place in places:
        for wav in sorted(place.glob("*.[wW][aA][vV]")) if place.is_dir() else ():
            if wav.name.casefold() == wanted.casefold() and (take := read_take(wav)):
                yield take


def _take(wav: Path, told: Any) -> TakeFile | None:
    """The take that a sidecar tells of."""
    audio, cue = told["audio"], told["cue"]
    ours = told["schema"] == _SCHEMA and "otio_hpm" in told
    if not ours or str(audio["file"]).casefold() != wav.name.casefold():
        return None
    rate = _stated(told["timeline"]["rate"])
    start_s = Fraction(audio["time_reference_samples"], SAMPLE_RATE)
    length_s = (cue["end_frames"] - cue["start_frames"]) / rate
    if not (rate > 0 and 0 < length_s <= _LONGEST_S and 0 <= start_s <= _LONGEST_S):
        return None
    fade_in_s = min(_stated(cue["options"]["fade_in_s"]), length_s)
    return TakeFile(
        wav=wav,
        cue=str(cue["number"]),
        take=int(audio["take"]),
        fingerprint=str(told["fingerprint"]),
        sha256=str(audio["sha256"]),
        media_start_s=start_s,
        media_length_s=Fraction(audio["samples"], SAMPLE_RATE),
        in_s=start_s + Fraction(audio["head_handle_samples"], SAMPLE_RATE),
        length_s=length_s,
        fade_in_s=fade_in_s,
        fade_out_s=min(_stated(cue["options"]["fade_out_s"]), length_s - fade_in_s),
        baked=told["settings"]["music"]["bake_fades"] is True,
        shots=tuple(_parts(told["shots"], "name", "track", "locator")),
        marks=tuple(_parts(told["marks"], "text", "timecode", "locator")),
    )


def _stated(value: Any) -> Fraction:
    """A number of a sidecar, which writes it as text. Raises ValueError."""
    if (found := stated(str(value))) is None:
        raise ValueError(value)
    return found


def _parts(items: Any, *keys: str) -> Iterator[dict[str, Any]]:
    for item in items:
        yield {key: item[key] for key in keys}


def _same_cue(one: str, other: str) -> bool:
    """Whether two file names are those of takes of one cue."""
    first, second = _NAME.fullmatch(one), _NAME.fullmatch(other)
    return bool(first and second and first["stem"].casefold() == second["stem"].casefold())
