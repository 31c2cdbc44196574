"""Real footage and real recordings in folders of media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from otio_hpm.errors import MediaError
from otio_hpm.film.decoder import images
from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH
from otio_hpm.model.config import FILM_FPS
from otio_hpm.music.controls import fitted, read_maestro
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.cue import MaestroReference
from otio_hpm.timeline.media import MediaFile, MediaFinder

_END_FRAMES = 2
"""Picture frames at 10 fps that are left out at a movie's end, where headers promise too much."""


@dataclass(frozen=True, kw_only=True)
class Footage:
    """A stretch of a movie."""

    name: str
    """File and where in it the stretch begins."""
    frames: NDArray[np.uint8]
    """(n, 36, 64, 3) at 10 fps; shorter than asked for where the movie is."""


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A stretch of a recording."""

    name: str
    """File and where in it the stretch begins."""
    file: str
    sound: NDArray[np.float32]
    """(samples,) mono at the model's rate."""


def footage_windows(folders: Sequence[Path], count: int, frames: int) -> list[Footage]:
    """`count` windows of `frames` frames, spread evenly over all movies in the folders.

    Each slides over its movie; a movie shorter than a window gives one. Raises MediaError for a
    movie that does not decode.
    """
    movies = [movie for folder in folders for movie in _movies(folder)]
    slides = [max(_frames_of(movie) - frames, 0) + 1 for movie in movies]
    chosen = np.unique(np.linspace(0, sum(slides) - 1, count).astype(int)) if movies else ()
    windows, before = [], 0
    for movie, slide in zip(movies, slides, strict=True):
        starts = [int(c) - before for c in chosen if before <= c < before + slide]
        before += slide
        if starts:
            windows += _windows(movie, starts, frames)
    return windows


def excerpts(
    folders: Sequence[Path], each: int, samples: int, sample_rate: int
) -> list[Excerpt]:
    """Up to `each` stretches of every audio file, side by side or spread evenly.

    A file shorter than a stretch is repeated. Raises MaestroError for a silent one.
    """
    found = []
    for path in (p for folder in folders for p in sorted(folder.iterdir()) if _is_audio(p)):
        sound = read_maestro(MaestroReference(path=path), sample_rate)
        count = max(1, min(each, len(sound) // samples))
        for start in np.linspace(0, max(len(sound) - samples, 0), count).astype(int):
            name = f"{path.name} at {start / sample_rate:.1f} s"
            part = fitted(sound[start : start + samples], samples, sample_rate)
            found.append(Excerpt(name=name, file=path.name, sound=part))
    return found


def _movies(folder: Path) -> list[MediaFile]:
    finder = MediaFinder(folder, MediaSettings())
    found = []
    for path in sorted(folder.iterdir()):
        try:
            media = finder.probe(path)
        except MediaError:
            continue  # a folder of media holds other files too
        if media.kind == "movie" and _frames_of(media) > 0:
            found.append(media)
    return found


def _frames_of(movie: MediaFile) -> int:
    return int((movie.duration_s or Fraction(0)) * FILM_FPS) - _END_FRAMES


def _windows(movie: MediaFile, starts: list[int], frames: int) -> list[Footage]:
    """Windows of one movie, which is decoded once."""
    end = _frames_of(movie)
    numbers = sorted({n for s in starts for n in range(s, min(s + frames, end))})
    times = [Fraction(n, FILM_FPS) for n in numbers]
    seen = zip(numbers, images(movie, times, (FRAME_WIDTH, FRAME_HEIGHT)), strict=True)
    shown = {number: image[..., :3] for number, image in seen}
    return [
        Footage(
            name=f"{movie.path.name} at {start / FILM_FPS:.1f} s",
            frames=np.stack([shown[n] for n in range(start, min(start + frames, end))]),
        )
        for start in starts
    ]


def _is_audio(path: Path) -> bool:
    """Whether this is a file of sound alone that can be read."""
    try:
        return path.is_file() and soundfile.info(str(path)).frames > 0
    except soundfile.LibsndfileError:
        return False
