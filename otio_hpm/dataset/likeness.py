"""Finds clips that look and sound like one that is there already.

The picture's fingerprint is a difference hash (64 bits a second: which of two neighbouring patches
is the lighter), the sound's is its chroma (12 bits each half second: which pitch classes are
above the mean). Both survive other codecs, sizes and levels. A clip counts as a duplicate only if
both are alike: the same picture under other music, and the same music under another picture, are
what a dataset is for. A copy that is cut some tenths of a second later is not found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from otio_hpm.dataset.clip import INTERVAL_FRAMES, INTERVAL_S, INTERVAL_SAMPLES, STORED_FPS
from otio_hpm.timing import SAMPLE_RATE

_ROWS, _COLUMNS = 8, 9
_LIGHTER = 4.0
"""Of 255: less of a difference is none, so that flat pictures do not hash their noise."""
_FFT = 8192
_HALF_SECONDS = 2 * INTERVAL_S
_PICTURE_BYTES = INTERVAL_S * _ROWS * (_COLUMNS - 1) // 8
_SOUND_BYTES = _HALF_SECONDS * 12 // 8
_ALIKE = (0.1, 0.1)
"""Share of bits of picture, and of sound, that may differ. Copies of footage at 128 x 72 pixels and
a coarse H.264, darkened, differ in up to 0.09 of the picture's, copies 0.2 s later in 0.05, other
moments of a shot that hardly moves in 0.13 and other footage in 0.2 to 0.5."""


def likeness(frames: NDArray[np.uint8], sound: NDArray[np.float32]) -> bytes:
    """Fingerprint of RGB frames at 30 a second and mono sound at 48 kHz, of their first 10 s."""
    seconds = frames[:INTERVAL_FRAMES:STORED_FPS].astype(np.float32).mean(axis=3)
    patches = _patches(_patches(seconds, _ROWS, 1), _COLUMNS, 2)
    lighter = patches[:, :, 1:] > patches[:, :, :-1] + _LIGHTER
    chroma = _chroma(sound[:INTERVAL_SAMPLES])
    above = chroma > chroma.mean(axis=1, keepdims=True)
    return np.packbits(lighter).tobytes() + np.packbits(above).tobytes()


class Known:
    """The fingerprints of the clips so far, 110 bytes each."""

    def __init__(self) -> None:
        self._rows = np.zeros((1024, _PICTURE_BYTES + _SOUND_BYTES), np.uint8)
        self._numbers: list[int] = []

    def add(self, number: int, fingerprint: bytes) -> None:
        """Remember a clip."""
        count = len(self._numbers)
        if count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[count] = np.frombuffer(fingerprint, np.uint8)
        self._numbers.append(number)

    def like(self, fingerprint: bytes) -> int | None:
        """Number of the first clip that looks and sounds like this, or None."""
        differ = self._rows[: len(self._numbers)] ^ np.frombuffer(fingerprint, np.uint8)
        bits = np.bitwise_count(differ)
        picture = bits[:, :_PICTURE_BYTES].sum(axis=1) / (8 * _PICTURE_BYTES)
        sound = bits[:, _PICTURE_BYTES:].sum(axis=1) / (8 * _SOUND_BYTES)
        alike = np.flatnonzero((picture <= _ALIKE[0]) & (sound <= _ALIKE[1]))
        return self._numbers[alike[0]] if len(alike) else None


def _patches(images: NDArray[np.float32], parts: int, axis: int) -> NDArray[np.float32]:
    """Means over `parts` runs of one axis, all about as long."""
    length = images.shape[axis]
    edges = np.arange(parts) * length // parts
    runs = np.diff(np.append(edges, length)).astype(np.float32)
    shape = [-1 if i == axis else 1 for i in range(images.ndim)]
    sums = np.add.reduceat(images, edges, axis=axis)
    return np.asarray(sums / runs.reshape(shape), np.float32)


def _chroma(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power of each pitch class in each half second. -> (20, 12)"""
    from librosa.filters import chroma

    starts = np.arange(_HALF_SECONDS) * SAMPLE_RATE // 2
    blocks = np.stack([sound[start : start + SAMPLE_RATE // 2] for start in starts])
    power = np.zeros((_HALF_SECONDS, _FFT // 2 + 1))
    for first in range(0, SAMPLE_RATE // 2 - _FFT + 1, _FFT // 2):
        piece = blocks[:, first : first + _FFT] * np.hanning(_FFT)
        power += np.square(np.abs(np.fft.rfft(piece)))
    return np.asarray(power @ chroma(sr=SAMPLE_RATE, n_fft=_FFT, tuning=0.0).T, np.float32)
