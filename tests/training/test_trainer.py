"""Training on a handful of random windows: it learns, it resumes to the step, it exports."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from random_windows import write_windows
from safetensors import safe_open
from tone_pairs import CONFIG as COARSE
from tone_pairs import TonePairs

from otio_hpm.errors import SettingsError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Hpm
from otio_hpm.model.lora import merged, with_lora
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.s_control import SControl
from otio_hpm.training import recipe, train_decoder, train_diffusion, train_vae, train_vocoder
from otio_hpm.training import run as runs
from otio_hpm.training.cache import Corpus, quantile_table
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run
from otio_hpm.training.trainer import Schedule

WINDOWS = 4


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose corpus is random, so that no soundfont is needed, and that draws nothing."""
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    monkeypatch.setattr(train_vae, "save_spectrograms", lambda *_: None)
    monkeypatch.setattr(train_decoder, "save_spectrograms", lambda *_: None)
    monkeypatch.setattr(train_vae, "BATCH", 4)
    monkeypatch.setattr(train_vocoder, "_POOL", 2)
    monkeypatch.setattr(recipe, "find_soundfont", lambda _: tmp_path)
    monkeypatch.setattr(recipe, "CorpusStream", TonePairs)
    dataclasses.replace(COARSE, has_vocoder=False).save(tmp_path / "config.json")
    write_windows(tmp_path, COARSE, WINDOWS)
    return Run(folder=tmp_path, windows=WINDOWS, scores=False, precision="float32")


def schedule(steps: int) -> Schedule:
    return Schedule(steps=steps, learning_rate=1e-3, warmup_steps=1, checkpoint_every=2)


def weights(run: Run, part: str) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(run.part(part))


def test_all_parts_in_legs_are_the_same_as_in_one_go(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "STEPS", dict.fromkeys(recipe.STEPS, 2))
    monkeypatch.setattr(recipe, "BATCH", 2)
    legs = dataclasses.replace(run, folder=tmp_path / "legs", minutes=1e-6)
    shutil.copytree(run.folder / "corpus", legs.folder / "corpus")
    shutil.copy(run.folder / "config.json", legs.folder)
    assert recipe.run_all(run, seed=1)
    count = 1
    while not recipe.run_all(legs, seed=1):
        count += 1
    assert count > 10
    for part in ("vae", "vocoder", "film_encoder", "vm_unet", "s_control"):
        whole, pieces = weights(run, part), weights(legs, part)
        assert all(torch.equal(whole[name], pieces[name]) for name in whole), part
    export(legs, tmp_path / "model")
    assert HpmPipeline.load(str(tmp_path / "model")).vocoder is not None


def test_every_part_trains_and_the_model_folder_plays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recipe.run_vae(run, schedule(2))
    assert recipe.run_base(run, schedule(2), batch=2)
    monkeypatch.undo()  # what is drawn is looked at
    assert recipe.run_style(run, schedule(2), batch=2, joint=False, lora_rank=2)
    export(run, tmp_path / "model", vocoder=False)
    pipeline = HpmPipeline.load(str(tmp_path / "model"), "cpu")
    assert pipeline.vocoder is None
    assert (tmp_path / "style" / "samples.png").stat().st_size > 10_000
    assert (tmp_path / "style" / "log.jsonl").read_text("utf-8").count("seconds_left") == 1


def test_a_run_in_two_legs_ends_as_one_in_one(run: Run) -> None:
    recipe.run_vae(run, schedule(4))
    whole = weights(run, "vae")
    (run.folder / "vae" / "state.safetensors").unlink()
    short = dataclasses.replace(run, minutes=0.0)  # every leg is one step
    legs = 1
    while not recipe.run_vae(short, schedule(4)):
        legs += 1
    assert legs == 4
    for name, value in weights(run, "vae").items():
        assert torch.equal(value, whole[name]), name


@pytest.mark.parametrize("rank", [0, 2])
def test_a_branch_trained_in_legs_ends_as_one_in_one(run: Run, tmp_path: Path, rank: int) -> None:
    """With low-rank updates too, which are merged into what a leg leaves behind."""
    recipe.run_vae(run, schedule(1))
    recipe.run_base(run, schedule(1), batch=2)
    legs = dataclasses.replace(run, folder=tmp_path / "legs", minutes=0.0)
    shutil.copytree(run.folder, legs.folder, ignore=shutil.ignore_patterns("legs"))
    assert recipe.run_style(run, schedule(3), batch=2, joint=False, lora_rank=rank)
    for last in (False, False, True):
        assert recipe.run_style(legs, schedule(3), batch=2, joint=False, lora_rank=rank) is last
    whole, pieces = weights(run, "s_control"), weights(legs, "s_control")
    for name in whole:
        assert torch.equal(whole[name], pieces[name]), name


def test_a_branch_of_low_rank_learns_to_be_heard(run: Run) -> None:
    recipe.run_vae(run, schedule(1))
    recipe.run_base(run, schedule(1), batch=2)
    recipe.run_style(run, schedule(3), batch=4, joint=False, lora_rank=2)
    assert weights(run, "s_control")["zero_middle.weight"].abs().max() > 0


def test_a_leg_that_ends_while_composing_trains_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    def compose(corpus: Corpus, count: int, seconds: float) -> Iterator[Path]:
        given.append(seconds)
        return iter(())

    monkeypatch.setattr(runs, "compose_shards", compose)
    monkeypatch.setattr(runs, "find_soundfont", lambda explicit: Path("any.sf2"))
    more = dataclasses.replace(run, windows=WINDOWS + 1, minutes=2.0)
    assert not recipe.run_all(more, seed=0)
    assert given == [pytest.approx(120, abs=1)] and not (run.folder / "vae").exists()


