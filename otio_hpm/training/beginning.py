"""A run that goes on from a model: its configuration and parts are what training begins with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from otio_hpm.errors import ModelError, SettingsError
from otio_hpm.files import make_folder, write_text
from otio_hpm.film.published.parts import copy_parts
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.folders import CARD, CONFIG
from otio_hpm.training.run import Run, keep

_MODEL = "model.json"


def begin_from(run: Run, name: str) -> None:
    """Take the parts of a shipped model or a model folder into a new run.

    Raises ModelError for no such model, and SettingsError for a run that was begun with another
    model or with none.
    """
    identity = checksum(model_folder(name))
    begun = base_of(run)
    if begun is None and (run.folder / CONFIG).exists() and _has_made_anything(run):
        raise SettingsError(
            f"the run in {run.folder} was begun without a model",
            hint="Leave --model out, or begin another run with --run.",
        )
    if begun not in (None, identity):
        raise SettingsError(
            f"the run in {run.folder} was begun with another model than {name}",
            hint="Name that one, or begin another run with --run.",
        )
    if begun is None or not (run.folder / CONFIG).exists():
        _take_parts(run, name, identity)


def _has_made_anything(run: Run) -> bool:
    """Whether there is more than the configuration that a refused command leaves behind."""
    return any((run.folder / name).exists() for name in ("corpus", "dataset", "vae", "parts"))


def base_of(run: Run) -> str | None:
    """Checksum of the model that the run was begun from, or None. Raises ModelError."""
    return _told_of_model(run, "checksum")


def name_of_base(run: Run) -> str | None:
    """Name of that model, or of its folder, or None. Raises ModelError."""
    name = _told_of_model(run, "name")
    return None if name is None else Path(name).name


def _told_of_model(run: Run, key: str) -> str | None:
    path = run.folder / _MODEL
    if not path.exists():
        return None
    try:
        return str(json.loads(path.read_text("utf-8"))[key])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}", hint="Begin another run.") from error


def _take_parts(run: Run, name: str, identity: str) -> None:
    from otio_hpm.model.pipeline import HpmPipeline

    pipeline = HpmPipeline.load(name, "cpu", "float32")
    for part, module in pipeline.parts().items():
        keep(module, run.part(part))
    make_folder(run.folder)
    folder = model_folder(name)
    copy_parts(folder, run.folder)
    if (folder / CARD).is_file():
        text = (folder / CARD).read_text("utf-8", "replace")
        write_text(run.folder / CARD, text, overwrite=True)
    facts = {"name": folder.resolve().name, "checksum": identity}
    write_text(run.folder / _MODEL, json.dumps(facts, indent=1) + "\n", overwrite=True)
    # Last: a run that was killed before is begun again. Random weights are kept from now on.
    replace(pipeline.config, random_seed=None).save(run.folder / CONFIG)
