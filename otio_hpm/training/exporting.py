"""A model folder from a run's averaged weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from otio_hpm.files import write_text
from otio_hpm.film.published.parts import copy_parts
from otio_hpm.folders import new_folder
from otio_hpm.model.checkpoint import save_part, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CARD, CONFIG
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.training.branch import take_branch
from otio_hpm.training.card import card
from otio_hpm.training.run import Run, has_trained, require_run, restore


def export(run: Run, folder: Path, *, vocoder: bool | None = None) -> None:
    """Write a new model folder from the run's averaged weights, as bf16, and its card.

    `vocoder` says whether to ship one; None for the run's, if it has one.
    Pacing that the run did not train is left out where the base was trained on other music.
    Where no branch is trained yet, it is a silent copy of the base: film alone shapes the music.
    The same run gives the same bytes. Raises ModelError for no run and naming another part that is
    not trained yet, and OutputError for a folder that exists or cannot be written.
    """
    require_run(run)
    ships = run.part("vocoder").exists() if vocoder is None else vocoder
    seen_film = run.config().film_trained or has_trained(run, "vm_unet")
    config = replace(
        run.config(), has_vocoder=ships, has_pacing=_paces(run), film_trained=seen_film
    )
    pipeline = _pipeline(run, config)
    with new_folder(folder) as made:
        for name, module in pipeline.parts().items():
            save_part(module, made / f"{name}.safetensors")
        copy_parts(run.folder, made)
        config.save(made / CONFIG)
        write_checksums(made)
        write_text(made / CARD, card(run, folder.name, made))


def _paces(run: Run) -> bool:
    """Whether a run's pacing is of the music that its base makes, not of what that began with."""
    if not run.part("pacing").exists():
        return False
    return has_trained(run, "pacing") or not has_trained(run, "vm_unet")


def _pipeline(run: Run, config: ModelConfig) -> HpmPipeline:
    """All parts as the run has them; what is new in a branch begins at random, always the same."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        pipeline = HpmPipeline(config, "cpu", "")
        for name, module in pipeline.parts().items():
            if name != "s_control":
                restore(module, run.part(name))
        take_branch(run, pipeline.hpm)
    return pipeline
