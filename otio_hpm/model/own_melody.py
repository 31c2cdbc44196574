"""Free music that goes on after the melody it hints at.

Told of the film alone, a small model keeps to no key: what noise is left blurs the pitch classes,
and at every step it takes the middle of many musics. Halfway, its own prediction already leans
towards some tones; read off it and put in the key that fits the whole cue best, they are followed
by the S-Control branch from there on, as a maestro's melody would be. Nothing comes from outside
but the film and the noise. Not in the paper, whose way of guiding leaves it out.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Sampling, Style
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.window_inputs import styles_of
from otio_hpm.model.windows import WindowPlan
from otio_hpm.music.controls import SILENCE_DB, Controls
from otio_hpm.music.decoded_controls import frame_level_db, hann_smoothed, pitch_class_shares
from otio_hpm.music.keys import scale_of

HEARD_BELOW = 0.6
"""Share of the noise levels below which the melody is read, once: above, it changes with every
step, and what follows it is less like music; below, little is left to be decided."""
SMOOTHING_S = 0.8
"""Width of the Hann window that pitch classes are smoothed by, so that tones last."""


def hums(style: Style | None, sampling: Sampling, config: ModelConfig) -> bool:
    """Whether music goes on after its own melody; not in the paper's way of guiding.

    Mel bands are too wide to tell pitch classes.
    """
    return style is None and sampling.guided == "all" and config.spectrogram == "linear"


def own_style(
    vae: MusicAutoencoder, plan: WindowPlan, style: Style | None, step: Tensor, latent: Tensor,
    predicted: Tensor,
) -> Style | None:  # fmt: skip
    """The style after a step: what it was, or from `HEARD_BELOW` on the melody that is heard.

    latent, predicted: of the whole cue (1, C, length, F), at noise level `step`.
    """
    schedule = NoiseSchedule(vae.config)
    if style is not None or step > HEARD_BELOW * schedule.train_steps:
        return style
    clean = schedule.clean(latent, predicted, step.cpu().expand(1))
    heard = melody_in_key(vae.decode_long(clean).float(), vae.config)
    return styles_of(heard, 0, 1.0, plan, vae.config).to(latent.device.type)


def melody_in_key(spectrogram: Tensor, config: ModelConfig) -> Controls:
    """The strongest pitch classes, of those in the key that fits best. (1, frames, bands)"""
    with torch.autocast(spectrogram.device.type, enabled=False):
        shares = pitch_class_shares(spectrogram, config)[0].exp()
        heard = (frame_level_db(spectrogram, config)[0] > SILENCE_DB).cpu().numpy()
    # Amplitudes, so that one loud chord does not decide for all.
    scale = torch.from_numpy(scale_of(shares.sqrt().sum(1).cpu().numpy())).to(shares.device)
    melody = (hann_smoothed(shares, SMOOTHING_S, config) * scale[:, None]).argmax(0)
    nowhere = np.zeros(len(heard), np.bool_)
    return Controls(
        melody=melody.to(torch.int8).cpu().numpy(),
        dynamics_db=np.full(len(heard), SILENCE_DB, np.float32),
        accents=nowhere,
        melody_present=heard,
        dynamics_present=nowhere,
    )
