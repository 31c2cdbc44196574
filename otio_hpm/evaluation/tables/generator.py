"""A model that makes music for the clips of a reference."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path

from otio_hpm.evaluation.evidence.series import sketched
from otio_hpm.evaluation.evidence.takes import Takes
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.settings import ModelSettings, MusicSettings
from otio_hpm.training.clips import Sight

_KEPT = 256
"""Clips whose pictures and controls are kept, for one system after another: 0.2 GB."""


class Generator:
    """A loaded model; what it makes is kept by what was asked, and made once."""

    def __init__(self, folder: Path, reference: Reference, sampling: ModelSettings) -> None:
        """Makes the folder if need be. Raises ModelError and OutputError."""
        pipeline = HpmPipeline.load(sampling.model, sampling.device, sampling.precision)
        self.takes = Takes(folder, pipeline)
        self.config = pipeline.config
        self.sampling = sampling.for_model(self.config.followed_steps)
        self.checksum = pipeline.checksum
        self._reference = reference
        self._frames = lru_cache(_KEPT)(reference.frames)
        self._controls = lru_cache(_KEPT)(self._followed)
        self._sight = Sight(config=pipeline.config, encoders=model_folder(sampling.model),
                            device=pipeline.device)  # fmt: skip

    def request(self, index: int, style: str, music: MusicSettings) -> CueRequest | None:
        """What is asked for a clip; None where it has no picture, or no music to follow.

        `style` is `none`, `auto` or `maestro`. The clip's number is the seed, so that all ways of
        sampling begin with the same noise. Raises MediaError, DatasetError and ModelError.
        """
        frames, controls = self._frames(index), self._controls(index, style)
        if frames is None:
            return None
        if controls is None and style != "none":
            return None
        steps = self.sampling.steps_for(followed=controls is not None)
        return CueRequest(
            samples=self._reference.samples(index), frames=frames, controls=controls, seed=index,
            descriptors=self._reference.descriptors(index, self._sight), music=music,
            model=dataclasses.replace(self.sampling, steps=steps, followed_steps=None),
        )  # fmt: skip

    def round_trip(self, index: int) -> Sound:
        """The true music through autoencoder and vocoder. -> (samples,)"""
        return self.takes.round_trip(self._reference.sound(index), index)

    def _followed(self, index: int, style: str) -> Controls | None:
        if style == "maestro":
            music = self._reference.style(index)
            return None if music is None else controls_of(music, self.config)
        frames = self._frames(index) if style == "auto" else None
        if frames is None:
            return None
        samples = self._reference.samples(index)
        return sketched(frames, self.config, index, hits=True, samples=samples)
