"""Picture as a dataset keeps it: H.264 in MP4, 30 frames a second, the shorter side 240 pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from otio_hpm.dataset.clip import INTERVAL_FRAMES, SHORT_SIDE, STORED_FPS, WINDOW_FRAMES
from otio_hpm.errors import MediaError

Frames = NDArray[np.uint8]

_LONGEST_SIDE = 4 * SHORT_SIDE
_ENCODER = "libx264"
_OPTIONS = {"crf": "17", "preset": "veryfast", "x264-params": "cpu-independent=1"}
"""Without the last, x264 gives other bytes on other processors, and at times on the same. Of real
footage the mean error of a colour is about 2 of 255, and 1 at 64 x 36 pixels."""


def stored_size(width: int, height: int) -> tuple[int, int]:
    """Width and height, both even, at which a picture of this shape is kept.

    >>> stored_size(1920, 1080), stored_size(1080, 1920), stored_size(0, 0)
    ((426, 240), (240, 426), (240, 240))
    """
    if not (width and height):
        return SHORT_SIDE, SHORT_SIDE
    longer = 2 * round(SHORT_SIDE * max(width, height) / min(width, height) / 2)
    sides = SHORT_SIDE, min(longer, _LONGEST_SIDE)
    return sides if height > width else sides[::-1]


def check_encoder() -> None:
    """Raise MediaError where this FFmpeg writes no H.264."""
    if _ENCODER not in av.codecs_available:
        raise MediaError(
            "PyAV's FFmpeg has no H.264 encoder (libx264), which a dataset's picture needs",
            hint="Install PyAV from its published wheel.",
        )


def encode_picture(frames: Frames) -> bytes:
    """MP4 of RGB frames (n, height, width, 3) at 30 a second; the same frames, the same bytes."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(_ENCODER, rate=STORED_FPS, options=_OPTIONS)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # threads divide a picture otherwise
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            coded = frame.reformat(format="yuv420p", threads=1)
            coded.pts = index
            container.mux(stream.encode(coded))
        container.mux(stream.encode())
    return file.getvalue()


def decode_picture(data: bytes, size: tuple[int, int] | None, fps: int) -> Frames:
    """Frames of an MP4 that `encode_picture` made. -> (n, height, width, 3) RGB

    Scaled to `size` (width, height), or as they are kept for None; `fps` of them a second, which
    divides 30. Raises ValueError for any other file.
    """
    try:
        frames = list(_decoded(data, size, STORED_FPS // fps))
    except (av.FFmpegError, EOFError, UnicodeError) as error:
        raise ValueError(f"its picture cannot be decoded: {error}") from error
    if len(frames) * STORED_FPS < INTERVAL_FRAMES * fps:
        raise ValueError(f"its picture has {len(frames)} frames at {fps} a second")
    return np.stack(frames)


def _decoded(data: bytes, size: tuple[int, int] | None, every: int) -> Iterator[Frames]:
    # Named, so that no reader of playlists or of other files is ever tried.
    with av.open(io.BytesIO(data), format="mp4", metadata_errors="replace") as container:
        stream = next(iter(container.streams.video), None)
        if stream is None or stream.codec_context.name != "h264":
            raise ValueError("its picture is not H.264")
        if max(stream.codec_context.width, stream.codec_context.height) > _LONGEST_SIDE:
            raise ValueError("its picture is larger than any that is kept")
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(container.decode(stream)):
            if number >= WINDOW_FRAMES:
                raise ValueError("its picture has more frames than a window")
            if number % every == 0:
                sides = size or (frame.width, frame.height)
                yield _scaled(frame, sides).to_ndarray()


def _scaled(frame: Any, size: tuple[int, int]) -> Any:
    """A frame at `size` in RGB; in one thread, as pictures of films are scaled."""
    return frame.reformat(*size, format="rgb24", interpolation=Interpolation.AREA, threads=1)
