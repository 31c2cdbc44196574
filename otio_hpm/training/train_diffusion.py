"""Trains VM-UNet on film, and the S-Control branch on melody and dynamics.

`base` trains VM-UNet with its film encoder; `style` trains the branch on the frozen base as the
paper does (section 3.2), or both together, which needs far fewer windows from a young base.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.film_encoder import QUANTILES
from otio_hpm.model.hpm import Hpm, Sampling, Style, channels_last, denoise
from otio_hpm.model.lora import with_lora
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.model.windows import WindowPlan
from otio_hpm.training.cache import Windows, quantile_table
from otio_hpm.training.pictures import save_spectrograms
from otio_hpm.training.trainer import Trainer

_DROP_ALL = 0.1
_DROP_FILM = 0.1
_DROP_FEATURES = (0.3, 0.3, 0.08)
"""Of semantic, aesthetic and emotion. What is semantic differs most between composed pictures and
real ones, and must not be leant on alone."""
_DROP_STYLE = 0.25
_ONE_CONTROL = 0.5
_PARTIAL_MASK = 0.3


@dataclass(frozen=True, kw_only=True)
class Latents:
    """Training windows with their spectrograms encoded."""

    latent: Tensor
    """shape (N, C, T, F) float16"""
    windows: Windows


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Which parts a stage trains, and how."""

    base: bool
    """Train VM-UNet and the film encoder."""
    style: bool
    """Train the S-Control branch."""
    lora_rank: int = 0
    """Rank of low-rank updates of the branch's transformer blocks; 0 trains them whole."""
    batch: int = 8
    """Windows per step."""


def train_diffusion(
    trainer: Trainer, model: Hpm, data: Latents, stage: Stage, vae: MusicAutoencoder,
    minutes: float | None = None,
) -> bool:  # fmt: skip
    """Train, or go on training, one stage; whether its schedule is finished."""
    device = trainer.device
    channels_last(model)
    noise_schedule = NoiseSchedule(model.config)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(data.latent), (stage.batch,), generator=generator)
        latent = data.latent[chosen].float().to(device)
        noise = torch.randn(latent.shape, generator=generator).to(device)
        step = torch.randint(noise_schedule.train_steps, (stage.batch,), generator=generator)
        noisy = noise_schedule.noisy(latent, noise, step)
        predicted = predict(model, noisy, step.to(device), data.windows, chosen, stage, generator)
        target = noise_schedule.target(latent, noise, step)
        # Every noise level counts alike: min-SNR weights nearly leave out the noisiest ones, where
        # film and controls say most about the music.
        error: Tensor = (predicted.float() - target).square().mean()
        return error

    def sample() -> None:
        save_samples(model, vae, data, trainer.folder / "samples.png", device)

    return trainer.run(loss, sample, minutes)


def predict(
    model: Hpm, noisy: Tensor, step: Tensor, windows: Windows, chosen: Tensor, stage: Stage,
    generator: torch.Generator,
) -> Tensor:  # fmt: skip
    """Predicted v with conditions dropped at random for guidance and partial control."""
    device = noisy.device
    batch = len(chosen)
    normalised = model.film_encoder.normalise(windows.descriptors[chosen].to(device))
    film = model.film_encoder(_without_features(normalised, model.film_encoder.sizes, generator))
    free = _chance(batch, _DROP_ALL, generator)
    film = model.film_encoder.drop(film, (free | _chance(batch, _DROP_FILM, generator)).to(device))
    style = _style(windows, chosen, free, generator, device) if stage.style else None
    return model.predict(noisy, step, film, style)


def choose_trainable(model: Hpm, stage: Stage) -> None:
    """Freeze everything but what the stage trains; low-rank layers are put in here."""
    model.requires_grad_(False)
    if stage.base:
        model.vm_unet.requires_grad_(True)
        model.film_encoder.requires_grad_(True)
    if stage.style:
        model.s_control.requires_grad_(True)
        if stage.lora_rank:
            model.s_control = with_lora(model.s_control, stage.lora_rank)


