"""From a model's own sample rate to the rate of delivery."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from otio_hpm.timing import SAMPLE_RATE


def delivered(sound: NDArray[np.float32], sample_rate: int, samples: int) -> NDArray[np.float32]:
    """Mono sound at 48 kHz, exactly `samples` of it; sample 0 stays where it is. (n,) -> (samples,)

    Sound that is at 48 kHz already is not touched. Raises ValueError for sound that does not
    reach so far.
    """
    if sample_rate == SAMPLE_RATE:
        return sound
    import soxr

    resampled = np.asarray(soxr.resample(sound, sample_rate, SAMPLE_RATE), dtype=np.float32)
    if len(resampled) < samples:
        raise ValueError(f"{len(sound)} samples at {sample_rate} Hz do not last {samples} samples")
    return resampled[:samples]
