"""Trains the autoencoder's decoder further, on latents as they are: the encoder stays, so that a
diffusion that was trained on its latents stays as good.

Half of the latents are given a little noise (Ho et al. 2022, conditioning augmentation): what a
diffusion makes is never quite a spectrogram's latent, and the decoder learns to make music of it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.hpm import channels_last
from otio_hpm.training.fixed_draws import Latents
from otio_hpm.training.pictures import save_spectrograms
from otio_hpm.training.trainer import Trainer, Watch

BATCH = 6
CROP_S = 5.12
"""Long beside what a decoder's convolutions see, as its normalisation looks at all of a crop."""
DECODES = ("kl.decoder.", "kl.post_quant_conv.")
"""Beginnings of the names of an autoencoder's weights that lead from latents to spectrograms."""
MOST_NOISE = 0.4
"""Deviation of the noise, of latents that deviate by one."""
_EDGES = 0.5
"""Weight of differences in time and pitch: without them, onsets and partials are blurred."""


def decoder_only(model: MusicAutoencoder) -> None:
    """Freeze everything but the way from latents to spectrograms."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(DECODES))


def train_decoder(
    trainer: Trainer, model: MusicAutoencoder, data: Latents, minutes: float | None = None
) -> bool:
    """Train, or go on training, the decoder; whether the schedule is finished.

    The loss is the mean absolute error of the normalised log spectrogram, and that of its
    differences from frame to frame and from band to band.
    """
    device = trainer.device
    channels_last(model)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        latent, wanted = _crops(model, data, generator)
        decoded = model.decode(_with_noise(latent, generator).to(device)).float()
        return spectrogram_error(decoded, wanted.to(device))

    def sample() -> None:
        with torch.no_grad():
            decoded = model.decode(data.latent[:3].float().to(device))
        both = zip(data.windows.spectrogram[:3].float(), decoded, strict=True)
        save_spectrograms([p for pair in both for p in pair], trainer.folder / "samples.png")

    return trainer.run(loss, Watch(sample=sample), minutes)


def spectrogram_error(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute error of spectrograms and of their differences. (B, frames, bands) -> ()"""
    error = made - wanted
    in_time, in_pitch = error.diff(dim=1).abs().mean(), error.diff(dim=2).abs().mean()
    total: Tensor = error.abs().mean() + _EDGES * (in_time + in_pitch)
    return total


def _crops(
    model: MusicAutoencoder, data: Latents, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Latents (BATCH, C, crop, F) and spectrograms (BATCH, crop * ratio, bands), float32."""
    config = model.config
    length = min(round(CROP_S * config.sample_rate / config.latent_hop), data.latent.shape[2])
    chosen = torch.randint(len(data.latent), (BATCH,), generator=generator)
    starts = torch.randint(data.latent.shape[2] - length + 1, (BATCH,), generator=generator)
    latents, spectrograms = [], []
    for number, start in zip(chosen.tolist(), starts.tolist(), strict=True):
        frames = slice(start * config.ratio, (start + length) * config.ratio)
        latents.append(data.latent[number, :, start : start + length].float())
        spectrograms.append(data.windows.spectrogram[number, frames].float())
    return torch.stack(latents), torch.stack(spectrograms)


def _with_noise(latent: Tensor, generator: torch.Generator) -> Tensor:
    """Every second latent with noise of a deviation of its own. (B, C, T, F)"""
    deviation = torch.rand((len(latent), 1, 1, 1), generator=generator) * MOST_NOISE
    deviation[::2] = 0
    return latent + deviation * torch.randn(latent.shape, generator=generator)
