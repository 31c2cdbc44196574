"""Trains what paces free music: to read pace and level off films, and off latents with noise."""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.film_encoder import FilmEncoder
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.pacing import Course, Pacing
from otio_hpm.training.conditions import without_features
from otio_hpm.training.encoding import Read
from otio_hpm.training.fixed_draws import FixedDraws
from otio_hpm.training.train_diffusion import VALIDATION_DRAWS
from otio_hpm.training.trainer import Trainer, Watch

BATCH = 32
"""Latents a step."""
_FILMS = 128
"""Films a step: they cost next to nothing, and differ more than a few can tell."""


def train_pacing(
    trainer: Trainer, model: Pacing, film: FilmEncoder, read: tuple[Read, Read | None],
    minutes: float | None = None,
) -> bool:  # fmt: skip
    """Train, or go on training, both readers; whether the schedule is finished.

    The loss is the mean negative log likelihood of either. Film is told with features left out at
    random, as it is to the diffusion, so that no kind of picture is leant on alone.
    """
    (trained, held_out), device = read, trainer.device

    def loss(_: int, generator: torch.Generator) -> Tensor:
        # What is dropped hangs on the step too, or a run in legs would not be the same.
        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
        chosen, step, noise = _drawn(trained, film, generator)
        heard = _heard(model, film, trained, chosen, step, noise, device)
        films = torch.randint(len(trained.course), (_FILMS,), generator=generator)
        seen = film.normalise(trained.data.windows.descriptors[films])
        told = model.seen(without_features(seen, film.sizes, generator).to(device))
        return heard + surprise(told, trained.course[films])

    def validate() -> float:
        assert held_out is not None
        return held_out_loss(model, film, held_out, device)

    return trainer.run(loss, Watch(validate=validate if held_out else None), minutes)


@torch.no_grad()
def held_out_loss(model: Pacing, film: FilmEncoder, read: Read, device: str) -> float:
    """The loss on windows that are not trained on, at fixed noise and nothing left out."""
    draws = FixedDraws.spread(read.data, range(film.config.train_steps), VALIDATION_DRAWS)
    model.eval()
    heard = _heard(model, film, read, draws.chosen, draws.step, draws.noise, device)
    seen = film.normalise(read.data.windows.descriptors[draws.chosen]).to(device)
    told = surprise(model.seen(seen), read.course[draws.chosen])
    model.train()
    return float(heard + told)


def surprise(course: Course, truth: Tensor) -> Tensor:
    """Mean negative log likelihood of pace and level, less a constant. (B, seconds, 2) -> ()"""
    error = (truth.to(course.mean) - course.mean).square() / course.log_variance.exp()
    return (course.log_variance + error).mean() / 2


def _drawn(
    read: Read, film: FilmEncoder, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers of windows (BATCH,), their noise levels (BATCH,), and noise."""
    chosen = torch.randint(len(read.course), (BATCH,), generator=generator)
    step = torch.randint(film.config.train_steps, (BATCH,), generator=generator)
    shape = read.data.latent[chosen].shape
    return chosen, step, torch.randn(shape, generator=generator)


def _heard(
    model: Pacing, film: FilmEncoder, read: Read, chosen: Tensor, step: Tensor, noise: Tensor,
    device: str,
) -> Tensor:  # fmt: skip
    """How surprising the windows are to who reads them through noise."""
    latent = read.data.latent[chosen].float()
    noisy = NoiseSchedule(film.config).noisy(latent, noise, step).to(device)
    return surprise(model.heard(noisy, step.to(device)), read.course[chosen])
