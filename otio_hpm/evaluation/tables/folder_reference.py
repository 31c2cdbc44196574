"""A folder of true music, with the pictures that it belongs to."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import MediaError
from otio_hpm.evaluation.tables.clips import STYLE, Sound, clip_files, read_clip
from otio_hpm.evaluation.tables.reference import Frames, Reference
from otio_hpm.film.frames import read_frames
from otio_hpm.film.published.view import FINE_FPS, View
from otio_hpm.model.config import FILM_FPS
from otio_hpm.model.windows import first_pictures, plan_windows
from otio_hpm.settings import MediaSettings, MusicSettings
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan
from otio_hpm.training.clips import Sight

_PICTURES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mxf")
_RATE = Fraction(FINE_FPS)
"""Of the record frames that pictures are read on: as many as the encoders see."""


class FolderReference(Reference):
    """`NAME.wav` for each clip; `NAME.mp4` and `NAME.style.wav` beside it where it has such."""

    def __init__(self, folder: Path, sample_rate: int, count: int | None = None) -> None:
        """At most `count` clips, first by name. Raises MediaError without two of them."""
        files = clip_files(folder)
        clips = [name for name in files if not name.endswith(STYLE)]
        if len(clips) < 2:
            raise MediaError(
                f"{folder} has less than two clips of audio",
                hint="Clips are WAV, FLAC, Ogg, MP3 or AIFF files in the folder itself.",
            )
        self.name, self.names, self.sample_rate = str(folder), clips[:count], sample_rate
        self._files = files
        self._movies = movies_of(folder)
        self.pictured = not self._movies.keys().isdisjoint(self.names)

    def sound(self, index: int) -> Sound:
        """Raises MediaError."""
        return read_clip(self._files[self.names[index]], self.sample_rate)

    def style(self, index: int) -> Sound | None:
        """Raises MediaError."""
        path = self._files.get(self.names[index] + STYLE)
        return read_clip(path, self.sample_rate) if path else None

    def frames(self, index: int) -> Frames | None:
        """From the beginning of the movie; one that ends too soon stands. Raises MediaError."""
        picture = self._picture(index)
        return None if picture is None else read_frames(*picture, fps=FILM_FPS)

    def descriptors(self, index: int, sight: Sight) -> NDArray[np.float32] | None:
        """Raises MediaError and ModelError."""
        found, watcher, music = self._picture(index), sight.watcher, MusicSettings()
        if found is None or watcher is None:
            return None
        picture, start, end, rate = found
        samples, config = self.samples(index), sight.config
        plan = plan_windows(samples, config, music.window_s, music.overlap_s)
        count = math.ceil(Fraction(samples * FILM_FPS, self.sample_rate))
        views = (
            View(picture=picture, start_frames=start, end_frames=end, rate=rate, first=first,
                 seconds=config.film_seconds)
            for first in first_pictures(plan, config, count)
        )  # fmt: skip
        return np.stack([watcher.look(view).stacked() for view in views])

    def _picture(self, index: int) -> tuple[Picture, int, int, Fraction] | None:
        """A clip's movie as a picture, its first and last record frame and their rate."""
        path = self._movies.get(self.names[index])
        if path is None:
            return None
        media = MediaFinder(path.parent, MediaSettings()).probe(path)
        end = math.ceil(Fraction(self.samples(index) * FINE_FPS, self.sample_rate))
        layer = Layer(name=path.name, media=media, media_start_s=Fraction(0), speed=Fraction(1))
        span = PictureSpan(start_frames=0, end_frames=end, layers=(layer,))
        return Picture(spans=(span,)), 0, end, _RATE


def movies_of(folder: Path) -> dict[str, Path]:
    """Movies of a folder by their names without ending; of two of one name the first."""
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in _PICTURES and p.is_file())
    return {path.stem: path for path in reversed(found)}
