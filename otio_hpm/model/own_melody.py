"""Free music that goes on after the melody it hints at, in one key.

Told of the film alone, a small model keeps to no key: what noise is left blurs the pitch classes,
and at every step it takes the middle of many musics. Halfway, its own prediction already leans
towards some tones; read off it and put in the key that fits the whole cue best, they are followed
by the S-Control branch from there on, as a maestro's melody would be, and all of the music is held
to the key (`steering`). Nothing comes from outside but the film and the noise. Not in the paper,
whose way of guiding leaves it out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Style
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.window_inputs import styles_of
from otio_hpm.model.windows import WindowPlan
from otio_hpm.music.controls import SILENCE_DB, Controls
from otio_hpm.music.decoded_controls import frame_level_db, hann_smoothed, pitch_class_shares
from otio_hpm.music.keys import key_scale
from otio_hpm.settings import Guided

HEARD_BELOW = 0.6
"""Share of the noise levels below which the melody is read, once: above, it changes with every
step, and what follows it is less like music; below, little is left to be decided."""
SMOOTHING_S = 0.8
"""Width of the Hann window that pitch classes are smoothed by, so that tones last."""
_PIECE_FRAMES = 4096
"""Frames of which bins are held at once, so that long cues take no more memory."""


def follows_itself(style: Style | None, guided: Guided, config: ModelConfig) -> bool:
    """Whether music goes on after its own melody; not in the paper's way of guiding.

    Mel bands are too wide to tell pitch classes.
    """
    return style is None and guided == "all" and config.spectrogram == "linear"


def own_style(
    vae: MusicAutoencoder, plan: WindowPlan, style: Style | None, step: Tensor, latent: Tensor,
    predicted: Tensor,
) -> Style | None:  # fmt: skip
    """The style after a step: what it was, or from `HEARD_BELOW` on the melody and key heard.

    latent, predicted: of the whole cue (1, C, length, F), at noise level `step`.
    """
    if style is not None or step > HEARD_BELOW * vae.config.train_steps:
        return style
    clean = NoiseSchedule(vae.config).clean(latent, predicted, step.cpu().expand(1))
    melody, key = melody_in_key(vae.decode_long(clean).float(), vae.config)
    heard = styles_of(melody, 0, 1.0, plan, vae.config)
    return replace(heard, key=key.expand(len(plan.starts), -1)).to(str(latent.device))


def melody_in_key(spectrogram: Tensor, config: ModelConfig) -> tuple[Controls, Tensor]:
    """The strongest pitch class of each frame, of those in the key that fits all of them best.

    (1, frames, bands) -> melody alone, of `frames` frames, and which classes are in that key, (12,)
    """
    with torch.autocast(spectrogram.device.type, enabled=False):
        pieces = spectrogram.split(_PIECE_FRAMES, dim=1)
        shares = torch.cat([pitch_class_shares(p, config)[0].exp() for p in pieces], dim=1)
        level = torch.cat([frame_level_db(p, config)[0] for p in pieces])
    # Roots, as a key's profile is of how strong tones are heard, not of their power.
    scale = torch.from_numpy(key_scale(shares.sqrt().sum(1).cpu().numpy())).to(shares.device)
    melody = (hann_smoothed(shares, SMOOTHING_S, config) * scale[:, None]).argmax(0)
    return _melody_alone(melody.cpu().numpy(), (level > SILENCE_DB).cpu().numpy()), scale


def _melody_alone(melody: NDArray[np.int64], heard: NDArray[np.bool_]) -> Controls:
    """Controls that tell a melody where it is heard, and nothing else. (frames,) each"""
    nowhere = np.zeros(len(heard), np.bool_)
    return Controls(
        melody=np.where(heard, melody, -1).astype(np.int8),
        dynamics_db=np.full(len(heard), SILENCE_DB, np.float32),
        accents=nowhere,
        melody_present=heard,
        dynamics_present=nowhere,
    )
