"""The clips of a dataset as training reads them, kept per dataset, split and model configuration.

They are the same `Windows` as composed pairs are, in the same shards, so trainers take either.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from otio_hpm.dataset.clip import STORED_FPS, Split
from otio_hpm.dataset.reader import Clip, Dataset
from otio_hpm.errors import DatasetError
from otio_hpm.files import make_folder
from otio_hpm.film.descriptors import DESCRIPTOR_SIZE
from otio_hpm.film.published.parts import Encoder, FilmPart, film_parts, part_identity
from otio_hpm.film.published.watching import Watcher
from otio_hpm.model.config import ModelConfig
from otio_hpm.settings import Feature
from otio_hpm.training.cache import (
    Windows,
    load_shards,
    measured,
    missing_shards,
    save_shard,
    window_from,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """How a model sees films."""

    config: ModelConfig
    encoders: Path
    """A folder that may hold published encoders; without any the picture is measured."""
    device: str = "cpu"
    """Where encoders look."""

    @property
    def parts(self) -> dict[Encoder, FilmPart]:
        """The encoders in the folder."""
        return film_parts(self.encoders)

    @cached_property
    def watcher(self) -> Watcher | None:
        """What looks with them; None where the picture is measured. Raises ModelError."""
        sizes: dict[Feature, int] = {
            "semantic": self.config.semantic_size,
            "aesthetic": self.config.aesthetic_size,
            "emotion": self.config.emotion_size,
        }
        if not self.parts and self.config.descriptor_size == DESCRIPTOR_SIZE:
            return None
        return Watcher(self.encoders, sizes, self.device)

    def descriptors(self, clip: Clip) -> NDArray[np.float32]:
        """Film descriptors of a clip. -> (film_seconds, descriptor_size)"""
        if self.watcher is None:
            return measured(clip.frames(), self.config)
        count = self.config.film_seconds * STORED_FPS
        return self.watcher.look_at(clip.frames(None, count, STORED_FPS)).stacked()


def window_of_clip(clip: Clip, sight: Sight) -> dict[str, Tensor]:
    """What training needs of one clip: its sound and picture over a window of the model."""
    config = sight.config
    sound = clip.sound(config.sample_rate, config.window_samples)
    return window_from(sound, sight.descriptors(clip), config)


def dataset_windows(folder: Path, split: Split, sight: Sight, cache: Path) -> Windows:
    """All windows of a split, read once and then kept in a folder of their own inside `cache`.

    A run that is killed goes on with the shard it was at. Raises DatasetError for a dataset that
    is damaged, and for a split without clips, and ModelError for encoders that do not fit.
    """
    dataset = Dataset.open(folder, split)
    if not len(dataset):
        raise DatasetError(
            f"the {split} split of {folder} holds no clips",
            hint="Build it again, in another folder, with the --seed that `dataset build` names, or"
            " of more films.",
        )
    kept = cache / _name(dataset, split, sight)
    make_folder(kept)
    for start, end in missing_shards(kept, len(dataset)):
        rows = (window_of_clip(clip, sight) for clip in dataset[start:end])
        logger.info("read %s", save_shard(kept, start, rows, end - start).name)
    return load_shards(kept, len(dataset))


def _name(dataset: Dataset, split: Split, sight: Sight) -> str:
    """A folder name that changes with anything that decides the windows."""
    seen_by = {name: part_identity(sight.encoders, part) for name, part in sight.parts.items()}
    decides = json.dumps([dataset.checksum, split, asdict(sight.config), seen_by], sort_keys=True)
    return f"{split}-{hashlib.sha256(decides.encode()).hexdigest()[:16]}"
