"""The adapter that a run trains: kept with the run, and written where a user wants it."""

from __future__ import annotations

import shutil
from pathlib import Path

from otio_hpm.errors import ModelError
from otio_hpm.folders import new_folder
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.lora import save_adapter
from otio_hpm.model.s_control import SControl
from otio_hpm.settings import ADAPTER_FILES
from otio_hpm.training.beginning import base_of
from otio_hpm.training.run import Run, has_trained, require_run


def keep_adapter(run: Run, branch: SControl, rank: int) -> None:
    """Keep a branch with low-rank updates as an adapter, where it is one of a model.

    A run that was begun without a model, or that has trained its base, has a base of its own.
    """
    base = base_of(run)
    if base is not None and not has_trained(run, "vm_unet"):
        save_adapter(branch, _folder(run), rank, base)


def export_adapter(run: Run, folder: Path) -> Adapter:
    """Write the run's adapter into a new folder.

    Raises ModelError for no run and one that has none or a damaged one, and OutputError for a
    folder that exists or cannot be written.
    """
    require_run(run)
    if not _folder(run).exists():
        raise ModelError(
            f"the run in {run.folder} has no adapter of a model",
            hint="Train one: `otio-hpm train style --model MODEL --lora RANK`. A base that was "
            "trained in the run has to be exported first, and is that model.",
        )
    Adapter.read(_folder(run)).require_weights()
    with new_folder(folder) as part:
        for name in ADAPTER_FILES:
            shutil.copyfile(_folder(run) / name, part / name)
    return Adapter.read(folder)


def _folder(run: Run) -> Path:
    return run.folder / "adapter"