def test_time_spent_before_the_first_step_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "minutes_left", lambda self, started: self.minutes - 1)
    one = dataclasses.replace(run, minutes=1.0)
    assert not recipe.run_vae(one, schedule(3))
    assert not recipe.run_vae(one, schedule(3))
    assert recipe.run_vae(one, schedule(3))


def test_a_leg_with_other_options_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "STEPS", dict.fromkeys(recipe.STEPS, 1))
    monkeypatch.setattr(recipe, "BATCH", 2)
    assert recipe.run_all(run, seed=1)
    assert recipe.run_all(run, seed=1)
    with pytest.raises(SettingsError, match=r"seed 1$"):
        recipe.run_all(run, seed=2)
    with pytest.raises(SettingsError, match="begun with windows 4, scores False"):
        recipe.run_all(dataclasses.replace(run, windows=3, scores=True), seed=1)


def test_a_run_killed_while_saving_keeps_what_was_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe.run_vae(run, schedule(1))
    recipe.run_base(run, schedule(1), batch=2)
    kept = {path: path.read_bytes() for path in run.folder.rglob("*.safetensors")}

    def half(tensors: object, path: Path, metadata: object = None) -> None:
        Path(path).write_bytes(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr("safetensors.torch.save_file", half)
    next((run.folder / "corpus").iterdir()).touch()  # so that latents are written anew too
    for leg in (
        lambda: recipe.run_vae(run, schedule(1)),
        lambda: recipe.run_base(run, schedule(1), batch=2),
    ):
        with pytest.raises(KeyboardInterrupt):
            leg()
    for path in (run.part("vae"), run.part("vm_unet"), run.folder / "latents.safetensors"):
        assert path.read_bytes() == kept[path]
    monkeypatch.undo()
    assert recipe.run_base(run, schedule(2), batch=2)


def test_a_decoder_learns_on_latents_that_stay_as_they_are(run: Run) -> None:
    recipe.run_vae(run, schedule(2))
    before, latents = weights(run, "vae"), run.folder / "latents.safetensors"
    legs = dataclasses.replace(run, minutes=0.0)
    assert not recipe.run_decoder(legs, schedule(2))
    written = latents.stat().st_mtime_ns
    assert recipe.run_decoder(legs, schedule(2))
    after = weights(run, "vae")
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    decodes = {name for name in after if name.startswith(train_decoder.DECODES)}
    assert changed == decodes and decodes
    recipe.run_base(run, schedule(1), batch=2)
    assert latents.stat().st_mtime_ns == written, "nothing was encoded again"
    recipe.run_vae(run, schedule(3))
    recipe.run_base(run, schedule(2), batch=2)
    assert latents.stat().st_mtime_ns > written, "another encoder, other latents"


def test_edges_that_are_blurred_cost_more_than_a_level_that_is_off() -> None:
    wanted = torch.zeros(1, 40, 16)
    wanted[:, 20:, 5] = 1.0
    level = wanted + (wanted > 0) * 0.2
    blurred = torch.nn.functional.avg_pool1d(wanted.mT, 9, 1, 4).mT
    wanted, level, blurred = (x[:, 8:32] for x in (wanted, level, blurred))
    plain = [(x - wanted).abs().mean() for x in (level, blurred)]
    assert plain[0] > 0.9 * plain[1]
    error = [train_decoder.spectrogram_error(x, wanted) for x in (level, blurred)]
    assert error[0] < error[1]
    assert train_decoder.spectrogram_error(wanted, wanted) == 0


def test_training_lowers_the_loss(run: Run) -> None:
    recipe.run_vae(run, Schedule(steps=40, learning_rate=3e-3, warmup_steps=1, checkpoint_every=10))
    import json

    lines = (run.folder / "vae" / "log.jsonl").read_text("utf-8").splitlines()
    losses = [json.loads(line)["loss"] for line in lines]
    assert losses[-1] < 0.8 * losses[0]


def test_the_base_stays_as_it_is_while_the_branch_learns(run: Run) -> None:
    recipe.run_vae(run, schedule(1))
    recipe.run_base(run, schedule(1), batch=2)
    recipe.run_style(run, schedule(2), batch=2, joint=False, lora_rank=0)
    with safe_open(run.folder / "style" / "state.safetensors", "pt") as state:
        trained = {name for name in state.keys() if name.startswith("model.")}  # noqa: SIM118
    assert trained
    assert all(name.startswith("model.s_control.") for name in trained)
    assert weights(run, "s_control")["zero_middle.weight"].abs().max() > 0


def test_low_rank_layers_are_few_and_merge_without_a_trace() -> None:
    torch.manual_seed(0)
    config = ModelConfig.load(model_folder("debug") / "config.json")
    plain = SControl(Hpm(config).vm_unet)
    keys = set(plain.state_dict())
    adapted = with_lora(plain, rank=2)
    trained = sum(
        p.numel() for n, p in adapted.named_parameters() if p.requires_grad and "lora" in n
    )
    frozen = sum(p.numel() for n, p in adapted.named_parameters() if not p.requires_grad)
    assert 0 < trained < frozen
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.fill_(0.01)
    layer = "down_blocks.3.attentions.0.transformer_blocks.0.attn2.to_k"
    before = adapted.get_submodule(layer).get_base_layer().weight.clone()  # type: ignore[operator]
    whole = merged(adapted)
    assert set(whole.state_dict()) == keys
    assert not torch.equal(whole.get_submodule(layer).weight, before)


def test_quantiles_spread_what_was_seen_evenly() -> None:
    values = torch.randn(4000, 3, generator=torch.Generator().manual_seed(0)) ** 3
    table = quantile_table(values, 33)
    assert (table.diff(dim=1) > 0).all()
    assert float(table[0, 16]) == pytest.approx(float(values[:, 0].median()), abs=0.02)
