"""A model folder from a run's averaged weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from otio_hpm.film.published.parts import copy_parts
from otio_hpm.model.checkpoint import save_part, write_checksums
from otio_hpm.model.folders import CONFIG
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.training.run import Run, has_trained_base, restore


def export(run: Run, folder: Path, *, vocoder: bool | None = None) -> None:
    """Write a model folder from the run's averaged weights, as bf16.

    `vocoder` says whether to ship one; None for the run's, if it has one.
    Where no branch is trained yet, it is a silent copy of the base: film alone shapes the music.
    Raises ModelError naming another part that is not trained yet.
    """
    ships = run.part("vocoder").exists() if vocoder is None else vocoder
    pipeline = HpmPipeline(replace(run.config(), has_vocoder=ships), "cpu", "")
    for name, module in pipeline.parts().items():
        if name != "s_control":
            restore(module, run.part(name))
    pipeline.hpm.branch_from_base()
    if run.part("s_control").exists():
        restore(pipeline.hpm.s_control, run.part("s_control"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in pipeline.parts().items():
        save_part(module, folder / f"{name}.safetensors")
    copy_parts(run.folder, folder)
    seen_film = run.config().film_trained or has_trained_base(run)
    replace(pipeline.config, film_trained=seen_film).save(folder / CONFIG)
    write_checksums(folder)
