"""Keeps levels where they are told to be, and free music in its key and at the pace of its film,
while noise becomes a latent.

The branch alone follows dynamics by ear: its level strays by some 5 dB about what is told. And film
alone decides for no key: pitch classes of free music are flatter than the corpus's. But the
autoencoder shows at any step what the music will be, and what the latent of the same music would be
if some of it were louder or softer; sampling goes on towards that one. Not in the paper. It acts
on the prediction of the clean latent, as guidance by measurements does (Chung et al. 2023,
Diffusion Posterior Sampling), but needs no gradient. Pace does, and has networks (`pacing`).
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import (
    ALONE_GUIDED_BELOW,
    GUIDED_LEVELS,
    Hpm,
    Sampling,
    Style,
    guided,
    windows_of,
)
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.pacing import STRENGTH, Pacing
from otio_hpm.model.s_control import followed_level_db
from otio_hpm.model.windows import WindowPlan
from otio_hpm.music.decoded_controls import hann_smoothed, smoothed_level_db
from otio_hpm.music.spectrogram import amplified, band_centres_hz

STEERED_BELOW = 0.2
"""Share of the noise levels below which the level is kept, or in the last step where there are few:
above, what is predicted is a blur of many musics, and softer than any of them."""
SMOOTHING_S = 6.0
"""A gain moves over so long (a Hann window), as a fader does. What is faster is left to the branch:
level that is kept within a second lifts every note's end, and steps in what is told ring."""
_MOST_DB = 6.0
"""What a step makes louder or softer at most."""
KEY_KEPT_ABOVE = 0.35
"""Share of the noise levels down to which a key that was heard is kept: below, chords are decided.
In fewer than five steps there is none between."""
KEY_HZ = (200.0, 1000.0)
"""Where the key is kept: below, a band holds many semitones; above are overtones, of which
those of tones in the key lie outside it too."""
_IN_KEY_DB, _OUT_OF_KEY_DB = 4.0, -12.0
"""What a step makes bands louder that hold tones of the key, and those that hold none."""
_PLACES = 65
"""Of a band, at which it is looked which semitone is nearest."""


def steered(
    vae: MusicAutoencoder, pacing: Pacing | None, model: Hpm, latent: Tensor, plan: WindowPlan,
    step: Tensor, film: FilmCondition, style: Style | None, sampling: Sampling, chosen: slice,
) -> Tensor:  # fmt: skip
    """`guided`, towards the pace of the film where there is a `pacing`, and the key or level of the
    style. (n, C, window, F)"""
    predicted = guided(model, latent, plan, step, film, style, sampling, chosen)
    schedule = NoiseSchedule(model.config)
    noisy, steps = windows_of(latent, plan, chosen), step.cpu().expand(len(predicted))
    clean = kept = schedule.clean(noisy, predicted, steps)
    share = float(step) / model.config.train_steps
    if pacing is not None and GUIDED_LEVELS[0] <= share < ALONE_GUIDED_BELOW:
        pull = pacing.pull(noisy, steps.to(noisy.device), film.part(chosen).seen)
        kept = kept + STRENGTH * schedule.moved(pull, steps)
    if style is not None and _acts(style, float(step), sampling, model.config):
        part = style.part(chosen)
        kept = at_level(vae, kept, part) if part.key is None else in_key(vae, kept, part.key)
    return predicted if kept is clean else schedule.predicted(noisy, kept, steps)


def is_paced(style: Style | None, sampling: Sampling) -> bool:
    """Whether film alone tells what music is like, and guides it; not the paper's way."""
    return style is None and sampling.guided == "all" and sampling.guidance != 1


def _acts(style: Style, step: float, sampling: Sampling, config: ModelConfig) -> bool:
    """Whether the key or the level is kept at a noise level."""
    share = step / config.train_steps
    if style.key is not None:
        return share >= KEY_KEPT_ABOVE
    return share < STEERED_BELOW or share <= 1 / sampling.steps


def steers(style: Style | None, sampling: Sampling, config: ModelConfig) -> bool:
    """Whether there is a level to be kept; not in the paper's way of guiding.

    Mel bands are too wide to tell the level: of tones they miss some dB.
    """
    told = style is not None and bool(style.dynamics[:, -1].any())
    return told and sampling.guided == "all" and config.spectrogram == "linear"


def at_level(vae: MusicAutoencoder, latent: Tensor, style: Style) -> Tensor:
    """Latents of the same music at the level that is told, where one is. (B, C, T, F)"""
    spectrogram = vae.decode(latent).float()
    with torch.autocast(latent.device.type, enabled=False):
        gain_db = gains_db(smoothed_level_db(spectrogram, vae.config), style, vae.config)
    return _louder(vae, latent, spectrogram, gain_db[..., None])


def in_key(vae: MusicAutoencoder, latent: Tensor, key: Tensor) -> Tensor:
    """Latents of the same music with softer tones out of a key, bool (B, 12). (B, C, T, F)

    What is asked of bands that lie so near to each other is not what comes of it, but points there.
    """
    with torch.autocast(latent.device.type, enabled=False):
        gain_db = key_gains_db(key, vae.config)
    return _louder(vae, latent, vae.decode(latent).float(), gain_db[:, None])


def _louder(
    vae: MusicAutoencoder, latent: Tensor, spectrogram: Tensor, gain_db: Tensor
) -> Tensor:
    """Latents of what a gain makes of their spectrogram.

    As the difference of two encodings, so that nothing is lost of what stays as it is.
    """
    with torch.autocast(latent.device.type, enabled=False):
        louder, as_it_is = (amplified(spectrogram, db, vae.config) for db in (gain_db, 0 * gain_db))
    return latent + (vae.encode(louder) - vae.encode(as_it_is)).float()


def key_gains_db(key: Tensor, config: ModelConfig) -> Tensor:
    """What makes bands of `KEY_HZ` softer that hold no tone of a key, and others louder.

    Bool (B, 12) -> (B, bands). Nothing, where all pitch classes are in the key.
    """
    hz = band_centres_hz(config).to(key.device)
    gain_db = _OUT_OF_KEY_DB + (_IN_KEY_DB - _OUT_OF_KEY_DB) * _share_in_key(key, hz)
    kept = (hz >= KEY_HZ[0]) & (hz <= KEY_HZ[1]) & ~key.all(1, keepdim=True)
    return gain_db.where(kept, 0.0)


def _share_in_key(key: Tensor, hz: Tensor) -> Tensor:
    """How far bands, each a triangle that ends at its neighbours' middles, reach into semitones of
    a key. Bool (B, 12), (bands,) -> (B, bands), 0 to 1"""
    reach_hz = hz.diff(append=2 * hz[-1:] - hz[-2:-1])
    across = torch.linspace(-1, 1, _PLACES, device=key.device)[1:-1]
    weights = (1 - across.abs()) / (1 - across.abs()).sum()
    places_hz = hz[:, None] + reach_hz[:, None] * across
    semitones = (69 + 12 * (places_hz / 440).log2()).round().long() % 12
    return (key.float()[:, semitones] * weights).sum(-1)


def gains_db(level_db: Tensor, style: Style, config: ModelConfig) -> Tensor:
    """What lacks of the level that is told, as strongly as it is to be followed. (B, frames)

    Where nothing is told a gain fades, and the ends of a window stay as they are.
    """
    wanted_db, told = followed_level_db(style.dynamics)
    lacking = (wanted_db - level_db) * told * style.strength[:, None]
    return hann_smoothed(lacking, SMOOTHING_S, config).clamp(-_MOST_DB, _MOST_DB)