def _chance(count: int, share: float, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator) < share


def _without_features(
    normalised: Tensor, sizes: tuple[int, ...], generator: torch.Generator
) -> Tensor:
    """Whole features made neutral at random, each on its own."""
    kept = [
        (~_chance(len(normalised), share, generator)).float()[:, None].expand(-1, size)
        for size, share in zip(sizes, _DROP_FEATURES, strict=True)
    ]
    return normalised * torch.cat(kept, dim=1)[:, None].to(normalised.device)


def _style(
    windows: Windows, chosen: Tensor, free: Tensor, generator: torch.Generator,
    device: torch.device,
) -> Style:  # fmt: skip
    """Controls with one of the two, a stretch of time, accents, or all dropped at random.

    All are dropped where `free` (B,): with the film, for the free side of guidance.
    """
    batch = len(chosen)
    melody = windows.melody[chosen]
    single = _chance(batch, _ONE_CONTROL, generator)
    first = _chance(batch, 0.5, generator)
    melody_on = (~single | first)[:, None] & ~_stretch(melody.shape, generator)
    dynamics_on = (~single | ~first)[:, None] & ~_stretch(melody.shape, generator)
    return Style(
        melody=melody_input(melody, melody_on).to(device),
        dynamics=dynamics_input(
            windows.dynamics_db[chosen],
            _some(windows.accents[chosen], generator),
            dynamics_on,
        ).to(device),
        strength=(~free & ~_chance(batch, _DROP_STYLE, generator)).float().to(device),
    )


def _some(accents: Tensor, generator: torch.Generator) -> Tensor:
    """A share of the accents, from none to all: hit points are but some of them. (B, frames)"""
    share = torch.rand(len(accents), 1, generator=generator)
    return accents & (torch.rand(accents.shape, generator=generator) < share)


def _stretch(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Frames hidden for a stretch in some items. (B, frames)"""
    batch, frames = shape
    ends = torch.rand(batch, 2, generator=generator).sort(dim=1).values * frames
    hidden = _chance(batch, _PARTIAL_MASK, generator)[:, None]
    position = torch.arange(frames)[None]
    return hidden & (position >= ends[:, :1]) & (position < ends[:, 1:])


def set_quantiles(model: Hpm, descriptors: Tensor) -> None:
    """Spread every descriptor evenly over what `descriptors` (rows, D) show."""
    model.film_encoder.quantiles.copy_(quantile_table(descriptors, QUANTILES))


@torch.no_grad()
def save_samples(model: Hpm, vae: MusicAutoencoder, data: Latents, path: Path, device: str) -> None:
    """Draw three windows, what the model makes of their film, and of film and controls."""
    count, windows, config = 3, data.windows, model.config
    film = model.film_encoder(model.film_encoder.normalise(windows.descriptors[:count].to(device)))
    everywhere = torch.ones(count, config.window_frames, dtype=torch.bool)
    style = Style(
        melody=melody_input(windows.melody[:count], everywhere).to(device),
        dynamics=dynamics_input(
            windows.dynamics_db[:count], windows.accents[:count], everywhere
        ).to(device),
        strength=torch.ones(count, device=device),
    )
    # Windows that do not overlap, so that one long latent holds them side by side.
    length = config.window_latents
    plan = WindowPlan(
        starts=tuple(range(0, count * length, length)), window=length, length=count * length
    )
    shape = (1, config.latent_channels, plan.length, config.latent_bands)
    pictures = [windows.spectrogram[:count].float()]
    for chosen in (None, style):
        noise = seeded_noise(shape, 0).to(device)
        latent = denoise(model, noise, plan, film, chosen, Sampling(steps=12))
        pictures.append(vae.decode(torch.cat(latent.split(length, dim=2))))
    rows = [p for trio in zip(*pictures, strict=True) for p in trio]
    save_spectrograms(rows, path, columns=3)
