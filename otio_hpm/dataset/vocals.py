"""Takes dialogue and vocals out of a film's sound with Demucs (paper appendix B.1), an extra.

The paper keeps Demucs' accompaniment: all stems but the vocals, into which speech falls too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from otio_hpm.dataset.sound import Stereo
from otio_hpm.errors import ModelError
from otio_hpm.timing import SAMPLE_RATE

Remover = Callable[[Stereo], Stereo]
"""Sound at 48 kHz without dialogue and vocals, as long as it was. (2, samples) -> (2, samples)"""

CONTEXT_S = 4
"""Seconds on each side of a clip that are separated with it: Demucs hears 7.8 s at a time."""
MODEL = "htdemucs"


def load_demucs(device: str = "cpu") -> Remover:
    """Hybrid Transformer Demucs, whose weights its own package fetches once.

    Raises ModelError where the package is not installed or its weights cannot be had.
    """
    try:
        from demucs.api import Separator
    except ImportError as error:
        raise ModelError(
            "taking dialogue and vocals out needs Demucs, which is not installed",
            hint="Run `pip install otio-hpm[demucs]`, or leave the sound as it is with"
            " --keep-dialogue.",
        ) from error
    try:
        # Its random shifts would give other bytes each time.
        separator = Separator(model=MODEL, device=device, shifts=0)
    except Exception as error:  # its loaders raise what their transports raise
        raise ModelError(
            f"the weights of Demucs ({MODEL}) cannot be loaded: {error}",
            hint="They are downloaded once, so run this with a network, or leave the sound as it is"
            " with --keep-dialogue.",
        ) from error
    return lambda sound: accompaniment(separator, sound)


def accompaniment(separator: Any, sound: Stereo) -> Stereo:
    """The sum of all stems but the vocals, by a `demucs.api.Separator`."""
    import soxr
    import torch

    rate = separator.samplerate
    heard = np.asarray(soxr.resample(sound.T, SAMPLE_RATE, rate), np.float32).T
    _, stems = separator.separate_tensor(torch.from_numpy(np.ascontiguousarray(heard)), rate)
    kept = sum(stem for name, stem in stems.items() if name != "vocals")
    back = np.asarray(soxr.resample(kept.cpu().numpy().T, rate, SAMPLE_RATE), np.float32).T
    missing = max(0, sound.shape[1] - back.shape[1])
    return np.pad(back, ((0, 0), (0, missing)))[:, : sound.shape[1]]
