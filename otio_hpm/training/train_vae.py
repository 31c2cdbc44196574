"""Trains the music autoencoder on crops of composed spectrograms."""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.hpm import channels_last
from otio_hpm.training.cache import Windows
from otio_hpm.training.pictures import save_spectrograms
from otio_hpm.training.trainer import Trainer, Watch

CROP_FRAMES = 80
"""1.28 s: the autoencoder sees only a few frames around each."""
BATCH = 24
_KL_WEIGHT = 1e-5


def train_vae(
    trainer: Trainer, model: MusicAutoencoder, windows: Windows, minutes: float | None = None
) -> bool:
    """Train, or go on training, the autoencoder; whether the schedule is finished.

    The loss is the mean absolute error of the normalised log spectrogram plus a small KL term.
    """
    device = trainer.device
    channels_last(model)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        crops = _crops(windows, generator).to(device)
        folded = model.fold(crops).contiguous(memory_format=torch.channels_last)
        posterior = model.kl.encode(folded).latent_dist
        noise = torch.randn(posterior.mean.shape, generator=generator).to(device)
        decoded = model.kl.decode(posterior.mean + posterior.std * noise).sample
        error: Tensor = (decoded.float() - folded).abs().mean()
        divergence: Tensor = posterior.kl().mean()
        return error + _KL_WEIGHT * divergence

    def sample() -> None:
        picture = windows.spectrogram[:3].float().to(device)
        with torch.no_grad():
            decoded = model.decode(model.encode(picture))
        both = [p for pair in zip(picture, decoded, strict=True) for p in pair]
        save_spectrograms(both, trainer.folder / "samples.png")

    return trainer.run(loss, Watch(sample=sample), minutes)


def _crops(windows: Windows, generator: torch.Generator) -> Tensor:
    """(BATCH, CROP_FRAMES, bands) float32 at random places."""
    chosen = torch.randint(len(windows), (BATCH,), generator=generator)
    last = windows.spectrogram.shape[1] - CROP_FRAMES
    starts = torch.randint(last + 1, (BATCH,), generator=generator)
    pairs = zip(chosen.tolist(), starts.tolist(), strict=True)
    crops = [windows.spectrogram[i, s : s + CROP_FRAMES].float() for i, s in pairs]
    return torch.stack(crops)


@torch.no_grad()
def finish_vae(model: MusicAutoencoder, windows: Windows, count: int = 200) -> None:
    """Set the latent statistics that make latents zero-mean and unit-deviation per channel."""
    model.latent_mean.zero_()
    model.latent_std.fill_(1)
    latents = encode_windows(model, windows.spectrogram[:count])
    model.latent_mean.copy_(latents.mean(dim=(0, 2, 3))[:, None, None])
    model.latent_std.copy_(latents.std(dim=(0, 2, 3))[:, None, None])


@torch.no_grad()
def encode_windows(model: MusicAutoencoder, spectrogram: Tensor, batch: int = 8) -> Tensor:
    """Latents of windows, float32. (N, frames, bands) -> (N, C, T, F)"""
    device = model.latent_mean.device
    parts = []
    for chosen in torch.split(spectrogram, batch):
        with torch.autocast(device.type, torch.bfloat16):
            parts.append(model.encode(chosen.float().to(device)).float().cpu())
    return torch.cat(parts)
