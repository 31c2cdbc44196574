"""DITTO: melody and dynamics followed by optimising the noise that sampling begins with.

Novack et al. 2024, "DITTO: Diffusion Inference-Time T-Optimization for Music Generation", against
which the paper compares S-Control (Table 3). Adam moves the initial noise down the gradient of a
loss on what is decoded, back through every solver step. The base model alone generates. What a
prediction keeps for its gradient is thrown away and computed again when it is needed, so that
memory does not grow with the solver's steps. Accents are not among the losses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Hpm, Sampling, Style, guided, sampled
from otio_hpm.model.s_control import followed_level_db
from otio_hpm.model.windows import WindowPlan
from otio_hpm.music.decoded_controls import pitch_class_shares, smoothed_level_db

LEARNING_RATE = 5e-3
"""DITTO's, of a cue that is followed with all strength."""
PATIENCE_STEPS = 10
"""Steps without a better loss after which it stops."""
_LEAST_GAIN = 1e-3
"""What a loss has to fall by, as a share of the best, to be better."""
_LEVEL_UNIT_DB = 6.0
"""An error of level that weighs as much as a nat of melody."""

_recomputed = partial(checkpoint, use_reentrant=False)


@torch.enable_grad()
def optimised(
    model: Hpm, vae: MusicAutoencoder, noise: Tensor, plan: WindowPlan, film: FilmCondition,
    style: Style, sampling: Sampling, steps: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Tensor:  # fmt: skip
    """The latent that follows best of those that `steps` steps of the optimiser come by.

    noise (1, C, length, F) -> latent of the same shape, the sampler's own at the noise it was found
    with. Less strength moves the noise less far.
    """
    moved = noise.clone().requires_grad_()
    rate = LEARNING_RATE * float(style.strength.max())
    adam = torch.optim.Adam([moved], lr=rate)
    best, lowest, stale = noise, float("inf"), 0
    for index in range(steps):
        latent = sampled(
            model, moved, plan, film, None, sampling, partial(_recomputed, guided),
            partial(_tell, progress, index, steps),
        )  # fmt: skip
        loss = following_loss(vae, latent, plan, style)
        stale = 0 if loss.item() < lowest * (1 - _LEAST_GAIN) else stale + 1
        if loss.item() < lowest:
            best, lowest = latent.detach(), loss.item()
        if stale >= PATIENCE_STEPS:
            break
        adam.zero_grad()
        loss.backward()
        adam.step()
    progress(1.0)
    return best


def _tell(progress: Callable[[float], None], index: int, steps: int, share: float) -> None:
    progress((index + share) / steps)


def following_loss(
    vae: MusicAutoencoder, latent: Tensor, plan: WindowPlan, style: Style
) -> Tensor:
    """How far a cue is from what it follows, the mean over its windows. (1, C, length, F) -> ()"""
    losses = []
    for index, start in enumerate(plan.starts):
        spectrogram = _recomputed(vae.decode, latent[:, :, start : start + plan.window]).float()
        with torch.autocast(latent.device.type, enabled=False):
            part = style.part(slice(index, index + 1))
            losses.append(
                melody_loss(spectrogram, part, vae) + dynamics_loss(spectrogram, part, vae)
            )
    return torch.stack(losses).mean()


def melody_loss(spectrogram: Tensor, style: Style, vae: MusicAutoencoder) -> Tensor:
    """Negative log likelihood of the pitch class that is followed, in nats, over the frames that
    have one. (B, frames, bands) -> ()"""
    classes, mask = style.melody[:, :-1], style.melody[:, -1]
    shares = pitch_class_shares(spectrogram, vae.config)
    return -(shares * classes).sum() / mask.sum().clamp_min(1)


def dynamics_loss(spectrogram: Tensor, style: Style, vae: MusicAutoencoder) -> Tensor:
    """Squared difference of level, in units of 6 dB, over the frames whose level is followed.
    (B, frames, bands) -> ()"""
    wanted_db, mask = followed_level_db(style.dynamics)
    apart = (smoothed_level_db(spectrogram, vae.config) - wanted_db) / _LEVEL_UNIT_DB
    return (apart.square() * mask).sum() / mask.sum().clamp_min(1)
