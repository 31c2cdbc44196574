"""Runs that go on from a model: house styles as adapters, and bases of their own."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from marked_film import make_film
from random_windows import write_windows
from safetensors.torch import load_file
from tone_pairs import CONFIG as TONES
from tone_pairs import tone_pair

import otio_hpm.scoring.job as job
from otio_hpm.cli.group import cli
from otio_hpm.errors import ModelError, OutputError, SettingsError
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Hpm
from otio_hpm.model.lora import FILM_PARTS
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.settings import ModelSettings, MusicSettings, Settings
from otio_hpm.training import recipe, train_diffusion
from otio_hpm.training.adapters import export_adapter
from otio_hpm.training.beginning import base_of, begin_from
from otio_hpm.training.cache import window_of
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

WINDOWS = 4
DEBUG_SUM = checksum(model_folder("debug"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A new run that has windows and nothing else."""
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    config = ModelConfig.load(model_folder("debug") / "config.json")
    write_windows(tmp_path / "run", config, WINDOWS)
    return Run(folder=tmp_path / "run", windows=WINDOWS, precision="float32")


def schedule(steps: int) -> Schedule:
    return Schedule(steps=steps, learning_rate=1e-2, warmup_steps=1, checkpoint_every=2)


def test_a_house_style_is_trained_written_and_heard(run: Run, tmp_path: Path) -> None:
    """By the commands that a user gives."""
    house = tmp_path / "film" / "house"
    cut = make_film(tmp_path / "film", ("SCORE", "SCORE lora=house"))
    ends = f"--run {run.folder} --windows {WINDOWS} --steps 3 --batch 2 --precision float32"
    for line in (
        f"train style --model debug --lora 2 {ends}",
        f"train export-lora {house} --run {run.folder}",
        f"score {cut} -o {tmp_path / 'out.otio'} --model debug --steps 1",
    ):
        done = CliRunner().invoke(cli, line.split(), catch_exceptions=False)
        assert done.exit_code == 0, done.output
    adapter = Adapter.read(house)
    assert (adapter.base, adapter.rank) == (DEBUG_SUM, 2)
    planned = job.plan(cut, tmp_path / "out.otio", Settings(
        model=ModelSettings(model="debug", steps=1, followed_steps=1),
        music=MusicSettings(maestro_lora=str(house)),
    ))  # fmt: skip
    assert [cue.reuse for cue in planned.cues] == [False, True]
    with pytest.raises(OutputError, match="exists already"):
        export_adapter(run, house)


def test_the_adapter_makes_the_branch_that_was_trained(run: Run, tmp_path: Path) -> None:
    begin_from(run, "debug")
    assert recipe.run_style(run, schedule(4), batch=2, joint=False, lora_rank=2)
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    pipeline.take_adapter(export_adapter(run, tmp_path / "house").folder)
    merged = load_file(run.part("s_control"))
    for name, value in pipeline.hpm.s_control.state_dict().items():
        # What is written is bf16, which keeps 8 bits.
        assert torch.allclose(value, merged[name], rtol=2**-7, atol=1e-4), name


def test_a_base_goes_on_from_the_model_and_is_a_model_itself(run: Run, tmp_path: Path) -> None:
    begin_from(run, "debug")
    began = load_file(run.part("vm_unet"))
    assert recipe.run_base(run, dataclasses.replace(schedule(1), learning_rate=1e-6), batch=2)
    after = load_file(run.part("vm_unet"))
    moved = max(float((after[name] - began[name]).abs().max()) for name in began)
    assert 0 < moved < 1e-4
    # The model's quantiles are those of no windows yet.
    new = HpmPipeline.load("debug", "cpu", "float32").hpm.film_encoder.quantiles
    assert not torch.equal(load_file(run.part("film_encoder"))["quantiles"], new)
    assert recipe.run_style(run, schedule(1), batch=2, joint=False, lora_rank=2)
    with pytest.raises(ModelError, match="has no adapter of a model"):
        export_adapter(run, tmp_path / "house")
    export(run, tmp_path / "model", vocoder=True)
    assert HpmPipeline.load(str(tmp_path / "model"), "cpu").config.random_seed is None


def test_a_base_alone_is_a_model_whose_branch_is_silent(run: Run, tmp_path: Path) -> None:
    begin_from(run, "debug")
    dataclasses.replace(run.config(), film_trained=False).save(run.folder / "config.json")
    export(run, tmp_path / "untrained", vocoder=True)
    assert not ModelConfig.load(tmp_path / "untrained" / "config.json").film_trained
    recipe.run_base(run, schedule(1), batch=2)
    run.part("s_control").unlink()
    export(run, tmp_path / "model", vocoder=True)
    assert ModelConfig.load(tmp_path / "model" / "config.json").film_trained
    hpm = HpmPipeline.load(str(tmp_path / "model"), "cpu").hpm
    assert not hpm.s_control.zero_middle.weight.any()
    copied = hpm.vm_unet.unet.mid_block.state_dict()
    assert all(
        torch.equal(value, copied[name])
        for name, value in hpm.s_control.mid_block.state_dict().items()
    )


