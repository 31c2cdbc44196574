"""Loudness and true peak of any sound, and how far they are from a reference's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from otio_hpm.music.loudness import Loudness, SilenceError, measure
from otio_hpm.timing import SAMPLE_RATE

_NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class LevelDifference:
    """A sound's levels less its reference's; nan where either is silent."""

    loudness_lu: float
    """Difference of integrated loudness."""
    true_peak_db: float
    """Difference of true peaks."""
    range_lu: float
    """Difference of loudness range: below 0 where swells are flattened."""


def levels(sound: NDArray[np.floating], sample_rate: int) -> Loudness:
    """Loudness, true peak and loudness range (EBU R 128) of sound at any rate; nan of silence.

    (samples,) or (channels, samples), 1 or 2 channels. A sample peak misses what lies between
    samples, by up to 3 dB at a quarter of the rate.
    """
    channels = np.atleast_2d(sound).astype(np.float32)
    if sample_rate != SAMPLE_RATE:
        channels = soxr.resample(channels.T, sample_rate, SAMPLE_RATE).T
    try:
        return measure(channels)
    except SilenceError:
        return Loudness(integrated_lufs=_NAN, true_peak_dbtp=_NAN, range_lu=_NAN)


def level_difference(made: Loudness, reference: Loudness) -> LevelDifference:
    """How much louder, higher and wider made sound is than its reference."""
    return LevelDifference(
        loudness_lu=made.integrated_lufs - reference.integrated_lufs,
        true_peak_db=made.true_peak_dbtp - reference.true_peak_dbtp,
        range_lu=made.range_lu - reference.range_lu,
    )
