"""Clips of sound in a folder, paired by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from otio_hpm.errors import MediaError

Sound = NDArray[np.float32]

STYLE = ".style"
"""What the name of a clip ends in that is a style, not a reference."""
_SHORTEST_S = 1
"""Networks and seconds with onsets need as much."""
_KINDS = frozenset((".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff"))


def clip_files(folder: Path) -> dict[str, Path]:
    """Audio files of a folder by their names without ending, in the order of names.

    Raises MediaError for a folder that cannot be read, and for two files of one name.
    """
    found: dict[str, Path] = {}
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _KINDS and p.is_file())
    except OSError as error:
        raise MediaError(f"{folder} cannot be read: {error.strerror or error}") from error
    for path in files:
        if path.stem in found:
            raise MediaError(
                f"{found[path.stem]} and {path.name} have the same name",
                hint="Clips are paired by their names without ending; keep one of the two.",
            )
        found[path.stem] = path
    return found


def read_clip(path: Path, sample_rate: int) -> Sound:
    """A clip as mono at `sample_rate`, channels averaged. -> (samples,)

    Raises MediaError for a file that is no sound, shorter than a second, or holds values that are
    no numbers.
    """
    try:
        sound, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise MediaError(f"{path} cannot be read as audio: {error}") from error
    mono = sound.mean(axis=1)
    if len(mono) < rate * _SHORTEST_S or not np.isfinite(mono).all():
        raise MediaError(f"{path} is shorter than a second, or holds values that are no numbers")
    return np.asarray(soxr.resample(mono, rate, sample_rate), np.float32)
