"""What is asked of a model for one cue."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otio_hpm.music.controls import Controls
from otio_hpm.settings import ModelSettings, MusicSettings


@dataclass(frozen=True, kw_only=True)
class CueRequest:
    """What a cue is made of. Sound is at the model's rate."""

    samples: int
    """Length of the cue with its handles."""
    frames: NDArray[np.uint8]
    """Picture over the whole length. shape (ceil(seconds * 10), 36, 64, 3)"""
    descriptors: NDArray[np.float32] | None = None
    """What published encoders saw of each window, shape (windows, film_seconds, descriptor_size);
    None where the model measures the frames."""
    words: tuple[str, ...] = ()
    """What music each window asks for, for a model that reads only words."""
    controls: Controls | None = None
    """What is followed of a maestro cue; None for no style."""
    controls_start_samples: int = 0
    """Where the controls begin: the length of the handle before the cue."""
    strength: float = 1.0
    """How strongly the controls are followed, 0 to 1."""
    lora: Path | None = None
    """Folder of the adapter that follows them; None for the model's own branch."""
    seed: int = 0
    """Of the noise, and of the phases that are searched for."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """How it is denoised."""
    music: MusicSettings = field(default_factory=MusicSettings)
    """How the cue is cut into windows, and these are joined."""
