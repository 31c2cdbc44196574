"""What every measure reads: a loaded model, its material, and sound that is generated once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.footage import Excerpt, Footage, excerpts, footage_windows
from otio_hpm.evaluation.evidence.material import Corpus
from otio_hpm.evaluation.evidence.series import SERIES
from otio_hpm.evaluation.evidence.sizes import Sizes
from otio_hpm.evaluation.evidence.takes import Takes
from otio_hpm.model.request import CueRequest
from otio_hpm.model.vocoder import sound_of
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.music.spectrogram import analyse
from otio_hpm.settings import ModelSettings
from otio_hpm.training.cache import require_measured, sound_of_pair
from otio_hpm.training.corpus import Pair

Sound = NDArray[np.float32]


class Bench:
    """One model at work; what it hands out is computed when it is first asked for."""

    def __init__(
        self, takes: Takes, corpus: Corpus, sizes: Sizes, *, media: Sequence[Path] = (),
        sampling: ModelSettings | None = None, half: Takes | None = None,
    ) -> None:  # fmt: skip
        """Takes of a loaded model; `half` are those of a model with half the steps trained.

        `sampling` says how takes are sampled; which model it names does not count.
        """
        self.takes = takes
        pipeline = takes.pipeline
        self.pipeline = pipeline
        self.config = pipeline.config
        self.rate = pipeline.config.sample_rate
        self.corpus = corpus
        self.sizes = sizes
        self.media = media
        self.sampling = (sampling or ModelSettings()).for_model(self.config.followed_steps)
        self.half = half
        self._requests: dict[str, list[CueRequest]] = {}
        self._heard: dict[str, list[Controls]] = {}

    @cached_property
    def pairs(self) -> list[Pair]:
        """Held-out composed cues."""
        return self.corpus.pairs(self.sizes.cues)

    @cached_property
    def truth(self) -> list[Sound]:
        """Their sound at the model's rate. (samples,) each"""
        return [sound_of_pair(pair, self.config) for pair in self.pairs]

    @cached_property
    def controls(self) -> list[Controls]:
        """Melody and dynamics of the composed truth."""
        return [controls_of(sound, self.config) for sound in self.truth]

    @cached_property
    def maestros(self) -> list[Controls]:
        """What each cue is given to follow: the controls of the next cue."""
        return self.controls[1:] + self.controls[:1]

    @cached_property
    def footage(self) -> list[Footage]:
        """Windows of real footage."""
        length = -(-self.config.window_samples * 10 // self.rate)
        return footage_windows(self.media, self.sizes.footage, length)

    @cached_property
    def excerpts(self) -> list[Excerpt]:
        """Excerpts of real recordings, a window long each."""
        window = self.config.window_samples
        return excerpts(self.media, self.sizes.excerpts, window, self.rate)

    def resynthesised(self, sound: Sound, seed: int, *, vocoder: bool) -> Sound:
        """Sound -> spectrogram -> sound, by Griffin-Lim alone or with the shipped vocoder."""

        def make() -> Sound:
            used = self.pipeline.vocoder if vocoder else None
            bands = analyse(torch.from_numpy(sound), self.config).to(self.pipeline.device)
            made = sound_of(bands, self.config, used, seed)
            return np.asarray(made.cpu().numpy(), dtype=np.float32)

        return self.takes.made_from(sound, f"resynthesis {vocoder} {seed}", make)

    def requests(self, name: str) -> list[CueRequest]:
        """What is asked of the model for a series.

        Raises ModelError for a model that sees by encoders, for which pictures are too small here.
        """
        require_measured(
            self.config,
            hint="Of it, only the round trip can be measured here: --measures round-trip. What it "
            "makes of films, `otio-hpm evaluate DATASET --system hpm` measures.",
        )
        if name not in self._requests:
            self._requests[name] = SERIES[name](self)
        return self._requests[name]

    def sounds(self, name: str) -> Iterator[Sound]:
        """The takes of a series, one by one."""
        return (self.takes.take(request) for request in self.requests(name))

    def heard(self, name: str) -> list[Controls]:
        """Melody and dynamics of the takes of a series."""
        if name not in self._heard:
            self._heard[name] = [controls_of(sound, self.config) for sound in self.sounds(name)]
        return self._heard[name]
