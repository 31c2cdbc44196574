"""Trains VM-UNet on film, and the S-Control branch on melody and dynamics.

`base` trains VM-UNet with its film encoder; `style` trains the branch on the frozen base as the
paper does (section 3.2), or both together, which needs far fewer windows from a young base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.film_encoder import QUANTILES, FilmEncoder
from otio_hpm.model.hpm import Hpm, Sampling, channels_last, denoise
from otio_hpm.model.lora import FILM_PARTS, with_lora
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.s_control import NEW_PARTS
from otio_hpm.model.windows import WindowPlan
from otio_hpm.training.cache import quantile_table
from otio_hpm.training.conditions import dropped, whole
from otio_hpm.training.encoding import Encoded
from otio_hpm.training.fixed_draws import FixedDraws, Latents
from otio_hpm.training.pictures import save_spectrograms
from otio_hpm.training.trainer import Trainer, Watch

VALIDATION_DRAWS = 64
"""Windows at fixed noise that a validation listens to."""


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
    recompute: bool = False
    """Compute what blocks hold again on the way back: less memory, a third more time."""


def train_diffusion(
    trainer: Trainer, model: Hpm, encoded: Encoded, stage: Stage, minutes: float | None = None
) -> bool:
    """Train, or go on training, one stage; whether its schedule is finished."""
    device, data = trainer.device, encoded.data
    channels_last(model)
    if stage.recompute:
        recompute_blocks(model)
    noise_schedule = NoiseSchedule(model.config)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(data.latent), (stage.batch,), generator=generator)
        latent = data.latent[chosen].float().to(device)
        noise = torch.randn(latent.shape, generator=generator).to(device)
        step = torch.randint(noise_schedule.train_steps, (stage.batch,), generator=generator)
        noisy = noise_schedule.noisy(latent, noise, step)
        told = dropped(model, data.windows, chosen, device, generator, style=stage.style)
        predicted = model.predict(noisy, step.to(device), *told)
        target = noise_schedule.target(latent, noise, step)
        # Every noise level counts alike: min-SNR weights nearly leave out the noisiest ones, where
        # film and controls say most about the music.
        error: Tensor = (predicted.float() - target).square().mean()
        return error

    def sample() -> None:
        save_samples(model, encoded.vae, data, trainer.folder / "samples.png", device)

    watch = Watch(sample=sample, validate=_validation(model, encoded, stage))
    return trainer.run(loss, watch, minutes)


def _validation(model: Hpm, encoded: Encoded, stage: Stage) -> Callable[[], float] | None:
    """The loss on held-out windows at fixed noise and noise levels, where there are any."""
    if encoded.validation is None:
        return None
    draws = FixedDraws.spread(
        encoded.validation, range(model.config.train_steps), VALIDATION_DRAWS
    )
    return lambda: draws.loss(model, style=stage.style)


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


def new_parts(model: Hpm) -> tuple[str, ...]:
    """Beginnings of the names of what learns faster, because no pretrained model has it.

    A decoupled film attention that learns as slowly as its base is hardly heard for long: its way
    out begins as zero (tests/benchmarks/compare_film_attention.py).
    """
    named = model.vm_unet.named_parameters(prefix="vm_unet")
    film = (name for name, _ in named if any(f".{part}." in name for part in FILM_PARTS))
    return (*(f"s_control.{part}" for part in NEW_PARTS), *film)


def recompute_blocks(model: Hpm) -> None:
    """Keep no activations inside the UNet's and the branch's blocks (gradient checkpointing)."""

    def again(function: object, *inputs: object) -> object:
        return checkpoint(function, *inputs, use_reentrant=False)

    blocks: list[Any] = [m for m in model.modules() if hasattr(m, "gradient_checkpointing")]
    for block in blocks:
        block.gradient_checkpointing = True
        block._gradient_checkpointing_func = again


def is_calibrated(film: FilmEncoder) -> bool:
    """Whether the descriptors' quantiles are other than those of a film encoder that is new."""
    return not torch.equal(film.quantiles, FilmEncoder(film.config).quantiles)


def set_quantiles(model: Hpm, descriptors: Tensor) -> None:
    """Spread every descriptor evenly over what `descriptors` (rows, D) show."""
    model.film_encoder.quantiles.copy_(quantile_table(descriptors, QUANTILES))


@torch.no_grad()
def save_samples(model: Hpm, vae: MusicAutoencoder, data: Latents, path: Path, device: str) -> None:
    """Draw three windows, what the model makes of their film, and of film and controls."""
    count, windows, config = min(3, len(data.latent)), data.windows, model.config
    film, style = whole(model, windows, torch.arange(count), device, style=True)
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
    rows = [p for group in zip(*pictures, strict=True) for p in group]
    save_spectrograms(rows, path, columns=3)
