"""Loudness and true peak (EBU R 128, ITU-R BS.1770-4), measured by FFmpeg's ebur128."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import HpmError
from otio_hpm.timing import SAMPLE_RATE

_SHORTEST = 2 * SAMPLE_RATE // 5
"""One gating block, 400 ms: BS.1770 has no loudness for less."""
_REPEATED = 3 * SAMPLE_RATE
_STEP = SAMPLE_RATE // 10
"""The filter reports every 100 ms."""
_LAYOUTS = {1: "mono", 2: "stereo"}


class SilenceError(HpmError):
    """Audio without any sound, which has no loudness."""


@dataclass(frozen=True, kw_only=True)
class Loudness:
    """What a loudness meter says."""

    integrated_lufs: float
    """Programme loudness."""
    true_peak_dbtp: float
    """Highest peak between samples, of all channels."""
    range_lu: float
    """Loudness range (EBU Tech 3342); 0 where there is too little to measure."""
    short_lu: float = 0.0
    """How far the peak limit keeps it below its target; 0 where nothing limits."""


def measure(audio: NDArray[np.floating]) -> Loudness:
    """Loudness of audio (channels, samples) or (samples,) at 48 kHz; 1 or 2 channels.

    It is brought to full scale for measuring, so that neither the meter's absolute gate (-70 LUFS)
    nor its three decimals decide. Audio shorter than 0.4 s, which has no loudness by BS.1770, is
    measured as repeated to 3 s. Raises SilenceError.
    """
    channels = np.atleast_2d(audio)
    peak = float(np.abs(channels).max(initial=0.0))
    if not math.isfinite(peak):
        raise ValueError("audio holds values that are no numbers")
    if peak < 1e-6:
        raise SilenceError("the audio is silent, and silence has no loudness")
    samples = channels.shape[1]
    repeats = -(-_REPEATED // samples) if samples < _SHORTEST else 1
    found = _meter(np.tile(channels / peak, repeats))
    level_db = _db(peak)
    return Loudness(
        integrated_lufs=found.integrated_lufs + level_db,
        true_peak_dbtp=max(found.true_peak_dbtp, 0.0) + level_db,
        range_lu=found.range_lu,
    )


def gain_to(
    audio: NDArray[np.floating],
    target_lufs: float,
    peak_dbtp: float = -1.0,
    part: slice = slice(None),
) -> tuple[float, Loudness]:
    """The gain in dB that brings `audio[..., part]` to the target, and the part's loudness then.

    The gain is the lower where the true peak of the whole audio would pass `peak_dbtp`; then
    `Loudness.short_lu` says by how much. Raises SilenceError.
    """
    whole = np.atleast_2d(audio)
    loudness = measure(whole[:, part])
    wanted_db = target_lufs - loudness.integrated_lufs
    gain_db = min(wanted_db, peak_dbtp - measure(whole).true_peak_dbtp)
    return gain_db, dataclasses.replace(
        loudness,
        integrated_lufs=loudness.integrated_lufs + gain_db,
        true_peak_dbtp=loudness.true_peak_dbtp + gain_db,
        short_lu=wanted_db - gain_db,
    )


def _meter(channels: NDArray[np.floating]) -> Loudness:
    """The filter's last word on audio (channels, samples).

    Loudness is read at the last whole step of the audio, the peak in the silence after it: a part
    of a step is not reported, and silence must not count into a loudness block.
    """
    samples = channels.shape[1]
    reports = list(_reports(np.pad(channels, ((0, 0), (0, 2 * _STEP)))))
    told = [report for end, report in reports if end <= samples]
    peak = float(reports[-1][1]["lavfi.r128.true_peak"]) + 0.0005  # three decimals, rounded up
    return Loudness(
        integrated_lufs=float(told[-1]["lavfi.r128.I"]),
        true_peak_dbtp=_db(peak),
        range_lu=float(told[-1]["lavfi.r128.LRA"]) if samples >= _REPEATED else 0.0,
    )


def _reports(channels: NDArray[np.floating]) -> Iterator[tuple[int, dict[str, str]]]:
    """(samples so far, figures so far) for every 100 ms of audio."""
    source, sink, graph = _graph(_LAYOUTS[len(channels)])
    end = 0
    for start in range(0, channels.shape[1], SAMPLE_RATE):
        source.push(_frame(channels[:, start : start + SAMPLE_RATE], start))
        for frame in _pulled(sink):
            end += frame.samples
            if frame.samples == _STEP:
                yield end, dict(frame.metadata)
    del graph  # the filters live as long as their graph


def _graph(layout: str) -> tuple[Any, Any, Any]:
    """Source, sink, and the graph that owns them."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="fltp", layout=layout, time_base=Fraction(1, SAMPLE_RATE)
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return source, sink, graph


def _frame(channels: NDArray[np.floating], start: int) -> Any:
    from av import AudioFrame

    planes = np.ascontiguousarray(channels, dtype=np.float32)
    frame = AudioFrame.from_ndarray(planes, format="fltp", layout=_LAYOUTS[len(channels)])
    frame.sample_rate = SAMPLE_RATE
    frame.pts = start
    frame.time_base = Fraction(1, SAMPLE_RATE)
    return frame


def _pulled(sink: Any) -> Iterator[Any]:
    """The frames that a sink has ready."""
    from av.error import BlockingIOError, EOFError

    while True:
        try:
            yield sink.pull()
        except (BlockingIOError, EOFError):
            return


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude)
