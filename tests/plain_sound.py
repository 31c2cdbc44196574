"""Plain readings of Broadcast WAV files: RIFF chunks byte by byte, and two meters.

Loudness is ITU-R BS.1770-4, written from the standard, beside FFmpeg's; nothing of the package.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

RATE = 48_000
SILENT_DBFS = -60.0
_TIME_REFERENCE = 338
"""Bytes into bext, after description, originator, reference, date and time."""


@dataclass(frozen=True, kw_only=True)
class WavFacts:
    """What a file says of itself, as stored."""

    format_tag: int
    channels: int
    sample_rate: int
    bits: int
    samples: int
    time_reference: int
    bext_version: int
    timecode_rate: Fraction
    timecode_flag: str


def wav_facts(path: Path) -> WavFacts:
    """Chunks of a Broadcast WAV, read byte by byte."""
    data = path.read_bytes()
    riff, size, kind = struct.unpack_from("<4sI4s", data)
    if (riff, kind, size) != (b"RIFF", b"WAVE", len(data) - 8):
        raise ValueError(f"{path} is not one whole RIFF file")
    chunks = dict(_chunks(data))
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    low, high, version = struct.unpack_from("<IIH", chunks[b"bext"], _TIME_REFERENCE)
    speed = ElementTree.fromstring(chunks[b"iXML"]).find("SPEED")
    told = {field.tag: field.text or "" for field in speed} if speed is not None else {}
    return WavFacts(
        format_tag=tag,
        channels=channels,
        sample_rate=rate,
        bits=bits,
        samples=len(chunks[b"data"]) // block,
        time_reference=high << 32 | low,
        bext_version=version,
        timecode_rate=Fraction(told["TIMECODE_RATE"]),
        timecode_flag=told["TIMECODE_FLAG"],
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position < len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        yield name, data[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def integrated_lufs(sound: NDArray[np.float64]) -> float:
    """BS.1770-4: K-weighting, blocks of 400 ms every 100 ms, gates at -70 LUFS and -10 LU."""
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285],
             [1.0, -1.69065929318241, 0.73248077421585])  # fmt: skip
    high_pass = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    weighted = lfilter(*high_pass, lfilter(*shelf, sound))
    power = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=0))])
    starts = np.arange(0, sound.shape[1] - 19_200 + 1, 4800)
    blocks = (power[starts + 19_200] - power[starts]) / 19_200
    heard = blocks[blocks > _power(-70)]
    return _lufs(heard[heard > _power(_lufs(heard.mean()) - 10)].mean())


def true_peak_dbtp(sound: NDArray[np.float64]) -> float:
    """Peak at four times the rate."""
    return float(20 * np.log10(np.abs(resample_poly(sound, 4, 1, axis=1)).max()))


def ffmpeg_meter(path: Path, start: int = 0, end: int | None = None) -> tuple[float, float]:
    """Integrated loudness and true peak of a stretch of a file, by FFmpeg's ebur128."""
    with av.open(str(path)) as file:
        graph, trim = Graph(), f"start_sample={start}" + (f":end_sample={end}" if end else "")
        source = graph.add_abuffer(template=file.streams.audio[0])
        graph.link_nodes(
            source, graph.add("atrim", trim), graph.add("ebur128", "metadata=1:peak=true"),
            graph.add("abuffersink"),
        ).configure()  # fmt: skip
        for frame in itertools.chain(file.decode(audio=0), [None]):
            source.push(frame)
    told: dict[str, str] = {}
    while True:
        try:
            told = dict(graph.pull().metadata) or told
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    peak = max(float(told["lavfi.r128.true_peak"]), 1e-9)
    return float(told["lavfi.r128.I"]), 20 * np.log10(peak)


def longest_silence_s(sound: NDArray[np.float64]) -> float:
    """Longest run of 10 ms blocks with no sample above -60 dBFS."""
    blocks = np.abs(sound[:, : sound.shape[1] // 480 * 480]).reshape(len(sound), -1, 480)
    silent = blocks.max(axis=(0, 2)) < 10 ** (SILENT_DBFS / 20)
    runs = [len(list(run)) for is_silent, run in itertools.groupby(silent) if is_silent]
    return max(runs, default=0) / 100


def range_db(sound: NDArray[np.float64]) -> float:
    """Loudest less softest whole second; 0 for less than two."""
    whole = sound[0, : sound.shape[1] // RATE * RATE].reshape(-1, RATE)
    level = 10 * np.log10(np.maximum((whole**2).mean(axis=1), 1e-12))
    return float(np.ptp(level)) if len(level) else 0.0


def _lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
