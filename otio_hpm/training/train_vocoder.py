"""Trains the vocoder to mend what Griffin-Lim leaves: spectral losses only, no discriminator.

Phase that Griffin-Lim chose differs from the original's, so the losses compare magnitudes at
several resolutions; phases that do not fit each other show as wrong magnitudes at others.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import analyse, istft, stft
from otio_hpm.training.corpus import compose_pair
from otio_hpm.training.synthesis import Synth
from otio_hpm.training.trainer import Trainer, Watch

CROP_FRAMES = 64
BATCH = 8
_POOL = 48
_RENEW_EVERY = 25
_RESOLUTIONS = (512, 1024, 2048, 4096, 8192)
_FLOOR = 1e-4

Item = tuple[Tensor, Tensor, Tensor]
"""Original sound, its spectrogram, and what Griffin-Lim makes of that."""


def train_vocoder(
    trainer: Trainer, vocoder: Vocoder, synth: Synth, roundtrip: Callable[[Tensor], Tensor],
    minutes: float | None = None,
) -> bool:  # fmt: skip
    """Train, or go on training, the vocoder; whether the schedule is finished.

    `roundtrip` passes a spectrogram (frames, bands) through the autoencoder; every second item is
    such a one, because that is what the vocoder will meet.
    """
    config, device = vocoder.config, trainer.device
    pool = _Pool(config, synth, roundtrip, trainer.step)

    def loss(step: int, generator: torch.Generator) -> Tensor:
        sound, spectrogram, start = pool.crops(step, generator)
        with torch.no_grad():
            spectrum = stft(start.to(device), config)
        refined = istft(vocoder(spectrogram.to(device), spectrum), config)
        return spectral_distance(refined, sound.to(device))

    return trainer.run(loss, Watch(), minutes)


def spectral_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean log-magnitude error and spectral convergence over several resolutions. (B, samples)"""
    total = torch.zeros((), device=made.device)
    for size in _RESOLUTIONS:
        window = torch.hann_window(size, device=made.device)
        a, b = (
            torch.stft(x.float(), size, size // 4, window=window, return_complex=True).abs()
            / window.sum()
            for x in (made, wanted)
        )
        log = ((a + _FLOOR).log() - (b + _FLOOR).log()).abs().mean()
        convergence = torch.linalg.norm(a - b) / torch.linalg.norm(b).clamp_min(1e-3)
        total = total + log + convergence
    return total / len(_RESOLUTIONS)


class _Pool:
    """A changing set of composed items; which ones are in it at a step follows from the step."""

    def __init__(
        self,
        config: ModelConfig,
        synth: Synth,
        roundtrip: Callable[[Tensor], Tensor],
        step: int,
    ) -> None:
        self.config, self.synth, self.roundtrip = config, synth, roundtrip
        newest = step // _RENEW_EVERY
        self.items = {n: self._item(n) for n in range(newest, newest + _POOL)}

    def crops(self, step: int, generator: torch.Generator) -> Item:
        """(B, samples), (B, frames, bands), (B, samples)"""
        newest = step // _RENEW_EVERY
        for number in range(newest, newest + _POOL):
            if number not in self.items:
                self.items[number] = self._item(number)
        self.items = {n: item for n, item in self.items.items() if n >= newest}
        crops = [self._crop(newest, generator) for _ in range(BATCH)]
        sound, spectrogram, start = (torch.stack(parts) for parts in zip(*crops, strict=True))
        return sound, spectrogram, start

    def _crop(self, newest: int, generator: torch.Generator) -> Item:
        number = newest + int(torch.randint(_POOL, (1,), generator=generator))
        sound, spectrogram, start = self.items[number]
        first = int(torch.randint(len(spectrogram) - CROP_FRAMES, (1,), generator=generator))
        frames = slice(first, first + CROP_FRAMES)
        samples = slice(first * self.config.hop, (first + CROP_FRAMES) * self.config.hop)
        return sound[samples], spectrogram[frames], start[samples]

    @torch.no_grad()
    def _item(self, number: int) -> Item:
        sound = torch.from_numpy(compose_pair(2**40 + 2 * number, self.synth).audio)
        spectrogram = analyse(sound, self.config)
        if number % 2:
            spectrogram = self.roundtrip(spectrogram)
        steps = self.config.griffin_lim_steps
        start = griffin_lim(spectrogram, self.config, number, steps)
        return sound, spectrogram, start
