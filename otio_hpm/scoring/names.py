"""What the files of a cue are called, and which take comes next."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from otio_hpm.timeline.numbering import file_safe

_LONGEST = 48


def audio_folder(output: Path) -> Path:
    """Folder of a scored timeline's audio: `cut.otio` has `cut_audio` beside it."""
    return output.with_name(f"{output.stem}_audio")


def stem(reel: str, number: str) -> str:
    """ASCII beginning of a cue's file names, as `R1_1m1`."""
    return f"{_short(reel)}_{_short(number)}"


def wav_name(stem: str, take: int) -> str:
    """File name, and clip name, of one take.

    >>> wav_name(stem("R1", "1m1"), 2)
    'R1_1m1_t02.wav'
    """
    return f"{stem}_t{take:02d}.wav"


def takes_among(files: Iterable[Path], stem: str) -> list[tuple[int, Path]]:
    """The takes of a cue among files, with their numbers; file systems may ignore case."""
    pattern = re.compile(rf"{re.escape(stem)}_t(\d{{2,}})\.wav", re.IGNORECASE)
    found = [(pattern.fullmatch(path.name), path) for path in files]
    return [(int(match[1]), path) for match, path in found if match]


def leftovers_among(files: Iterable[Path], stem: str) -> list[Path]:
    """What a killed run left of a cue: files that had not got their names yet."""
    pattern = re.compile(
        rf"\.{{1,2}}{re.escape(stem)}_t\d{{2,}}\.(wav|(sketch\.)?json|sketch\.mid)(\.part){{1,2}}"
    )
    return [path for path in files if pattern.fullmatch(path.name)]


def files_in(folder: Path) -> list[Path]:
    """What lies in a folder, in order; nothing where there is none."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _short(text: str) -> str:
    """`text` in ASCII; a digest stands for what cannot be kept."""
    safe = file_safe(text)
    if safe and len(safe) <= _LONGEST:
        return safe
    return safe[:_LONGEST] + hashlib.sha256(text.encode()).hexdigest()[:6]