def test_a_base_whose_training_was_killed_is_still_the_model(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_from(run, "debug")
    dataclasses.replace(run.config(), film_trained=False).save(run.folder / "config.json")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(recipe, "keep", killed)
        recipe.run_base(run, schedule(1), batch=2)
    export(run, tmp_path / "model", vocoder=True)
    assert not ModelConfig.load(tmp_path / "model" / "config.json").film_trained
    recipe.run_style(run, schedule(1), batch=2, joint=False, lora_rank=2)
    assert export_adapter(run, tmp_path / "house").base == DEBUG_SUM


def test_a_run_is_of_one_model(run: Run, tmp_path: Path) -> None:
    begin_from(run, "debug")
    begin_from(run, "debug")
    assert base_of(run) == DEBUG_SUM
    with pytest.raises(SettingsError, match="another model"):
        begin_from(run, "embedded")
    other = dataclasses.replace(run, folder=tmp_path / "other")
    other.config()
    other.part("vae").parent.mkdir()
    with pytest.raises(SettingsError, match="without a model"):
        begin_from(other, "debug")


def test_a_model_that_was_forgotten_may_still_be_named(run: Run) -> None:
    new = dataclasses.replace(run, dataset=run.folder, folder=run.folder.with_name("new"))
    with pytest.raises(ModelError, match="part 'vae' of this run is not trained yet"):
        recipe.run_base(new, schedule(1), batch=2)
    begin_from(new, "debug")
    assert base_of(new) == DEBUG_SUM


@pytest.mark.parametrize("command", ["decoder", "base", "style"])
def test_nothing_is_composed_for_a_part_that_cannot_be_trained_yet(
    command: str, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    result = CliRunner().invoke(
        cli, ["train", command, "--run", str(new), "--windows", "1", "--device", "cpu"]
    )
    assert isinstance(result.exception, ModelError)
    assert "'vae' of this run is not trained yet" in str(result.exception)
    assert not (new / "corpus").exists()


def test_a_rate_that_learns_nothing_is_refused(tmp_path: Path) -> None:
    for rate in ("-1e-4", "0"):
        line = ["train", "style", "--run", str(tmp_path / "run"), "--rate", rate]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 2 and "'--rate'" in result.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("fast", "precision"), [(True, "bf16"), (False, "float32")])
def test_training_computes_in_what_the_device_is_fast_in_unless_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, fast: bool, precision: str
) -> None:
    monkeypatch.setattr("otio_hpm.model.precision._is_fast_in_bf16", lambda _: fast)
    begin_from(run, "debug")
    arguments = ["train", "base", "--run", str(run.folder), "--windows", str(WINDOWS), "--steps",
                 "1", "--device", "cpu"]  # fmt: skip
    for told, given in (((), precision), (("--precision", "bf16"), "bf16")):
        shutil.rmtree(run.folder / "base", ignore_errors=True)
        result = CliRunner().invoke(cli, [*arguments, *told], catch_exceptions=False)
        assert result.exit_code == 0
        record = json.loads((run.folder / "base" / "training.json").read_text("utf-8"))
        assert [leg["precision"] for leg in record] == [given]


def test_a_beginning_that_was_killed_is_begun_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: ModelConfig, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ModelConfig, "save", killed)
        begin_from(run, "debug")
    begin_from(run, "debug")
    assert run.config().random_seed is None


def test_composed_windows_are_at_the_rate_of_the_model() -> None:
    config = ModelConfig(
        sample_rate=16_000, n_fft=1024, hop=160, bands=64, spectrogram="mel", fold_frames=1,
        fold_bands=1, vae_channels=(8, 8, 8), latent_channels=8, window_latents=256,
    )  # fmt: skip
    pair = tone_pair(0)
    window = window_of(pair, config)
    assert window["spectrogram"].shape == (1024, 64)
    assert window["melody"].shape == window["accents"].shape == (1024,)
    at_48k = window_of(pair, TONES)
    levels = [
        torch.nn.functional.interpolate(w["dynamics_db"].float()[None, None], 100)[0, 0]
        for w in (window, at_48k)
    ]
    assert (levels[0] - levels[1])[5:-5].abs().max() < 3


def test_what_composed_pictures_cannot_show_is_asked_of_films(run: Run) -> None:
    begin_from(run, "debug")
    dataclasses.replace(run.config(), semantic_size=512).save(run.folder / "config.json")
    more = dataclasses.replace(run, windows=WINDOWS + 1)
    with pytest.raises(ModelError, match="composed pictures are too small"):
        recipe.run_base(more, schedule(1), batch=2)
    with pytest.raises(ModelError, match="footage is measured, and this model sees by encoders"):
        recipe.run_base(run, schedule(1), batch=2, footage=run.folder)


def test_film_attention_beside_a_base_learns_faster() -> None:
    config = ModelConfig.load(model_folder("debug") / "config.json")
    for kind in ("decoupled", "replaced"):
        model = Hpm(dataclasses.replace(config, film_attention=kind))
        film = {name for name in train_diffusion.new_parts(model) if name.startswith("vm_unet.")}
        ends = {name.rsplit(".", 2)[1] for name in film}
        assert ends == ({*FILM_PARTS} if kind == "decoupled" else set())
        assert film <= dict(model.named_parameters()).keys()


def test_recomputing_blocks_changes_no_gradient(run: Run) -> None:
    begin_from(run, "debug")
    plain = dataclasses.replace(run, folder=run.folder.with_name("plain"))
    shutil.copytree(run.folder, plain.folder)
    again = dataclasses.replace(run, recompute=True)
    for each in (plain, again):
        recipe.run_style(each, schedule(2), batch=2, joint=True, lora_rank=0)
    for part in ("vm_unet", "s_control"):
        one, other = (load_file(each.part(part)) for each in (plain, again))
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_without_matplotlib_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = CliRunner().invoke(
        cli, ["train", "base", "--model", "debug", "--run", str(tmp_path / "new")]
    )
    assert isinstance(ran.exception, ModelError)
    assert "matplotlib is not installed" in str(ran.exception)
    assert not (tmp_path / "new").exists()
