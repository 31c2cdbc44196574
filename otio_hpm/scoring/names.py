"""What the files of a cue are called, and which take comes next."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST = 48


def audio_folder(output: Path) -> Path:
    """Folder of a scored timeline's audio: `cut.otio` has `cut_audio` beside it."""
    return output.with_name(f"{output.stem}_audio")


def stem(reel: str, number: str) -> str:
    """ASCII beginning of a cue's file names, as `R1_1m1`."""
    return f"{_ascii(reel)}_{_ascii(number)}"


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


def files_in(folder: Path) -> list[Path]:
    """What lies in a folder, in order; nothing where there is none."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _ascii(text: str) -> str:
    """`text` in letters, digits, dots and hyphens; a digest keeps apart what that would confuse."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    safe = _UNSAFE.sub("-", plain).strip(".-")[:_LONGEST]
    if safe == text:
        return safe
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{safe}-{digest}" if safe else digest
