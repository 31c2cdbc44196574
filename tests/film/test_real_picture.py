"""From timeline to encoder: the frames of a movie with burnt-in timecode that a model is given."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from otio_hpm.scoring.job import score
from otio_hpm.settings import ModelSettings, MusicSettings, Settings

RATE = 30
SHOT_FRAMES = 60
SAMPLES = range(0, SHOT_FRAMES, 3)
"""Record frames of a shot that are sampled at 10 a second."""
CASES: list[tuple[str, int, Any, list[int]]] = [
    ("trimmed", 300, None, [300 + frame for frame in SAMPLES]),
    ("retimed", 400, otio.schema.LinearTimeWarp(time_scalar=2), [400 + 2 * f for f in SAMPLES]),
    ("reversed", 500, otio.schema.LinearTimeWarp(time_scalar=-1), [559 - f for f in SAMPLES]),
    ("frozen", 600, otio.schema.FreezeFrame(), [600 for _ in SAMPLES]),
]


class Watcher:
    """Stands for a model, and keeps the pictures that it is given."""

    def __init__(self) -> None:
        self.seen: list[NDArray[np.uint8]] = []

    def generate(self, request: Any, progress: Any) -> NDArray[np.float32]:
        self.seen.append(request.frames)
        return np.random.default_rng(0).normal(0, 0.1, request.samples).astype(np.float32)


@pytest.fixture(scope="module")
def movie(media: Callable[[str], Path]) -> Path:
    return media("burnt_in_timecode_30fps.mp4")


@pytest.fixture(scope="module")
def truth(movie: Path) -> dict[int, NDArray[np.int16]]:
    """Frames 299 to 620 as a plain decoder gives them, one after another."""
    with av.open(str(movie)) as container:
        frames = zip(range(621), container.decode(video=0), strict=False)
        return {index: small(frame) for index, frame in frames if index >= 299}


@pytest.fixture(scope="module")
def seen(movie: Path, tmp_path_factory: pytest.TempPathFactory) -> list[NDArray[np.int16]]:
    folder, watcher = tmp_path_factory.mktemp("burnt in"), Watcher()
    settings = Settings(
        music=MusicSettings(handles_s=Fraction(0)), model=ModelSettings(model="debug")
    )
    cut = four_shots(movie, folder)
    score(cut, folder / "out.otio", settings, load=lambda name, device: watcher)
    return [frames.astype(np.int16) for frames in watcher.seen]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0] for case in CASES])
def test_the_encoder_sees_the_right_frames(
    number: int, seen: list[NDArray[np.int16]], truth: dict[int, NDArray[np.int16]]
) -> None:
    wanted = CASES[number][3]
    assert len(seen[number]) == len(wanted)
    for image, index in zip(seen[number], wanted, strict=True):
        off = {near: np.abs(image - truth[near]).max() for near in (index - 1, index, index + 1)}
        assert off[index] <= 1 < min(off[index - 1], off[index + 1]), (index, off)


def test_every_frame_of_the_movie_differs_from_the_next(
    truth: dict[int, NDArray[np.int16]],
) -> None:
    assert min(np.abs(a - b).max() for a, b in pairwise(truth.values())) > 1


def four_shots(movie: Path, folder: Path) -> Path:
    """A timeline of the four kinds of shot, each marked."""
    track = otio.schema.Track("V1", kind="Video")
    for name, start, effect, _ in CASES:
        media = otio.schema.ExternalReference(movie.as_uri())
        clip = otio.schema.Clip(name, media, span(start, SHOT_FRAMES))
        clip.markers.append(otio.schema.Marker("SCORE", marked_range=span(start, 0)))
        clip.effects.extend([effect.deepcopy()] if effect else [])
        track.append(clip)
    timeline = otio.schema.Timeline("burnt in", global_start_time=span(3600 * RATE, 0).start_time)
    timeline.tracks.append(track)
    path = folder / "four.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def span(start: int, length: int) -> Any:
    times = (otio.opentime.RationalTime(frames, RATE) for frames in (start, length))
    return otio.opentime.TimeRange(*times)


def small(frame: Any) -> NDArray[np.int16]:
    """A frame as the model sees it, (36, 64, 3)."""
    scaled = frame.reformat(64, 36, "rgba", interpolation=Interpolation.AREA)
    pixels: NDArray[np.int16] = scaled.to_ndarray()[..., :3].astype(np.int16)
    return pixels
