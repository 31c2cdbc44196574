"""The clips of a dataset as training reads them, kept per dataset, split and model configuration.

They are the same `Windows` as composed pairs are, in the same shards, so trainers take either.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from pathlib import Path

from torch import Tensor

from otio_hpm.dataset.clip import Split
from otio_hpm.dataset.reader import Clip, Dataset
from otio_hpm.errors import DatasetError
from otio_hpm.files import make_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.training.cache import Windows, load_shards, missing_shards, save_shard, window_from

logger = logging.getLogger(__name__)


def window_of_clip(clip: Clip, config: ModelConfig) -> dict[str, Tensor]:
    """What training needs of one clip: its sound and picture over a window of the model."""
    return window_from(clip.sound(config.sample_rate, config.window_samples), clip.frames(), config)


def dataset_windows(folder: Path, split: Split, config: ModelConfig, cache: Path) -> Windows:
    """All windows of a split, read once and then kept in a folder of their own inside `cache`.

    A run that is killed goes on with the shard it was at. Raises DatasetError for a dataset that
    is damaged, and for a split without clips.
    """
    dataset = Dataset.open(folder, split)
    if not len(dataset):
        raise DatasetError(
            f"the {split} split of {folder} holds no clips",
            hint="Give it more films, or a larger share of them when it is built.",
        )
    kept = cache / _name(dataset, split, config)
    make_folder(kept)
    for start, end in missing_shards(kept, len(dataset)):
        rows = (window_of_clip(clip, config) for clip in dataset[start:end])
        logger.info("read %s", save_shard(kept, start, rows, end - start).name)
    return load_shards(kept, len(dataset))


def _name(dataset: Dataset, split: Split, config: ModelConfig) -> str:
    """A folder name that changes with anything that decides the windows."""
    decides = json.dumps([dataset.checksum, split, asdict(config)], sort_keys=True)
    return f"{split}-{hashlib.sha256(decides.encode()).hexdigest()[:16]}"
