"""What the S-Control branch is given of a sketch."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.music.controls import SILENCE_DB, Controls, smooth_level
from otio_hpm.sketch.model import Sketch
from otio_hpm.sketch.pulse import pulse_of
from otio_hpm.timing import SAMPLE_RATE

if TYPE_CHECKING:
    from otio_hpm.model.config import ModelConfig


def controls_of_sketch(sketch: Sketch, config: ModelConfig) -> Controls:
    """Controls as `controls_of` would find them in music that follows the sketch.

    One value per frame, ceil(samples / hop) of them at the model's rate: the pitch class that
    sounds in the middle of the frame (-1 in rests, where the melody is left free), and the
    dynamics smoothed as they are in training. Its hit points and its pulse are accents.
    """
    frame = Fraction(config.hop * SAMPLE_RATE, config.sample_rate)
    frames = -(-sketch.samples // frame)
    middles = (np.arange(frames) + 0.5) * float(frame)
    melody = _melody(sketch, middles)
    controls = Controls(
        melody=melody,
        dynamics_db=smooth_level(_level(sketch, middles), config.sample_rate / config.hop),
        accents=np.zeros(len(melody), np.bool_),
        melody_present=melody >= 0,
        dynamics_present=np.full(frames, bool(sketch.dynamics)),
    )
    return controls.with_hits((*sketch.hits_samples, *pulse_of(sketch)), config)


def _melody(sketch: Sketch, middles: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    melody = np.full(len(middles), -1, np.int8)
    for note in sketch.notes:
        first, last = np.searchsorted(middles, (note.start_samples, note.end_samples))
        melody[first:last] = note.key % 12
    return melody


def _level(sketch: Sketch, middles: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    if not sketch.dynamics:
        return np.full(len(middles), SILENCE_DB)
    times = [point.at_samples for point in sketch.dynamics]
    return np.asarray(np.interp(middles, times, [p.level_db for p in sketch.dynamics]))
