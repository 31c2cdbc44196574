"""A small film with marks: one coded movie, cut into shots of two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import soundfile
from coded_media import write_movie

SHOT_S = 2


def make_film(
    folder: Path,
    marks: Sequence[str | None] = ("SCORE", "SCORE warm", "SCORE"),
    *,
    rate: Fraction = Fraction(24),
    start_frames: int | None = None,
    name: str = "cut",
) -> Path:
    """A timeline of one shot per mark (None: a shot without one), at one hour unless told."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = round(SHOT_S * rate)
    movie = folder / "roll.mp4"
    if not movie.exists():
        write_movie(movie, frames * len(marks), rate)
    start = round(3600 * rate) if start_frames is None else start_frames
    timeline = otio.schema.Timeline(name, global_start_time=_time(start, rate))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.extend(_shot(movie, i, frames, mark, rate) for i, mark in enumerate(marks))
    timeline.tracks.append(track)
    return save(timeline, folder / f"{name}.otio")


def save(timeline: Any, path: Path) -> Path:
    """Write a timeline for a test."""
    otio.adapters.write_to_file(timeline, str(path))
    return path


def make_maestro(path: Path, seconds: float = 2.0) -> Path:
    """A scale, loud enough to be music."""
    time = np.arange(round(48_000 * seconds)) / 48_000
    pitches = 440 * 2 ** (np.floor(time * 4) / 12)
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * np.cumsum(pitches) / 48_000), 48_000)
    return path


def _shot(movie: Path, index: int, frames: int, mark: str | None, rate: Fraction) -> Any:
    start = index * frames
    clip = otio.schema.Clip(
        f"sc{index + 1:02d}",
        media_reference=otio.schema.ExternalReference(movie.as_uri()),
        source_range=_range(start, frames, rate),
    )
    if mark is not None:
        clip.markers.append(otio.schema.Marker(mark, marked_range=_range(start + 1, 0, rate)))
    return clip


def _time(frames: int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(frames, float(rate))


def _range(start: int, frames: int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(_time(start, rate), _time(frames, rate))
