"""Runs whose files are cut short, and disks that are full: told in a sentence, nothing is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from full_disk import largest_file
from random_windows import write_windows
from safetensors.torch import load_file

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.training import recipe, train_diffusion
from otio_hpm.training.adapters import export_adapter
from otio_hpm.training.beginning import begin_from
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

WINDOWS = 2


def go_on(run: Run, steps: int) -> bool:
    schedule = Schedule(steps=steps, learning_rate=1e-3, warmup_steps=1, checkpoint_every=1)
    return recipe.run_style(run, schedule, batch=1, joint=False, lora_rank=2)


@pytest.fixture(autouse=True)
def draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A house style after one step."""
    folder = tmp_path_factory.mktemp("begun") / "run"
    config = ModelConfig.load(model_folder("debug") / "config.json")
    write_windows(folder, config, WINDOWS)
    run = Run(folder=folder, windows=WINDOWS, precision="float32")
    begin_from(run, "debug")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_diffusion, "save_samples", lambda *_: None)
        assert go_on(run, 1)
    return run


@pytest.fixture
def run(begun: Run, tmp_path: Path) -> Run:
    shutil.copytree(begun.folder, tmp_path / "run")
    return Run(folder=tmp_path / "run", windows=WINDOWS, precision="float32")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.s*")}


@pytest.mark.parametrize(
    "name", ["style/state", "style/start", "parts/vae", "parts/vm_unet", "parts/s_control"]
)
def test_a_file_that_is_cut_short_is_named(run: Run, name: str) -> None:
    cut(run.folder / f"{name}.safetensors")
    before = contents(run.folder)
    with pytest.raises(ModelError, match=rf"{name}\.safetensors cannot be read") as error:
        go_on(run, 2)
    assert "Put a copy of it back" in error.value.hint
    assert contents(run.folder) == before


def test_latents_that_are_cut_short_are_made_again(run: Run, begun: Run) -> None:
    cut(run.folder / "latents.safetensors")
    assert go_on(run, 2)
    one, other = (load_file(r.folder / "latents.safetensors")["latent"] for r in (run, begun))
    assert one.equal(other)


@pytest.mark.parametrize("name", ["style/state", "parts/vm_unet"])
def test_no_model_is_made_of_a_damaged_run(run: Run, name: str, tmp_path: Path) -> None:
    cut(run.folder / f"{name}.safetensors")
    with pytest.raises(ModelError, match=rf"{name}\.safetensors cannot be read"):
        export(run, tmp_path / "model")
    assert os.listdir(tmp_path) == ["run"]


def test_no_house_style_is_made_of_a_damaged_one(run: Run, tmp_path: Path) -> None:
    cut(run.folder / "adapter" / "adapter_model.safetensors")
    with pytest.raises(ModelError, match=r"weights of adapter .* cannot be read"):
        export_adapter(run, tmp_path / "house")
    assert os.listdir(tmp_path) == ["run"]


def test_a_full_disk_keeps_what_was_saved_and_the_run_goes_on(run: Run, begun: Run) -> None:
    before = contents(run.folder)
    with (
        largest_file(10_000),
        pytest.raises(OutputError, match=r"state\.safetensors cannot be written.*large"),
    ):
        go_on(run, 2)
    after = contents(run.folder)
    assert {name: after[name] for name in before} == before
    assert not list(run.folder.rglob("*.part"))
    assert go_on(run, 2) and go_on(begun, 2)
    one, other = (load_file(r.part("s_control")) for r in (run, begun))
    assert all(value.equal(other[name]) for name, value in one.items())


def test_a_disk_that_is_full_leaves_no_half_of_a_model(run: Run, tmp_path: Path) -> None:
    with largest_file(10_000):
        for write in (export, export_adapter):
            with pytest.raises(OutputError, match="cannot be written"):
                write(run, tmp_path / "made")
    assert os.listdir(tmp_path) == ["run"]
