"""Small films of any length: soft moving colours under a new chord each second, with flashes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
SIZE = (64, 48)


def write_film(
    path: Path, seconds: Fraction | int, seed: int, *, rate: Fraction | int = 24,
    flashes: Sequence[Fraction] = (), sound: bool = True, level: float = 0.2,
    sound_rate: int = RATE, size: tuple[int, int] = SIZE, timecode: str = "",
) -> Path:  # fmt: skip
    """A movie whose picture and music follow from `seed`; at each flash, white and a click."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coders = {".mp4": ("libx264", "aac"), ".ts": ("libx264", "aac"), ".mkv": ("libx264", "flac")}
    video, audio = coders.get(path.suffix, ("mpeg4", "pcm_s16le"))
    with av.open(str(path), "w") as container:
        if timecode:
            container.metadata["timecode"] = timecode
        stream = container.add_stream(video, rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size, stream.bit_rate = 12, 4_000_000
        stream.codec_context.thread_count = 1  # another number gives other bytes
        heard = container.add_stream(audio, rate=sound_rate, layout="mono") if sound else None
        for index in range(int(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(
                picture(seed, index / Fraction(rate), size, flashes, Fraction(rate)), format="rgb24"
            )
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if heard:
            _mux(container, heard, music(seconds, seed, flashes, level, sound_rate))
    return path


def picture(
    seed: int, time_s: Fraction, size: tuple[int, int], flashes: Sequence[Fraction], rate: Fraction
) -> np.ndarray:
    """One frame: a gradient that turns, white on the frame of a flash."""
    if any(0 <= flash - time_s < 1 / rate for flash in flashes):
        return np.full((size[1], size[0], 3), 255, np.uint8)
    draw = np.random.default_rng([seed, int(time_s)])
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    waves = [draw.uniform(-4, 4, 3) for _ in range(3)]
    planes = [np.sin(a * x + b * y + c * 3) for a, b, c in waves]
    return np.uint8(110 + 70 * np.stack(planes, -1))


def music(
    seconds: Fraction | int, seed: int, flashes: Sequence[Fraction], level: float, rate: int
) -> np.ndarray:
    """A chord a second, and full scale for 1 ms at each flash."""
    samples = int(seconds * rate)
    time = np.arange(samples) / rate
    sound = np.zeros(samples)
    for second in range(int(seconds) + 1):
        draw = np.random.default_rng([seed, second])
        part = slice(second * rate, (second + 1) * rate)
        for note in draw.choice(24, 3, replace=False):
            sound[part] += np.sin(2 * np.pi * 220 * 2 ** (note / 12) * time[part]) / 3
    sound *= level
    for flash in flashes:
        first = round(flash * rate)
        sound[first : first + rate // 1000] = 1.0
    return sound


def _mux(
    container: av.container.OutputContainer, stream: av.AudioStream, sound: np.ndarray
) -> None:
    whole = np.clip(np.rint(sound * 32767), -32768, 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = stream.rate, 0
    frame.time_base = Fraction(1, stream.rate)
    container.mux(stream.encode(frame))
    container.mux(stream.encode())
