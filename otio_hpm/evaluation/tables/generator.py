"""A model that makes music for the clips of a reference."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from otio_hpm.evaluation.evidence.series import sketched
from otio_hpm.evaluation.evidence.takes import Takes
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.reference import Frames, Reference
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.pipeline import CueRequest, HpmPipeline
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.settings import ModelSettings, MusicSettings
from otio_hpm.training.clips import Sight


class Generator:
    """A loaded model; what it makes is kept by what was asked, and made once."""

    def __init__(self, folder: Path, reference: Reference, sampling: ModelSettings) -> None:
        """Makes the folder if need be. Raises ModelError and OutputError."""
        pipeline = HpmPipeline.load(sampling.model, sampling.device, sampling.precision)
        self.takes = Takes(folder, pipeline)
        self.sampling = sampling
        self.config = pipeline.config
        self.checksum = pipeline.checksum
        self._reference = reference
        self._sight = Sight(config=pipeline.config, encoders=model_folder(sampling.model),
                            device=pipeline.device)  # fmt: skip

    def request(self, index: int, style: str, music: MusicSettings) -> CueRequest | None:
        """What is asked for a clip; None where it has no picture, or no music to follow.

        `style` is `none`, `auto` or `maestro`. Its number is the seed, so that all ways of sampling
        begin with the same noise. Raises MediaError, DatasetError and ModelError.
        """
        frames = self._reference.frames(index)
        if frames is None:
            return None
        samples = len(self._reference.sound(index))
        controls = self._controls(index, style, frames, samples)
        if controls is None and style != "none":
            return None
        steps = self.sampling.steps_for(followed=controls is not None)
        return CueRequest(
            samples=samples, frames=frames, controls=controls, seed=index, music=music,
            descriptors=self._reference.descriptors(index, self._sight),
            model=dataclasses.replace(self.sampling, steps=steps, followed_steps=None),
        )  # fmt: skip

    def round_trip(self, index: int) -> Sound:
        """The true music through autoencoder and vocoder. -> (samples,)"""
        return self.takes.round_trip(self._reference.sound(index), index)

    def _controls(
        self, index: int, style: str, frames: Frames, samples: int
    ) -> Controls | None:
        if style == "auto":
            return sketched(frames, self.config, index, hits=True, samples=samples)
        music = self._reference.style(index) if style == "maestro" else None
        return None if music is None else controls_of(music, self.config)
