"""Keeps the level where it is told to be, while noise becomes a latent.

The branch alone follows dynamics by ear: its level strays by some 5 dB about what is told. But the
autoencoder shows at any step how loud the music will be, and what the latent of the same music
would be if it were louder or softer; sampling goes on towards that one. Not in the paper. It acts
on the prediction of the clean latent, as guidance by measurements does (Chung et al. 2023,
Diffusion Posterior Sampling), but needs no gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Hpm, Sampling, Style, guided, windows_of
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.s_control import followed_level_db
from otio_hpm.model.windows import WindowPlan
from otio_hpm.music.decoded_controls import hann_smoothed, smoothed_level_db
from otio_hpm.music.spectrogram import amplified

STEERED_BELOW = 0.2
"""Share of the noise levels below which the level is kept, or in the last step where there are few:
above, what is predicted is a blur of many musics, and softer than any of them."""
SMOOTHING_S = 6.0
"""A gain moves over so long (a Hann window), as a fader does. What is faster is left to the branch:
level that is kept within a second lifts every note's end, and steps in what is told ring."""
_MOST_DB = 6.0
"""What a step makes louder or softer at most."""


def steered(
    vae: MusicAutoencoder, model: Hpm, latent: Tensor, plan: WindowPlan, step: Tensor,
    film: FilmCondition, style: Style, sampling: Sampling, chosen: slice,
) -> Tensor:  # fmt: skip
    """`guided`, towards the level that the style tells. (n, C, window, F)"""
    predicted = guided(model, latent, plan, step, film, style, sampling, chosen)
    levels = model.config.train_steps
    if step >= STEERED_BELOW * levels and step > levels / sampling.steps:
        return predicted
    schedule = NoiseSchedule(model.config)
    noisy, steps = windows_of(latent, plan, chosen), step.cpu().expand(len(predicted))
    clean = at_level(vae, schedule.clean(noisy, predicted, steps), style.part(chosen))
    return schedule.predicted(noisy, clean, steps)


def steers(style: Style | None, sampling: Sampling, config: ModelConfig) -> bool:
    """Whether there is a level to be kept; not in the paper's way of guiding.

    Mel bands are too wide to tell the level: of tones they miss some dB.
    """
    told = style is not None and bool(style.dynamics[:, -1].any())
    return told and sampling.guided == "all" and config.spectrogram == "linear"


def at_level(vae: MusicAutoencoder, latent: Tensor, style: Style) -> Tensor:
    """Latents of the same music at the level that is told, where one is. (B, C, T, F)

    As the difference of two encodings, so that nothing is lost of what is not told.
    """
    spectrogram = vae.decode(latent).float()
    with torch.autocast(latent.device.type, enabled=False):
        gain_db = gains_db(smoothed_level_db(spectrogram, vae.config), style, vae.config)
        louder, as_it_is = (amplified(spectrogram, db, vae.config) for db in (gain_db, 0 * gain_db))
    return latent + (vae.encode(louder) - vae.encode(as_it_is)).float()


def gains_db(level_db: Tensor, style: Style, config: ModelConfig) -> Tensor:
    """What lacks of the level that is told, as strongly as it is to be followed. (B, frames)

    Where nothing is told a gain fades, and the ends of a window stay as they are.
    """
    wanted_db, told = followed_level_db(style.dynamics)
    lacking = (wanted_db - level_db) * told * style.strength[:, None]
    return hann_smoothed(lacking, SMOOTHING_S, config).clamp(-_MOST_DB, _MOST_DB)
