"""Reads the sound of films, exact to the sample, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from otio_hpm.dataset.segment import SoundPart
from otio_hpm.errors import MediaError
from otio_hpm.timeline.media_probe import opened, picture_stream
from otio_hpm.timing import SAMPLE_RATE

Stereo = NDArray[np.float32]
"""(2, samples) at 48 kHz"""

_EARLIER_S = Fraction(1)
"""Decoding begins this much before what is wanted: coders need a running start."""
_GAP_S = Fraction(1, 20)
"""A jump of time stamps beyond this is a hole in the sound, below it their rounding."""


def heard(parts: Iterable[SoundPart], start_s: Fraction, samples: int) -> Stereo:
    """All parts together, from `start_s` into their segment; silence where there is none.

    Raises MediaError for a file that does not decode.
    """
    mixed = np.zeros((2, samples), np.float32)
    for part in parts:
        first = round((part.at_s - start_s) * SAMPLE_RATE)
        last = round((part.at_s + part.duration_s - start_s) * SAMPLE_RATE)
        low, high = max(first, 0), min(last, samples)
        if high > low:
            offset_s = Fraction(low - first, SAMPLE_RATE)
            mixed[:, low:high] += read_sound(part.path, part.start_s + offset_s, high - low)
    return mixed


def read_sound(path: Path, start_s: Fraction, samples: int) -> Stereo:
    """Sound of a file, film or not, from a time on; silence beyond its ends.

    Times count from the first picture, as players show them, or from the first sound where there
    is no picture. Raises MediaError for a file without sound, or that does not decode.
    """
    wanted = np.zeros((2, samples), np.float32)
    with opened(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise MediaError(f"{path} has no sound")
        begin_s = _zero_s(container, stream) + start_s
        early_s = max(begin_s - _EARLIER_S, Fraction(0))
        if early_s > 0:
            container.seek(int(early_s / stream.time_base), stream=stream)
        for time_s, piece in _pieces(container, stream):
            first = round((time_s - begin_s) * SAMPLE_RATE)
            if first >= samples:
                break
            low, high = max(first, 0), min(first + piece.shape[1], samples)
            if high > low:
                wanted[:, low:high] = piece[:, low - first : high - first]
    return wanted


def _zero_s(container: Any, stream: Any) -> Fraction:
    """The time stamp that counts as 0 s of the file."""
    first = picture_stream(container) or stream
    return Fraction((first.start_time or 0) * first.time_base)


def _pieces(container: Any, stream: Any) -> Iterator[tuple[Fraction, Stereo]]:
    """Decoded sound at 48 kHz with the time stamp at which each piece begins."""
    resampler, run_s, done = _resampler(stream), Fraction(0), 0
    expected_s: Fraction | None = None
    for frame in container.decode(stream):
        time_s = expected_s if frame.pts is None else Fraction(frame.pts * frame.time_base)
        if time_s is None:
            time_s = Fraction(0)
        if expected_s is None or abs(time_s - expected_s) > _GAP_S:
            resampler, run_s, done = _resampler(stream), time_s, 0
            expected_s = time_s
        expected_s += Fraction(frame.samples, frame.sample_rate)
        frame.pts = None  # the run's own count is exact; containers round theirs
        for piece in resampler.resample(frame):
            yield run_s + Fraction(done, SAMPLE_RATE), _stereo(piece)
            done += piece.samples
    for piece in resampler.resample(None) if expected_s is not None else ():
        yield run_s + Fraction(done, SAMPLE_RATE), _stereo(piece)
        done += piece.samples


def _resampler(stream: Any) -> Any:
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    return av.AudioResampler("fltp", layout, SAMPLE_RATE)


def _stereo(piece: Any) -> Stereo:
    """(1 or 2, n) -> (2, n)"""
    channels = piece.to_ndarray()
    return np.asarray(np.broadcast_to(channels, (2, channels.shape[1])), np.float32)
