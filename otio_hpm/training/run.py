"""A training run on disk: its corpus, its parts, and the options that all its legs share.

A run is a folder: `corpus/` (composed windows) or `dataset/` (those of films), one folder per part
with its resumable state, `parts/` (each part's averaged weights so far), `config.json`,
`options.json`, and `model.json` where it goes on from a model.
"""

from __future__ import annotations

import json
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from otio_hpm.dataset.clip import Split
from otio_hpm.errors import ModelError, SettingsError
from otio_hpm.files import make_folder, write_text
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CONFIG
from otio_hpm.training.cache import (
    Corpus,
    Windows,
    compose_shards,
    load_shards,
    missing_shards,
    require_measured,
)
from otio_hpm.training.clips import Sight, dataset_windows
from otio_hpm.training.processes import Precision, Processes
from otio_hpm.training.synthesis import find_soundfont

logger = logging.getLogger(__name__)

Module = TypeVar("Module", bound=nn.Module)

_TRAINED_BY = {"film_encoder": "base", "vm_unet": "base", "s_control": "style"}
"""The command that trains a part, where it has another name."""
_TRAINED = "trained"
"""What the file of a part says that a run has trained."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run on disk."""

    folder: Path
    """Holds everything of the run."""
    windows: int
    """Composed windows trained on."""
    device: str = "cpu"
    """Where it trains."""
    minutes: float | None = None
    """Longest leg; a run goes on where the last leg ended."""
    soundfont: Path | None = None
    """General MIDI soundfont; None for the system's."""
    scores: bool = True
    """Whether the corpus also plays public-domain scores."""
    dataset: Path | None = None
    """Films and their scores, trained on in place of the composed corpus."""
    precision: Precision = "bf16"
    """What forward passes compute in; weights are always float32."""
    recompute: bool = False
    """Gradient checkpointing of the diffusion."""
    tensorboard: bool = False
    """Tell TensorBoard what `log.jsonl` tells."""

    def config(self) -> ModelConfig:
        """The run's configuration; the embedded model's where the run is new.

        Raises ModelError for one that is not understood, and OutputError.
        """
        path = self.folder / CONFIG
        if not path.exists():
            make_folder(self.folder)
            ModelConfig().save(path)
        return ModelConfig.load(path)

    def processes(self) -> Processes:
        """The processes that train. Raises ModelError for a precision the device has not."""
        return Processes(self.device, self.precision)

    def compose(self) -> bool:
        """Compose the windows that are missing, in the leg's time; whether all are there.

        Raises ModelError for a model that sees what no composed picture shows.
        """
        folder = self.folder / "corpus"
        if not self.is_composed():
            require_measured(self.config(), hint="Train it on films, with --dataset.")
            corpus = Corpus(
                folder=folder,
                scores=self.folder / "scores" if self.scores else None,
                soundfont=find_soundfont(self.soundfont),
                config=self.config(),
            )
            seconds = math.inf if self.minutes is None else self.minutes * 60
            for path in compose_shards(corpus, self.windows, seconds):
                logger.info("composed %s", path.name)
        return self.is_composed()

    def is_composed(self) -> bool:
        """Whether there is nothing to compose, as there never is for a dataset."""
        return self.dataset is not None or not missing_shards(self.folder / "corpus", self.windows)

    def corpus(self) -> Windows:
        """The windows that are trained on: composed ones, or the dataset's."""
        if self.dataset is not None:
            return self._of_dataset("train")
        return load_shards(self.folder / "corpus", self.windows)

    def validation(self) -> Windows | None:
        """The dataset's windows to validate on; none for the composed corpus, which never ends."""
        return None if self.dataset is None else self._of_dataset("validation")

    def _of_dataset(self, split: Split) -> Windows:
        assert self.dataset is not None
        sight = Sight(config=self.config(), encoders=self.folder, device=self.device)
        return dataset_windows(self.dataset, split, sight, self.folder / "dataset")

    def minutes_left(self, started: float) -> float | None:
        """What is left of a leg that began at `started`, a moment of `time.monotonic`."""
        return None if self.minutes is None else self.minutes - (time.monotonic() - started) / 60

    def part(self, name: str) -> Path:
        """Where a part's averaged weights are kept, at full precision."""
        return self.folder / "parts" / f"{name}.safetensors"


def require_run(run: Run) -> None:
    """Raise ModelError for a folder that is no run, which is then not made one."""
    if not (run.folder / CONFIG).is_file():
        raise ModelError(
            f"{run.folder} is no run", hint="Name the --run that `otio-hpm train` was given."
        )


def require_same_options(run: Run, seed: int, footage: Path | None) -> None:
    """Write down what a run is made with, or compare it with what its first leg wrote.

    Raises SettingsError naming the options that were others.
    """
    asked = {
        "windows": run.windows,
        "scores": run.scores,
        "seed": seed,
        "soundfont": run.soundfont.name if run.soundfont else None,
        "footage": footage.name if footage else None,
    }
    path = run.folder / "options.json"
    if not path.exists():
        make_folder(run.folder)
        write_text(path, json.dumps(asked, indent=1) + "\n")
        return
    begun = json.loads(path.read_text("utf-8"))
    changed = [f"{name} {begun.get(name)}" for name in asked if begun.get(name) != asked[name]]
    if changed:
        raise SettingsError(
            f"The run in {run.folder} was begun with {', '.join(changed)}",
            hint="Give every leg the same options, or begin another run with --run.",
        )


def keep(module: nn.Module, path: Path, *, trained: bool = False) -> None:
    """Write a part's weights at full precision; a run that is killed keeps the earlier ones.

    `trained`: they are what the run has made of them, not what it began with.
    """
    make_folder(path.parent)
    save_whole(module.state_dict(), path, {_TRAINED: "yes"} if trained else None)


def has_trained(run: Run, name: str) -> bool:
    """Whether a part is what the run itself has trained. Raises ModelError where it is damaged."""
    path = run.part(name)
    if not path.exists():
        return False
    try:
        with safe_open(path, "pt") as file:
            return _TRAINED in (file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def restore(module: Module, path: Path) -> Module:
    """Load a part's weights.

    Raises ModelError naming what is to be trained first, or a file that is damaged.
    """
    require_trained(path)
    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _damaged(path, error) from error
    return module


def _damaged(path: Path, error: Exception) -> ModelError:
    return ModelError(
        f"{path} cannot be read as the part of this run's {CONFIG}: {error}",
        hint="Put a copy of it back, or begin another run with --run.",
    )


def require_trained(path: Path) -> None:
    """Raise ModelError where a part is not there, naming what is to be trained first."""
    if not path.exists():
        command = _TRAINED_BY.get(path.stem, path.stem)
        raise ModelError(
            f"part {path.stem!r} of this run is not trained yet",
            hint=f"Run `otio-hpm train {command}` first, or begin with the parts of a --model.",
        )
