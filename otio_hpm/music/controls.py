"""Melody and dynamics of a maestro cue, on the model's frames (paper section 3.2.2).

Melody is the strongest pitch class of each frame above middle C, as in Music ControlNet (Wu et
al. 2023). The paper's window of 260 samples at 16 kHz has bins 61 Hz wide, which cannot tell
semitones apart below 1 kHz; the default window here has bins of 6 Hz. Dynamics are the frame's
energy in dB, smoothed by a Savitzky-Golay filter of one second. That smoothing hides when
anything is struck, so accents go with the dynamics: the frames on which the spectrum rises at once,
or on which a hit point wants it to (not in the paper).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import MaestroError
from otio_hpm.timing import SAMPLE_RATE

if TYPE_CHECKING:
    from otio_hpm.model.config import ModelConfig
    from otio_hpm.timeline.cue import MaestroReference

MELODY_WINDOW = 8192
"""Samples at 48 kHz: bins of 5.9 Hz."""
PAPER_MELODY_WINDOW = 780
"""The paper's 260 samples at 16 kHz, at 48 kHz."""
MIDDLE_C_HZ = 261.2
SILENCE_DB = -70.0
"""Frames below this level have no melody; a maestro cue that never exceeds it is silent."""
_SMOOTHING_S = 1.0
_SMOOTHING_ORDER = 2
_JOIN_S = 0.1
_BESIDE_FRAMES = 2


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Melody, dynamics and accents, one value per spectrogram frame."""

    melody: NDArray[np.int8]
    """Pitch class 0 (C) to 11, or -1 where there is none. shape (frames,)"""
    dynamics_db: NDArray[np.float32]
    """Smoothed level in dB of full scale. shape (frames,)"""
    accents: NDArray[np.bool_]
    """Where an accent begins; elsewhere the music is free to have one. shape (frames,)"""
    melody_present: NDArray[np.bool_]
    """Where the melody is to be followed. shape (frames,)"""
    dynamics_present: NDArray[np.bool_]
    """Where the dynamics are to be followed. shape (frames,)"""

    def followed(self, *, melody: bool, dynamics: bool) -> Controls:
        """A copy of which only the named parts are followed."""
        return dataclasses.replace(
            self,
            melody_present=self.melody_present & melody,
            dynamics_present=self.dynamics_present & dynamics,
            accents=self.accents & dynamics,
        )

    def with_hits(self, hits_samples: Iterable[int], config: ModelConfig) -> Controls:
        """A copy with accents on hit points too, in samples at 48 kHz from its beginning.

        A hit point beside an accent is the same moment, counted on another clock.
        """
        accents = self.accents.copy()
        rate = Fraction(config.sample_rate, SAMPLE_RATE * config.hop)
        for frame in (math.floor(hit * rate) for hit in hits_samples):
            near = accents[max(0, frame - _BESIDE_FRAMES) : frame + _BESIDE_FRAMES + 1]
            if 0 <= frame < len(accents) and not near.any():
                accents[frame] = True
        return dataclasses.replace(self, accents=accents)

    def placed(self, before_frames: int, total_frames: int) -> Controls:
        """A copy that begins after `before_frames`, with nothing to follow outside itself."""
        after = max(0, total_frames - before_frames - len(self.melody))

        def pad(values: NDArray[Any], fill: float) -> NDArray[Any]:
            return np.pad(values, (before_frames, after), constant_values=fill)[:total_frames]

        return Controls(
            melody=pad(self.melody, -1),
            dynamics_db=pad(self.dynamics_db, SILENCE_DB),
            accents=pad(self.accents, False),
            melody_present=pad(self.melody_present, False),
            dynamics_present=pad(self.dynamics_present, False),
        )


def read_maestro(reference: MaestroReference, sample_rate: int = 48_000) -> NDArray[np.float32]:
    """Mono sound of a maestro cue, resampled. shape (samples,)

    Raises MaestroError naming the file where it is missing, not audio, or silent.
    """
    import soundfile
    import soxr

    hint = "Name a WAV, AIFF, FLAC, Ogg or MP3 file that holds music."
    try:
        with soundfile.SoundFile(str(reference.path)) as file:
            start = min(round(reference.start_s * file.samplerate), file.frames)
            file.seek(start)
            wanted = reference.duration_s
            count = -1 if wanted is None else round(wanted * file.samplerate)
            sound = file.read(count, dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
    except (OSError, soundfile.LibsndfileError) as error:
        raise MaestroError(
            f"maestro cue {reference.path} cannot be read as audio: {error}", hint=hint
        ) from error
    sound = np.asarray(soxr.resample(sound, rate, sample_rate), dtype=np.float32)
    if not np.isfinite(sound).all() or not sound.size or np.abs(sound).max() < 10 ** (-60 / 20):
        raise MaestroError(f"maestro cue {reference.path} is silent", hint=hint)
    return sound


def fitted(sound: NDArray[np.float32], samples: int, sample_rate: int) -> NDArray[np.float32]:
    """A reference cut to `samples`, or repeated with a short crossfade. (n,) -> (samples,)"""
    join = min(round(_JOIN_S * sample_rate), len(sound) // 4)
    while len(sound) < samples:
        ramp = np.linspace(0, 1, join, endpoint=False, dtype=np.float32)
        # Unrelated material meets here: equal power keeps the level.
        overlap = sound[len(sound) - join :] * np.sqrt(1 - ramp) + sound[:join] * np.sqrt(ramp)
        sound = np.concatenate([sound[: len(sound) - join], overlap, sound[join:]])
    return sound[:samples]


def controls_of(
    sound: NDArray[np.float32], config: ModelConfig, melody_window: int = MELODY_WINDOW
) -> Controls:
    """Melody, dynamics and accents of mono sound at the model's rate.

    (samples,) -> ceil(samples / hop) frames. `melody_window` counts at 48 kHz, whatever the rate.
    """
    import torch

    from otio_hpm.music.accents import accents_of
    from otio_hpm.music.spectrogram import analyse

    padded = np.pad(sound, (0, -len(sound) % config.hop))
    frames = len(padded) // config.hop
    window = melody_window * config.sample_rate // SAMPLE_RATE // 2 * 2
    power = _power(torch.from_numpy(padded), window, config.hop, config.sample_rate)
    chroma = chroma_bank(config.sample_rate, window) @ power
    level = _level_db(padded.reshape(frames, config.hop))
    heard = level > SILENCE_DB
    melody = np.where(heard, chroma.argmax(0).numpy(), -1).astype(np.int8)
    return Controls(
        melody=melody,
        dynamics_db=smooth_level(level, config.sample_rate / config.hop),
        accents=accents_of(analyse(torch.from_numpy(padded), config), config),
        melody_present=heard,
        dynamics_present=np.ones(frames, dtype=np.bool_),
    )


def _power(sound, window: int, hop: int, sample_rate: int):  # type: ignore[no-untyped-def]
    """Power spectrum above middle C, frame t centred on sample t * hop + hop / 2. (bins, frames)"""
    import torch

    pad = max(window - hop, 0)
    left = pad // 2
    padded = torch.nn.functional.pad(sound, (left, pad - left))
    spectrum = torch.stft(
        padded, window, hop, window=torch.hann_window(window), center=False, return_complex=True
    )
    return spectrum.abs().square() * high_pass(sample_rate, window)[:, None]


@lru_cache(maxsize=4)
def high_pass(sample_rate: int, window: int):  # type: ignore[no-untyped-def]
    """Power response of a second-order Butterworth high-pass at middle C. (bins,)"""
    import torch

    hz = torch.arange(window // 2 + 1) * (sample_rate / window)
    ratio = (hz / MIDDLE_C_HZ) ** 4
    return ratio / (1 + ratio)


@lru_cache(maxsize=4)
def chroma_bank(sample_rate: int, window: int):  # type: ignore[no-untyped-def]
    """Power of FFT bins to pitch classes, A4 = 440 Hz. (12, bins)"""
    import torch
    from librosa.filters import chroma

    return torch.from_numpy(chroma(sr=sample_rate, n_fft=window, tuning=0.0))


def _level_db(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level of each frame in dB of full scale. (frames, hop) -> (frames,)"""
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)))


def smooth_level(level: NDArray[np.float64], frame_rate: float) -> NDArray[np.float32]:
    """Level in dB, smoothed by Savitzky-Golay over one second. (frames,) -> (frames,)

    Shorter sound is smoothed over what there is.
    """
    from scipy.signal import savgol_filter

    length = min(round(_SMOOTHING_S * frame_rate) | 1, (len(level) - 1) | 1)
    if length <= _SMOOTHING_ORDER:
        return level.astype(np.float32)
    return np.asarray(savgol_filter(level, length, _SMOOTHING_ORDER), dtype=np.float32)
