"""What the windows of a cue are told: film and controls of the whole cue, cut to each of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from otio_hpm.errors import SettingsError
from otio_hpm.film.descriptors import describe
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.model.hpm import Style
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.model.windows import WindowPlan, first_pictures
from otio_hpm.music.controls import Controls


def measured_films(
    frames: NDArray[np.uint8], plan: WindowPlan, config: ModelConfig
) -> NDArray[np.float32]:
    """Film descriptors of every window, measured on its frames.

    frames (N, 36, 64, 3) at 10 fps -> (windows, film_seconds, descriptor_size)
    """
    length = config.film_seconds * FILM_FPS
    rows = []
    for first in first_pictures(plan, config, len(frames)):
        seen = frames[first : first + length]
        # Beyond the cue's end the last picture stands.
        still = np.repeat(seen[-1:], length - len(seen), axis=0)
        rows.append(describe(np.concatenate([seen, still]), FILM_FPS).stacked())
    return np.stack(rows)


def styles_of(
    controls: Controls, before_samples: int, strength: float, plan: WindowPlan, config: ModelConfig
) -> Style:
    """Controls of every window; they begin `before_samples` after the cue's first sample."""
    ratio = config.ratio
    placed = controls.placed(round(before_samples / config.hop), plan.length * ratio)

    def cut(values: NDArray[np.generic]) -> Tensor:
        pieces = [values[s * ratio : (s + plan.window) * ratio] for s in plan.starts]
        return torch.from_numpy(np.stack(pieces))

    return Style(
        melody=melody_input(cut(placed.melody), cut(placed.melody_present)),
        dynamics=dynamics_input(
            cut(placed.dynamics_db), cut(placed.accents), cut(placed.dynamics_present)
        ),
        strength=torch.full((len(plan.starts),), strength),
    )


def tell_anything(controls: Controls) -> bool:
    """Whether there is anything in the controls to be followed."""
    followed = (controls.melody_present, controls.dynamics_present, controls.accents)
    return any(bool(part.any()) for part in followed)


def require_followed(style: Style | None) -> None:
    """Raise SettingsError where DITTO has neither melody nor dynamics to follow."""
    if style is None or not (style.melody[:, -1].any() or style.dynamics[:, -1].any()):
        raise SettingsError(
            "DITTO has nothing to follow: neither melody nor dynamics are told",
            hint="Follow a maestro cue or a sketch, or leave --style-engine ditto out.",
        )
