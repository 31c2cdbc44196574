"""Sound as a dataset keeps it: FLAC, 16 bit, 48 kHz, mono."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from otio_hpm.dataset.clip import INTERVAL_SAMPLES, WINDOW_SAMPLES
from otio_hpm.timing import SAMPLE_RATE


def encode_sound(sound: NDArray[np.float32]) -> bytes:
    """FLAC of mono sound at 48 kHz, (samples,) in -1..1; what is beyond is cut off."""
    whole = np.clip(np.rint(sound.astype(np.float64) * 32768), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, whole, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def decode_sound(data: bytes) -> NDArray[np.float32]:
    """Sound of a FLAC that `encode_sound` made. -> (samples,) at 48 kHz

    Raises ValueError for any other, before it is decoded.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            found = (file.format, file.samplerate, file.channels)
            if found != ("FLAC", SAMPLE_RATE, 1):
                raise ValueError(f"its sound is {found}, not mono FLAC at 48 kHz")
            if not INTERVAL_SAMPLES <= file.frames <= WINDOW_SAMPLES:
                raise ValueError(f"its sound has {file.frames} samples")
            return np.asarray(file.read(dtype="float32"), np.float32)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"its sound cannot be decoded: {error}") from error
