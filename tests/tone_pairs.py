"""Composed pairs without a soundfont: a tone whose level and pitch follow the picture exactly.

Light is level and colour is pitch, so that whoever sees the film knows the music, and whoever does
not can only guess. And the guess that no film-blind predictor can better.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.training.cache import window_of
from otio_hpm.training.corpus import Pair
from otio_hpm.training.fixed_draws import FixedDraws

CONFIG = ModelConfig(
    hop=3072, bands=32, linear_to_hz=240.0, top_hz=8000.0, vae_channels=(16, 16),
    latent_channels=4, window_latents=40, unet_channels=(16, 32, 32),
    unet_attention=(False, True, True), head_channels=16, norm_groups=8, film_size=32,
    fusion_heads=4, control_channels=16,
)  # fmt: skip
"""Windows of 10.24 s as ever, on a grid so coarse that a step of training takes moments."""
_FRAMES = 103
_RATE = 48_000


def tone_pair(seed: int) -> Pair:
    """10.24 s of a tone, and of a picture that shows its level as light and its pitch as colour."""
    rng = np.random.default_rng(seed)
    level, pitch = (_course(rng) for _ in range(2))
    return Pair(
        audio=_tone(level, pitch), frames=_picture(level, pitch), valence=pitch, arousal=level,
        kind="tone", tempo_bpm=(), key="", hits=(), composers=(), programs=(),
    )  # fmt: skip


class TonePairs:
    """In place of a corpus's stream, which needs a soundfont."""

    def __init__(self, *_: object) -> None: ...

    def pair(self, seed: int, index: int) -> Pair:
        """Pair number `index` of the stream `seed`."""
        return tone_pair(1000 * seed + index)


def write_corpus(folder: Path, count: int) -> None:
    """A run's folder with its configuration and `count` composed windows."""
    folder.mkdir(parents=True, exist_ok=True)
    CONFIG.save(folder / "config.json")
    windows = [window_of(tone_pair(seed), CONFIG) for seed in range(count)]
    (folder / "corpus").mkdir()
    save_file(
        {name: torch.stack([window[name] for window in windows]) for name in windows[0]},
        folder / "corpus" / "windows_000000000.safetensors",
    )


def best_blind_loss(draws: FixedDraws) -> float:
    """Loss of the best predictor that knows all windows by heart and sees no film.

    That is the expectation over the windows given the noisy latent: every window weighs as the
    noise that would have led from it to there is likely.
    """
    schedule = NoiseSchedule(CONFIG)
    known = draws.data.latent.float()
    errors = []
    for number, step, noise in zip(draws.chosen, draws.step, draws.noise, strict=True):
        noisy = schedule.noisy(known[number], noise, step[None])
        power = schedule.signal_power[step]
        distance = (noisy - power.sqrt() * known).square().flatten(1).sum(1)
        weights = (-distance / (2 * (1 - power))).softmax(0)
        guess = torch.einsum("n,nctf->ctf", weights, known)
        guessed_noise = (noisy - power.sqrt() * guess) / (1 - power).sqrt()
        guessed, true = (
            schedule.target(latent, of, step[None])
            for latent, of in ((guess, guessed_noise), (known[number], noise))
        )
        errors.append(float((guessed - true).square().mean()))
    return float(np.mean(errors))


def _course(rng: np.random.Generator) -> NDArray[np.float32]:
    """A slow course between 0 and 1 over a clip's frames. (103,)"""
    knots = rng.uniform(0, 1, 4)
    return np.interp(np.arange(_FRAMES), np.linspace(0, _FRAMES - 1, 4), knots).astype(np.float32)


def _tone(level: NDArray[np.float32], pitch: NDArray[np.float32]) -> NDArray[np.float32]:
    samples = CONFIG.window_samples
    at = np.arange(samples) / _RATE * 10
    hz = 150 * 2 ** (5 * np.interp(at, np.arange(_FRAMES), pitch))
    gain = 10 ** ((-46 + 40 * np.interp(at, np.arange(_FRAMES), level)) / 20)
    return (gain * np.sin(2 * np.pi * np.cumsum(hz) / _RATE)).astype(np.float32)


def _picture(level: NDArray[np.float32], pitch: NDArray[np.float32]) -> NDArray[np.uint8]:
    shades = np.stack([level * pitch, 0.3 * level, level * (1 - pitch)], axis=1)
    frames = np.zeros((_FRAMES, 36, 64, 3), np.uint8)
    frames[:] = (20 + 235 * shades)[:, None, None]
    return frames
