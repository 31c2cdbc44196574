"""The model that ships: whole, of the size it may have, and obedient to its controls."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.sketch.compose import compose_sketch
from otio_hpm.sketch.course import course_of
from otio_hpm.sketch.following import controls_of_sketch
from otio_hpm.timing import SAMPLE_RATE

SECONDS = 10


@pytest.fixture(scope="module")
def pipeline() -> HpmPipeline:
    return HpmPipeline.load("embedded", "cpu")


def scale(pipeline: HpmPipeline, steps: list[int], level_db: NDArray[np.float64]) -> Controls:
    """Control of a melody of equal notes whose level follows `level_db`."""
    t = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    key = np.repeat(steps, -(-len(t) // len(steps)))[: len(t)]
    hz = 440 * 2 ** ((60 + key - 69) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    sound = sum(np.sin(phase * h) / h**2 for h in (1, 2, 3, 4))
    gain = 10 ** (np.interp(t, np.linspace(0, SECONDS, len(level_db)), level_db) / 20)
    return controls_of((0.5 * gain * sound).astype(np.float32), pipeline.config)


def generated(pipeline: HpmPipeline, controls: Controls) -> NDArray[np.float32]:
    frames = np.full((SECONDS * 10, 36, 64, 3), (60, 70, 90), np.uint8)
    request = CueRequest(samples=SECONDS * SAMPLE_RATE, frames=frames, controls=controls, seed=4)
    return pipeline.generate(request)


def test_it_is_whole_and_small_enough_for_a_wheel() -> None:
    folder = model_folder("embedded")
    assert len(checksum(folder)) == 64
    assert (folder / "MODEL_CARD.md").is_file()
    assert sum(path.stat().st_size for path in folder.iterdir()) < 95e6


def test_it_follows_a_melody_and_dynamics(pipeline: HpmPipeline) -> None:
    rising = scale(pipeline, [0, 2, 4, 5, 7, 9, 11, 12], np.linspace(-35, -10, 20))
    falling = scale(pipeline, [6, 3, 10, 1, 8, 6, 3, 1], np.linspace(-10, -35, 20))
    heard = controls_of(generated(pipeline, rising), pipeline.config)
    own, other = (float((heard.melody == wanted.melody).mean()) for wanted in (rising, falling))
    assert own > other + 0.25
    follows = np.corrcoef(heard.dynamics_db, rising.dynamics_db)[0, 1]
    assert follows > 0.9


def test_it_is_never_silent_on_a_still_picture(pipeline: HpmPipeline) -> None:
    """After a sketch, as by default; with the film alone, the model takes stillness for silence."""
    still = np.full((SECONDS * 10, 36, 64, 3), (60, 70, 90), np.uint8)
    sketch = compose_sketch(course_of(still), SECONDS * SAMPLE_RATE, 4)
    sound = generated(pipeline, controls_of_sketch(sketch, pipeline.config))
    level = np.sqrt(np.square(sound.reshape(-1, SAMPLE_RATE // 2)).mean(axis=1))
    assert level.min() > 10 ** (-70 / 20)
