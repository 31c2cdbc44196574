"""Sound comes from the model: what a sketch asks for is only heard through trained weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from otio_hpm.evaluation.evidence.series import sketched
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.music.controls import controls_of
from otio_hpm.settings import ModelSettings

SEEDS = (1, 2)
STEPS = 4


def accuracy(pipeline: HpmPipeline) -> float:
    """How well the melodies of sketches are heard, with dynamics free."""
    frames = np.full((103, 36, 64, 3), (90, 70, 60), np.uint8)
    found = []
    for seed in SEEDS:
        wanted = sketched(frames, pipeline.config, seed).followed(melody=True, dynamics=False)
        request = CueRequest(
            samples=pipeline.config.window_samples,
            frames=frames,
            controls=wanted,
            seed=seed,
            model=ModelSettings(steps=STEPS),
        )
        heard = controls_of(pipeline.generate(request), pipeline.config)
        found.append(melody_accuracy(heard, wanted))
    return float(np.mean(found))


def randomise(pipeline: HpmPipeline) -> None:
    """New weights for VM-UNet and the branch; none is zero, so that the branch still acts."""
    torch.manual_seed(0)
    for part in (pipeline.hpm.vm_unet, pipeline.hpm.s_control):
        for parameter in part.parameters():
            if parameter.dim() > 1:
                fan_in = parameter[0].numel()
                torch.nn.init.normal_(parameter, std=fan_in**-0.5)


def test_with_random_weights_melody_accuracy_falls_to_chance() -> None:
    pipeline = HpmPipeline.load("embedded", "cpu")
    trained = accuracy(pipeline)
    randomise(pipeline)
    # Twelve pitch classes: 1/12 by chance, and as much again for two clips' luck.
    assert accuracy(pipeline) == pytest.approx(1 / 12, abs=1 / 12)
    assert trained > 1 / 2
