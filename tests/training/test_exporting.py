"""What a run becomes: a model folder that is whole, always the same, and tells what it is."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from random_windows import write_windows
from safetensors.torch import load_file

from otio_hpm.cli.group import cli
from otio_hpm.errors import ModelError, OutputError
from otio_hpm.model.checkpoint import checksum, model_folder, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.training import exporting, recipe, train_diffusion
from otio_hpm.training.adapters import export_adapter
from otio_hpm.training.beginning import begin_from
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

WINDOWS = 4
SCHEDULE = Schedule(steps=2, learning_rate=1e-3, warmup_steps=1, checkpoint_every=2)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that goes on from a model with a licence and a card of its own."""
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    began = tmp_path / "began"
    shutil.copytree(model_folder("debug"), began)
    config = ModelConfig.load(began / "config.json")
    dataclasses.replace(config, licence="CC-BY-NC-SA-4.0").save(began / "config.json")
    write_checksums(began)
    (began / "MODEL_CARD.md").write_text("# Began\n\nBy somebody.\n", "utf-8")
    write_windows(tmp_path / "run", config, WINDOWS)
    run = Run(folder=tmp_path / "run", windows=WINDOWS, precision="float32")
    begin_from(run, str(began))
    return run


def card_of(folder: Path) -> str:
    return (folder / "MODEL_CARD.md").read_text("utf-8")


def test_a_model_tells_what_it_began_with_and_was_trained_on(run: Run, tmp_path: Path) -> None:
    recipe.run_base(run, SCHEDULE, batch=3)
    export(run, tmp_path / "house", vocoder=True)
    card = card_of(tmp_path / "house")
    told = json.loads((run.folder / "base" / "log.jsonl").read_text("utf-8"))
    assert card.startswith("# house\n")
    assert "It began with the model `began`" in card and "CC-BY-NC-SA-4.0: for non-comm" in card
    assert "| `vm_unet.safetensors` | 0." in card
    row = f"| base | `film_encoder`, `vm_unet` | 2 | {told['loss']} | none |"
    assert row in card
    assert "- base, from step 0: batches of 3, peak rate 0.001, float32, seed 0; 4 comp" in card
    assert "style" not in card
    assert card.endswith("The card of `began`, which it began with:\n\n## Began\n\nBy somebody.\n")
    # On a farm others read what one has trained.
    files = [*(tmp_path / "house").iterdir(), run.part("vm_unet")]
    assert len({path.stat().st_mode for path in files}) == 1
    shown = CliRunner().invoke(cli, ["model", "info", str(tmp_path / "house"), "--json"])
    assert json.loads(shown.output)["card"] == str(tmp_path / "house" / "MODEL_CARD.md")


def test_the_same_run_becomes_the_same_model(run: Run, tmp_path: Path) -> None:
    run.part("s_control").unlink()  # what is new in a branch begins at random
    for name in ("one", "two"):
        export(run, tmp_path / name / "house", vocoder=True)
    one, two = (tmp_path / name / "house" for name in ("one", "two"))
    assert checksum(one) == checksum(two)
    assert card_of(one) == card_of(two)
    assert "has trained nothing" in card_of(one)


def test_legs_that_were_given_other_things_are_each_told(run: Run, tmp_path: Path) -> None:
    first = dataclasses.replace(run, minutes=0.0)  # a leg of one step
    assert not recipe.run_style(first, SCHEDULE, batch=2, joint=False, lora_rank=0)
    longer = dataclasses.replace(SCHEDULE, steps=3)
    assert not recipe.run_style(first, longer, batch=2, joint=False, lora_rank=0)
    assert recipe.run_style(run, longer, batch=4, joint=False, lora_rank=0)
    export(run, tmp_path / "house", vocoder=True)
    told = [line for line in card_of(tmp_path / "house").splitlines() if "- style, from" in line]
    assert [line.split(":")[0][-1] for line in told] == ["0", "2"]
    assert ["batches of 2" in told[0], "batches of 4" in told[1]] == [True, True]


def test_a_model_is_never_written_over_another_nor_in_part(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="exists already"):
        export(run, tmp_path / "began", vocoder=True)
    assert card_of(tmp_path / "began").startswith("# Began")
    monkeypatch.setattr(exporting, "write_checksums", _full)
    with pytest.raises(OutputError, match="No space left"):
        export(run, tmp_path / "house", vocoder=True)
    assert not [path for path in tmp_path.iterdir() if "house" in path.name]


def test_a_part_that_is_missing_is_named_before_anything_is_written(
    run: Run, tmp_path: Path
) -> None:
    run.part("vae").unlink()
    with pytest.raises(ModelError, match="part 'vae' of this run is not trained yet"):
        export(run, tmp_path / "house", vocoder=True)
    assert not (tmp_path / "house").exists()


@pytest.mark.parametrize("write", [export, export_adapter])
def test_a_folder_that_is_no_run_is_not_made_one(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError, match="typo is no run"):
        write(Run(folder=tmp_path / "typo", windows=0), tmp_path / "house")
    assert not list(tmp_path.iterdir())


def test_a_silent_branch_is_a_copy_of_the_base_that_ships_with_it(
    run: Run, tmp_path: Path
) -> None:
    run.part("s_control").unlink()
    export(run, tmp_path / "silent", vocoder=True)
    write_windows(tmp_path / "next", run.config(), WINDOWS)
    further = dataclasses.replace(run, folder=tmp_path / "next")
    begin_from(further, str(tmp_path / "silent"))
    recipe.run_base(further, SCHEDULE, batch=2)
    export(further, tmp_path / "house", vocoder=True)
    branch, base = (
        load_file(tmp_path / "house" / f"{part}.safetensors") for part in ("s_control", "vm_unet")
    )
    assert not branch["zero_middle.weight"].any()
    copied = [name for name in branch if name.startswith("mid_block.")]
    assert copied
    assert all(torch.equal(branch[name], base[f"unet.{name}"]) for name in copied)


def _full(folder: Path) -> None:
    raise OSError(28, "No space left on device")
