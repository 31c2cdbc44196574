"""How a preset reaches the takes that are measured."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from otio_hpm.evaluation.evidence.series import SERIES
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of
from otio_hpm.settings import preset_settings


def test_takes_are_sampled_as_the_preset_says_and_followed_ones_in_fewer_steps() -> None:
    config = ModelConfig.load(model_folder("debug") / "config.json")
    frames = np.zeros((100, 36, 64, 3), np.uint8)
    heard = controls_of(np.zeros(config.window_samples, np.float32), config)
    bench = SimpleNamespace(
        pairs=[SimpleNamespace(frames=frames)], maestros=[heard], config=config,
        sampling=preset_settings("paper").model,
    )  # fmt: skip
    (free,), (followed,) = SERIES["none"](bench), SERIES["maestro"](bench)  # type: ignore[arg-type]
    assert (free.model.steps, followed.model.steps) == (200, 100)
    assert {(r.model.sampler, r.model.guided) for r in (free, followed)} == {("ddim", "film")}
