"""Trains the vocoder to tell what bins hold within bands that are wider than one.

Which partials a band holds follows from those below it, where bands are bins of their own, and what
is noise has none: nothing of it hangs on phases, so that there is an answer to every frame.
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.music.spectrogram import log_shared, stft, to_bands, to_bins
from otio_hpm.training.cache import sound_of_pair
from otio_hpm.training.corpus import CorpusStream
from otio_hpm.training.train_decoder import MOST_NOISE
from otio_hpm.training.trainer import Trainer, Watch

CROP_FRAMES = 64
BATCH = 16
_STREAM = 13
"""Stream of pairs that nothing else is trained on."""
_POOL = 96
"""Items in memory at once, some 1.5 MB each."""
_RENEW_EVERY = 4
"""Steps after which the oldest item gives way to a new one."""

Item = tuple[Tensor, Tensor]
"""A spectrogram (frames, bands), and the STFT magnitudes (frames, bins) that it stands for."""


def train_vocoder(
    trainer: Trainer, vocoder: Vocoder, stream: CorpusStream, vae: MusicAutoencoder,
    minutes: float | None = None,
) -> bool:  # fmt: skip
    """Train, or go on training, the vocoder; whether the schedule is finished.

    Three of four spectrograms have passed through the autoencoder, because the vocoder will meet
    such ones, and two of these with noise on their latents, as a diffusion's are never quite those
    of music.
    """
    pool = _Pool(stream, vae, trainer.step)

    def loss(step: int, generator: torch.Generator) -> Tensor:
        spectrogram, wanted = (part.to(trainer.device) for part in pool.crops(step, generator))
        return detail_error(vocoder, spectrogram, wanted)

    return trainer.run(loss, Watch(), minutes)


def detail_error(vocoder: Vocoder, spectrogram: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute error of log magnitudes in bins that are no bands of their own, neper.

    (B, frames, bands), (B, frames, bins) -> ()
    """
    config, detail = vocoder.config, vocoder(spectrogram)
    with torch.autocast(spectrogram.device.type, enabled=False):
        made = to_bins(spectrogram, config, detail)
        told = log_shared(wanted.transpose(-1, -2), config)
        return (log_shared(made, config) - told).abs().mean()


def items(steps: int) -> int:
    """How many pairs so many steps have seen."""
    return _POOL + steps // _RENEW_EVERY


class _Pool:
    """A changing set of composed items; which ones are in it at a step follows from the step."""

    def __init__(self, stream: CorpusStream, vae: MusicAutoencoder, step: int) -> None:
        self.stream, self.vae, self.config = stream, vae, vae.config
        newest = step // _RENEW_EVERY
        self.items = {n: self._item(n) for n in range(newest, newest + _POOL)}

    def crops(self, step: int, generator: torch.Generator) -> Item:
        """(B, frames, bands), (B, frames, bins)"""
        newest = step // _RENEW_EVERY
        for number in range(newest, newest + _POOL):
            if number not in self.items:
                self.items[number] = self._item(number)
        self.items = {n: item for n, item in self.items.items() if n >= newest}
        crops = [self._crop(newest, generator) for _ in range(BATCH)]
        spectrogram, wanted = map(torch.stack, zip(*crops, strict=True))
        return spectrogram, wanted

    def _crop(self, newest: int, generator: torch.Generator) -> Item:
        number = newest + int(torch.randint(_POOL, (1,), generator=generator))
        spectrogram, wanted = self.items[number]
        first = int(torch.randint(len(spectrogram) - CROP_FRAMES + 1, (1,), generator=generator))
        frames = slice(first, first + CROP_FRAMES)
        return spectrogram[frames].float(), wanted[frames].float()

    @torch.no_grad()
    def _item(self, number: int) -> Item:
        pair = self.stream.pair(_STREAM, number)
        sound = torch.from_numpy(sound_of_pair(pair, self.config))
        # In float32, whether a step makes it or the beginning of a leg.
        with torch.autocast("cpu", enabled=False):
            magnitude = stft(sound, self.config).abs()
            spectrogram = to_bands(magnitude, self.config)
            if number % 4:
                spectrogram = self._decoded(spectrogram, number)
        # Half precision would lose what is soft: magnitudes go down to 1e-5.
        return spectrogram.half(), magnitude.T.bfloat16()

    def _decoded(self, spectrogram: Tensor, number: int) -> Tensor:
        """What the autoencoder makes of it. (frames, bands) -> (frames, bands)"""
        generator = torch.Generator().manual_seed(number)
        latent: Tensor = self.vae.encode(spectrogram[None])
        deviation = MOST_NOISE * torch.rand(1, generator=generator) * (number % 4 > 1)
        noisy = latent + deviation * torch.randn(latent.shape, generator=generator)
        decoded: Tensor = self.vae.decode(noisy)[0]
        return decoded.float()
