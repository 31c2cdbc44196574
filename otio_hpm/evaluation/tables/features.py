"""What measures need of one clip, computed once and kept by what was heard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.beats import beat_times_s
from otio_hpm.evaluation.embedding_network import (
    RATE,
    SHIPPED,
    SIZE,
    WINDOW,
    embeddings,
    load_embedding_network,
)
from otio_hpm.evaluation.evidence.takes import source_digest
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.levels import levels
from otio_hpm.evaluation.networks.cnn14 import heard_by_cnn14, load_cnn14
from otio_hpm.evaluation.networks.loading import weights_checksum
from otio_hpm.evaluation.networks.vggish import load_vggish, vggish_embeddings
from otio_hpm.evaluation.onsets import onset_times_s
from otio_hpm.evaluation.rhythm import seconds_with_onsets
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.picture_figures import music_affect
from otio_hpm.evaluation.variety import features
from otio_hpm.files import make_folder, writing
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls, controls_of

Values = NDArray[Any]
NETWORKS = ("vggish", "cnn14", "embedding")
"""Features that are embeddings of a network of this name."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Networks; None for those that are not measured by."""

    vggish: Path | None = None
    cnn14: Path | None = None
    embedding: Path | None = SHIPPED
    """The project's own, as `train embedding` writes it."""

    @cached_property
    def checksums(self) -> dict[str, str]:
        """SHA-256 of each file by its network's name. Raises ModelError."""
        named = {name: getattr(self, name) for name in NETWORKS}
        return {name: weights_checksum(path) for name, path in named.items() if path}


class Features:
    """A folder of features; other sound, code, or weights are other files."""

    def __init__(self, folder: Path, config: ModelConfig, weights: Weights) -> None:
        """Makes the folder if need be. Raises OutputError, and ModelError for the weights."""
        make_folder(folder)
        self._folder, self.config, self._weights = folder, config, weights
        self._rate = config.sample_rate
        self._code = source_digest("evaluation", "music") + str(config)
        self._ways: Mapping[str, Callable[[Sound], Values]] = {
            "onsets": lambda sound: seconds_with_onsets(sound, self._rate),
            "beats": lambda sound: beat_times_s(sound, self._rate),
            "controls": self._controls,
            "levels": self._levels,
            "intonation": lambda sound: np.array(in_tune_share(sound, self._rate)),
            "vggish": lambda sound: vggish_embeddings(self._vggish, sound, self._rate),
            "cnn14": lambda sound: heard_by_cnn14(self._cnn14, sound, self._rate).logits,
            "embedding": self._embedded,
            "affect": lambda sound: music_affect(sound, self._rate),
            "onset times": lambda sound: onset_times_s(sound, self._rate),
            "variety": lambda sound: features(sound, self._rate),
        }

    def of(self, kind: str, sound: Sound) -> Values:
        """A feature of a clip at the model's rate; its shape is its kind's. Raises OutputError."""
        weights = self._weights.checksums.get(kind, "")
        digest = hashlib.sha256(f"{kind} {weights} {self._code}".encode() + sound.tobytes())
        path = self._folder / f"{digest.hexdigest()[:32]}.npy"
        if not path.exists():
            with writing(path) as file:
                np.save(file, self._ways[kind](sound))
        kept: Values = np.load(path)
        return kept

    def _controls(self, sound: Sound) -> Values:
        """Melody, whether it is there, and dynamics in dB. (3, frames)"""
        found = controls_of(sound, self.config)
        return np.stack([found.melody, found.melody_present, found.dynamics_db]).astype(np.float32)

    def _levels(self, sound: Sound) -> Values:
        """Loudness in LUFS, true peak in dBTP, range in LU. (3,)"""
        found = levels(sound, self._rate)
        return np.array([found.integrated_lufs, found.true_peak_dbtp, found.range_lu])

    def _embedded(self, sound: Sound) -> Values:
        """One for every whole 10 s; none of a shorter clip. (n, SIZE)"""
        if len(sound) < self._rate * WINDOW // RATE:
            return np.zeros((0, SIZE), np.float32)
        return embeddings(self._embedding, sound, self._rate)

    @cached_property
    def _vggish(self) -> Any:
        assert self._weights.vggish is not None
        return load_vggish(self._weights.vggish)

    @cached_property
    def _cnn14(self) -> Any:
        assert self._weights.cnn14 is not None
        return load_cnn14(self._weights.cnn14)

    @cached_property
    def _embedding(self) -> Any:
        assert self._weights.embedding is not None
        return load_embedding_network(self._weights.embedding)


def controls_from(values: Values) -> Controls:
    """Controls of the feature of that name. (3, frames)"""
    melody, present, dynamics = values
    frames = len(melody)
    return Controls(
        melody=melody.astype(np.int8), melody_present=present.astype(np.bool_),
        dynamics_db=dynamics, dynamics_present=np.ones(frames, np.bool_),
        accents=np.zeros(frames, np.bool_),
    )  # fmt: skip
