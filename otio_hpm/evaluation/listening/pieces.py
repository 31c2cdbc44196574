"""The pieces of a listening test: clips of several systems, made alike but for their music."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from otio_hpm.errors import DatasetError, MediaError, SettingsError
from otio_hpm.evaluation.degradations import low_passed
from otio_hpm.evaluation.listening.key import ANCHOR, REFERENCE
from otio_hpm.music.loudness import SilenceError, gain_to
from otio_hpm.timing import SAMPLE_RATE

SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")
PICTURES = (".mp4", ".m4v", ".webm")
"""What browsers play."""
LOUDNESS_LUFS = -23.0
"""EBU R 128: what is louder is thought better, so all are alike."""
_LONGEST_S = 60
_FADE_SAMPLES = SAMPLE_RATE // 50
_UNLIKE_SAMPLES = SAMPLE_RATE // 20

Sound = NDArray[np.float32]
"""(2, samples) at 48 kHz"""


@dataclass(frozen=True, kw_only=True)
class Clips:
    """The clips that all systems have."""

    files: Mapping[str, Mapping[str, Path]]
    """A file by clip and system, the hidden reference among them."""
    pictures: Mapping[str, Path]
    """A movie by clip; empty where no picture is shown."""
    warnings: tuple[str, ...]
    """What is left out, and why."""


def find_clips(
    reference: Path, systems: Mapping[str, Path], pictures: Path | None = None,
    most: int | None = None, seed: int = 0,
) -> Clips:  # fmt: skip
    """Files of the same name but for their ending are of one clip; at most `most`, drawn by seed.

    Raises DatasetError where no clip is in all folders, and SettingsError for the names of the
    hidden reference and the anchor.
    """
    if taken := systems.keys() & {REFERENCE, ANCHOR}:
        raise SettingsError(f"no system can be named {taken.pop()}", hint="It is in every test.")
    found = {name: _files(folder, SOUNDS) for name, folder in systems.items()}
    found[REFERENCE] = _files(reference, SOUNDS)
    shown = {} if pictures is None else _files(pictures, PICTURES)
    needed = {**found, **({} if pictures is None else {"picture": shown})}
    clips = sorted(set.intersection(*(set(files) for files in needed.values())))
    if not clips:
        raise DatasetError(
            "no clip is in all folders", hint="Files of one clip have the same name in each."
        )
    if most is not None and most < len(clips):
        clips = sorted(random.Random(seed).sample(clips, most))
    return Clips(
        files={clip: {name: files[clip] for name, files in found.items()} for clip in clips},
        pictures={clip: shown[clip] for clip in clips if shown},
        warnings=tuple(_missing(needed)),
    )


def _files(folder: Path, endings: Sequence[str]) -> dict[str, Path]:
    """Files of these kinds by their names without ending. Raises DatasetError."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DatasetError(f"{folder} cannot be read: {error.strerror}") from error
    found: dict[str, Path] = {}
    for path in paths:
        if path.suffix.lower() in endings and path.is_file():
            if path.stem in found:
                raise DatasetError(f"{path} and {found[path.stem]} are of the same clip")
            found[path.stem] = path
    return found


def _missing(needed: Mapping[str, Mapping[str, Path]]) -> Iterator[str]:
    for clip in sorted(set().union(*needed.values())):
        if lacking := [name for name, files in needed.items() if clip not in files]:
            yield f"{clip} is left out: {', '.join(lacking)} lacks it"


def sounds(files: Mapping[str, Path]) -> tuple[dict[str, Sound], list[str]]:
    """Sound of one clip by system, with the anchor, and what was done to it that is not usual.

    All are as long as the shortest, faded over 20 ms at the ends, and brought to -23 LUFS, or
    lower where the peak would pass -1 dBTP. Raises MediaError.
    """
    read = {name: _read(path) for name, path in files.items()}
    shortest = min(read, key=lambda name: read[name].shape[1])
    samples = read[shortest].shape[1]
    longest = max(sound.shape[1] for sound in read.values())
    read[ANCHOR] = low_passed(read[REFERENCE], SAMPLE_RATE)
    told = []
    if longest - samples > _UNLIKE_SAMPLES:
        lasts, lost_s = f"{samples / SAMPLE_RATE:.2f} s", (longest - samples) / SAMPLE_RATE
        told.append(f"{files[shortest]} lasts {lasts}: the others are cut by up to {lost_s:.2f} s")
    made = {name: _levelled(_faded(sound[:, :samples])) for name, sound in read.items()}
    told += [f"{files[name]} is silent" for name in files if not made[name].any()]
    return made, told


def _read(path: Path) -> Sound:
    try:
        with soundfile.SoundFile(str(path)) as file:
            if not 0 < file.frames <= _LONGEST_S * file.samplerate:
                raise MediaError(
                    f"{path} lasts {file.frames / file.samplerate:.1f} s",
                    hint=f"Pieces of a listening test are at most {_LONGEST_S} s long.",
                )
            sound, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except (OSError, soundfile.LibsndfileError) as error:
        raise MediaError(f"{path} cannot be read as audio: {error}") from error
    if sound.shape[1] > 2 or not np.isfinite(sound).all():
        raise MediaError(f"{path} is neither mono nor stereo, or holds values that are no numbers")
    # In two channels before it is measured: a player gives mono to both, which is 3 LU louder.
    stereo = np.broadcast_to(sound, (len(sound), 2))
    return np.asarray(soxr.resample(stereo, rate, SAMPLE_RATE).T, np.float32)


def _faded(sound: Sound) -> Sound:
    """Without the clicks of a cut."""
    length = min(_FADE_SAMPLES, sound.shape[1] // 2)
    gains = np.ones(sound.shape[1], np.float32)
    gains[:length] = np.linspace(0, 1, length)
    gains[sound.shape[1] - length :] = np.linspace(1, 0, length)
    return np.asarray(sound * gains, np.float32)


def _levelled(sound: Sound) -> Sound:
    try:
        gain_db, _ = gain_to(sound, LOUDNESS_LUFS)
    except SilenceError:
        return np.zeros_like(sound)
    return np.asarray(sound * 10 ** (gain_db / 20), np.float32)
