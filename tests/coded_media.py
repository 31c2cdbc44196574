"""Tiny movies whose every frame carries its number as sixteen black or white blocks."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

WIDTH, HEIGHT = 128, 72
_CODECS = {
    ".mp4": "libx264",
    ".mkv": "libx264",
    ".mov": "libx264",
    ".webm": "libvpx",
    ".ts": "libx264",
}


def coded(number: int) -> np.ndarray:
    """The picture of a number, (72, 128, 3)."""
    bits = np.array([number >> bit & 1 for bit in range(16)], np.uint8).reshape(2, 8)
    blocks = np.kron(bits, np.ones((HEIGHT // 2, WIDTH // 8), np.uint8)) * 255
    return np.repeat(blocks[..., None], 3, axis=2)


def number(image: np.ndarray) -> int:
    """The number a picture of any size carries."""
    height, width = image.shape[:2]
    rows = [height // 4, height * 3 // 4]
    columns = [width * (2 * column + 1) // 16 for column in range(8)]
    bits = (image[..., 1][np.ix_(rows, columns)] > 127).ravel()
    return int(sum(int(bit) << place for place, bit in enumerate(bits)))


def numbers(frames: np.ndarray) -> list[int]:
    return [number(frame) for frame in frames]


def write_movie(
    path: Path,
    count: int,
    rate: Fraction | int = 24,
    *,
    ticks: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    timecode: str = "",
    reel: str = "",
    rotation: int = 0,
    sound: bool = False,
    options: dict[str, str] | None = None,
) -> Path:
    """A movie of frames 0, 1, 2 ...; `ticks` are their time stamps where the rate varies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=options or {}) as container:
        if timecode:
            container.metadata["timecode"] = timecode
        stream = container.add_stream(_CODECS[path.suffix], rate=Fraction(rate))
        if reel:
            stream.metadata["reel_name"] = reel
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = 10
        stream.codec_context.thread_count = 1
        if time_base:
            stream.codec_context.time_base = time_base
        if rotation:
            stream.set_display_rotation(rotation)
        audio = container.add_stream("aac", rate=48000) if sound else None
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(coded(index), format="rgb24")
            frame.pts = index if ticks is None else ticks[index]
            frame.time_base = time_base or 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if audio:
            _write_silence(container, audio, count / Fraction(rate))
    return path


def write_sound(path: Path, seconds: Fraction | int = 1) -> Path:
    """A WAV file of silence."""
    with av.open(str(path), "w") as container:
        _write_silence(container, container.add_stream("pcm_s16le", rate=48000), seconds)
    return path


def write_broadcast_sound(
    path: Path,
    time_reference: int,
    seconds: Fraction | int = 1,
    *,
    tape: str = "",
    note: str = "",
    samples: np.ndarray | None = None,
) -> Path:
    """A Broadcast WAV, 48 kHz mono 16 bit, silent unless it is given samples in -1..1.

    Its iXML names the tape, bext has the note.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.zeros(round(seconds * 48000)) if samples is None else samples
    form = struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)
    texts = f"<BWFXML><IXML_VERSION>1.5</IXML_VERSION><TAPE>{tape}</TAPE></BWFXML>".encode()
    chunks = [
        (b"bext", struct.pack("<256s82xQH254x", note.encode(), time_reference, 1)),
        (b"fmt ", form),
        (b"data", (sound * 32767).astype("<i2").tobytes()),
        *([(b"iXML", texts)] if tape else []),
    ]
    body = b"".join(struct.pack("<4sI", n, len(c)) + c + bytes(len(c) % 2) for n, c in chunks)
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body)
    return path


def write_image(path: Path, pixels: np.ndarray) -> Path:
    """A PNG of (height, width, 3) or (height, width, 4) pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = "rgba" if pixels.shape[2] == 4 else "rgb24"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = kind
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=kind)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _write_silence(container: Any, stream: Any, seconds: Fraction | int) -> None:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=round(seconds * 48000))
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    container.mux(stream.encode(frame))
    container.mux(stream.encode())
