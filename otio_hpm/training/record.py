"""What each stage of a run was given, kept beside its state for the card of the model it becomes.

A stage whose legs were given different things tells of each, from the step on that it holds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.dataset.clip import INTERVAL_S, SPLITS
from otio_hpm.dataset.index import read_summary
from otio_hpm.dataset.summary import Summary
from otio_hpm.errors import ModelError
from otio_hpm.files import write_text
from otio_hpm.training.run import Run

if TYPE_CHECKING:
    from otio_hpm.training.trainer import Trainer

_RECORD = "training.json"
_MOST_GENRES = 8


@dataclass(frozen=True, kw_only=True)
class Given:
    """What legs of a stage that follow each other were given."""

    from_step: int
    """The first of them went on after so many steps."""
    batch: int
    """Windows a step, or crops of them, of all processes together."""
    learning_rate: float
    """Peak."""
    precision: str
    """Of forward passes."""
    seed: int
    """Of batches and noise."""
    lora_rank: int
    """Of low-rank updates; 0 where the part is trained whole."""
    data: str
    """What it was trained on, in words."""


def keep_given(
    trainer: Trainer, run: Run, batch: int, lora_rank: int, data: str | None = None
) -> None:
    """Add what a stage is given to its record, in place of what legs were given that a kill lost.

    `batch` is that of each process, `data` the words for what it learns from, where that is not
    the run's windows. Raises DatasetError for a dataset that does not say what is in it.
    """
    given = Given(
        from_step=trainer.step,
        batch=batch * trainer.processes.count,
        learning_rate=trainer.schedule.learning_rate,
        precision=run.precision,
        seed=trainer.schedule.seed,
        lora_rank=lora_rank,
        data=data or _windows(run),
    )
    held = [one for one in read_given(trainer.folder) if one.from_step < given.from_step]
    if not held or replace(held[-1], from_step=given.from_step) != given:
        held.append(given)
    text = json.dumps([asdict(one) for one in held], indent=1) + "\n"
    write_text(trainer.folder / _RECORD, text, overwrite=True)


def read_given(folder: Path) -> tuple[Given, ...]:
    """What a stage was given, in order; nothing where nothing was written down.

    Raises ModelError for a record that is not understood.
    """
    path = folder / _RECORD
    try:
        return tuple(Given(**one) for one in json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}", hint="Begin another run.") from error


def composed(windows: int, *, scores: bool) -> str:
    """Words for so many composed windows."""
    played = ", some of the music from public-domain scores" if scores else ""
    return f"{windows} composed windows{played}"


def _windows(run: Run) -> str:
    if run.dataset is not None:
        return _films(run.dataset)
    return composed(run.windows, scores=run.scores)


def _films(dataset: Path) -> str:
    """What is in a dataset, by its summary."""
    summary = Summary.of_json(read_summary(dataset))
    splits = ", ".join(
        f"{split} {summary.clips[split]} of {summary.films[split]}" for split in SPLITS
    )
    genres = ", ".join(list(summary.genres)[:_MOST_GENRES])
    words = (
        f"the dataset `{dataset.resolve().name}`: {summary.hours:.2f} hours in clips of "
        f"{INTERVAL_S} s; clips of films: {splits}; composers: {len(summary.composers)}; most "
        f"frequent genres: {genres}; SHA-256 of its index: {summary.index_sha256}"
    )
    return " ".join(words.split())
