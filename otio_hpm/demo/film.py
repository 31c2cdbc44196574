"""The demo film: renders its media and its maestro cue, and writes its timeline."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio

from otio_hpm.demo.canvas import HEIGHT, WIDTH, Canvas
from otio_hpm.demo.cut import demo_timeline, media_path
from otio_hpm.demo.scenes import FPS, ROLLS, Roll
from otio_hpm.demo.theme import THEME_NAME, write_theme
from otio_hpm.errors import OutputError
from otio_hpm.files import check_room, make_folder, write_text, writing
from otio_hpm.timing import SAMPLE_RATE, format_timecode

TIMELINE_NAME = "demo.otio"
_NEEDED_BYTES = 40_000_000
_THREADS = 2
_SAMPLES_PER_FRAME = SAMPLE_RATE // FPS


def make_demo(folder: Path) -> Path:
    """Render the demo film into a folder and return its timeline, `demo.otio`.

    Media that are there already are kept, so a second call costs nothing and an interrupted one
    continues. Raises OutputError where the folder cannot be written, or holds a `demo.otio` that
    is not (or no longer) this one.
    """
    make_folder(folder)
    text = otio.adapters.write_to_string(demo_timeline(folder), "otio_json")
    path = folder / TIMELINE_NAME
    _require_ours(path, text)
    check_room(folder, _NEEDED_BYTES)
    _render_missing(folder)
    if not path.exists():
        write_text(path, text)
    return path


def _require_ours(path: Path, text: str) -> None:
    if path.exists() and path.read_bytes() != text.encode():
        raise OutputError(
            f"{path} exists and is not the demo's timeline, or was changed",
            hint="Let the demo write to another folder, or move that file away.",
        )


def _render_missing(folder: Path) -> None:
    theme = folder / THEME_NAME
    if not theme.exists():
        with writing(theme) as file:
            write_theme(file)
    missing = [roll for roll in ROLLS if not media_path(folder, roll).exists()]
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda roll: _render(roll, media_path(folder, roll)), missing))


def _render(roll: Roll, path: Path) -> None:
    """Write a roll as QuickTime: H.264 picture, PCM sound and a timecode track."""
    paint, canvas = roll.scene(), Canvas()
    sound = np.round(roll.record(roll.seconds) * 32767).astype(np.int16)
    options = {"fflags": "+bitexact"}
    with writing(path) as file, av.open(file, "w", "mov", container_options=options) as movie:
        video, audio = _streams(movie, roll)
        for number in range(roll.seconds * FPS):
            paint(canvas, number / FPS)
            frame = av.VideoFrame.from_ndarray(canvas.picture(), format="yuv420p")
            frame.pts = number
            movie.mux(video.encode(frame))
            movie.mux(audio.encode(_sound_of(sound, number)))
        for stream in (video, audio):
            movie.mux(stream.encode(None))


def _streams(movie: Any, roll: Roll) -> tuple[Any, Any]:
    """Picture and sound streams; one encoder thread, so that bytes do not depend on the machine."""
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    options = {"crf": "21", "preset": "veryfast", "flags": "+bitexact"}
    video = movie.add_stream(codec, rate=FPS, options=options)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.codec_context.thread_count = 1
    video.metadata["timecode"] = format_timecode(roll.start_frames, video.average_rate)
    return video, movie.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout="mono")


def _sound_of(sound: Any, number: int) -> av.AudioFrame:
    """The samples under one frame of picture."""
    start = number * _SAMPLES_PER_FRAME
    samples = np.ascontiguousarray(sound[None, start : start + _SAMPLES_PER_FRAME])
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate, frame.pts = SAMPLE_RATE, start
    return frame
