"""Adapters: saved apart, read by PEFT itself, merged by equation 5, refused where unfit."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pytest
import torch
from house_style import BASE, make_adapter
from peft import PeftModel
from safetensors.torch import load_file, save_file

from otio_hpm.errors import ModelError
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.audioldm.convert import CONTROL_CHANNELS
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.lora import adapted, merged, save_adapter, with_lora
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.s_control import NEW_PARTS, SControl
from otio_hpm.model.vm_unet import VmUnet

LAYER = "down_blocks.3.attentions.0.transformer_blocks.0.attn2.to_k"


@pytest.fixture(scope="module")
def branch() -> SControl:
    return HpmPipeline.load("debug", "cpu", "float32").hpm.s_control


def test_only_updates_and_new_parts_are_trained(branch: SControl) -> None:
    trained = {
        name
        for name, parameter in with_lora(copy.deepcopy(branch), 2).named_parameters()
        if parameter.requires_grad
    }
    assert {name for name in trained if ".lora_" not in name} == {
        name for name, _ in branch.named_parameters() if name.startswith(NEW_PARTS)
    }
    assert any(LAYER in name for name in trained)


AUDIOLDM_S = ModelConfig(
    sample_rate=16_000, n_fft=1024, hop=160, bands=64, spectrogram="mel", fold_frames=1,
    fold_bands=1, vae_channels=(128, 256, 512), latent_channels=8, window_latents=256,
    unet_channels=(128, 256, 384, 640), unet_attention=(False, True, True, True), unet_layers=2,
    attention_heads=8, norm_groups=32, class_concat=True, film_attention="decoupled",
    film_channels=0, control_channels=CONTROL_CHANNELS, prediction="epsilon",
)  # fmt: skip


def test_trained_parameters_are_consistent_with_the_paper() -> None:
    """Table 4(a): 87 M without LoRA, 20 M with it; of rank 128, which the paper does not tell."""
    with torch.device("meta"):
        whole = SControl(VmUnet(AUDIOLDM_S))
        full = sum(parameter.numel() for parameter in whole.parameters())
        adapted = with_lora(whole, 128)
    trained = {n: p.numel() for n, p in adapted.named_parameters() if p.requires_grad}
    updates = sum(count for name, count in trained.items() if ".lora_" in name)
    assert full / 1e6 == pytest.approx(87, abs=1)
    assert sum(trained.values()) / 1e6 == pytest.approx(20, abs=1)
    assert updates == 128 * 96_000
    # As bf16, an adapter is a file of 40 MB.
    assert 2 * sum(trained.values()) / 1e6 == pytest.approx(40, abs=1)


def test_the_film_attention_is_saved_whole(tmp_path: Path) -> None:
    config = dataclasses.replace(
        ModelConfig.load(model_folder("debug") / "config.json"), film_attention="decoupled"
    )
    branch = SControl(VmUnet(config))
    trained = with_lora(copy.deepcopy(branch), 2)
    with torch.no_grad():
        for parameter in trained.parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn_like(parameter).to(torch.bfloat16))
    save_adapter(trained, tmp_path / "style", 2, BASE)
    ours = adapted(branch, Adapter.read(tmp_path / "style")).state_dict()
    film = [name for name in ours if "film_out" in name]
    assert film and all(ours[name].any() for name in film)
    theirs = PeftModel.from_pretrained(copy.deepcopy(branch), tmp_path / "style").merge_and_unload()
    assert theirs.state_dict().keys() == ours.keys()
    assert all(torch.equal(theirs.state_dict()[name], ours[name]) for name in ours)


def test_merging_adds_the_scaled_product(branch: SControl, tmp_path: Path) -> None:
    """W = W0 + alpha BA (equation 5), with PEFT's alpha over its rank as the factor."""
    make_adapter(tmp_path / "style", rank=2)
    config = tmp_path / "style" / "adapter_config.json"
    fields = json.loads(config.read_text("utf-8"))
    config.write_text(json.dumps({**fields, "lora_alpha": 1}), "utf-8")
    plain = adapted(branch, Adapter.read(tmp_path / "style"))
    saved = load_file(tmp_path / "style" / "adapter_model.safetensors")
    down, up = (saved[f"base_model.model.{LAYER}.lora_{m}.weight"].float() for m in "AB")
    expected = branch.get_submodule(LAYER).weight + 0.5 * up @ down
    assert torch.allclose(plain.get_submodule(LAYER).weight, expected, atol=1e-6)
    assert set(plain.state_dict()) == set(branch.state_dict())
    assert not torch.equal(plain.zero_middle.weight, branch.zero_middle.weight)


def test_peft_itself_loads_what_is_saved(
    branch: SControl, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    make_adapter(tmp_path / "style", rank=3)
    ours = adapted(branch, Adapter.read(tmp_path / "style")).state_dict()
    theirs = PeftModel.from_pretrained(copy.deepcopy(branch), tmp_path / "style").merge_and_unload()
    assert theirs.state_dict().keys() == ours.keys()
    assert all(torch.equal(theirs.state_dict()[name], ours[name]) for name in ours)
    assert not [str(w.message) for w in recwarn if "Unexpected keyword" in str(w.message)]


def test_what_is_read_back_is_what_was_trained(branch: SControl, tmp_path: Path) -> None:
    torch.manual_seed(3)
    trained = with_lora(copy.deepcopy(branch), 2)
    with torch.no_grad():
        for parameter in trained.parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn_like(parameter).to(torch.bfloat16))
    save_adapter(trained, tmp_path / "style", 2, "base")
    read = adapted(branch, Adapter.read(tmp_path / "style")).state_dict()
    expected = merged(trained).state_dict()
    assert all(torch.equal(read[name], expected[name]) for name in expected)


def test_the_branch_it_is_applied_to_stays_as_it_is(branch: SControl, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in branch.state_dict().items()}
    adapted(branch, make_adapter(tmp_path / "style"))
    assert before.keys() == branch.state_dict().keys()
    assert all(torch.equal(before[name], value) for name, value in branch.state_dict().items())


def test_another_model_is_refused(tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "style")
    adapter.require_base(BASE)
    with pytest.raises(ModelError, match="made for another model"):
        adapter.require_base("0" * 64)


@pytest.mark.parametrize(
    "changes",
    [{"r": 0}, {"r": 10**9}, {"r": "2"}, {"lora_alpha": 0}, {"peft_type": "PREFIX"},
     {"target_modules": ".*"}, {"revision": None}, {"modules_to_save": [1]}],
)  # fmt: skip
def test_configurations_that_mean_nothing_are_refused(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    make_adapter(tmp_path / "style")
    path = tmp_path / "style" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(ModelError, match=r"adapter_config.json cannot be read"):
        Adapter.read(tmp_path / "style")


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"r": 2}'])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "adapter_config.json").write_text(text, "utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        Adapter.read(tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut", "renamed", "of another rank", "few"])
def test_weights_that_do_not_fit_are_refused(branch: SControl, tmp_path: Path, damage: str) -> None:
    adapter = make_adapter(tmp_path / "style")
    path = tmp_path / "style" / "adapter_model.safetensors"
    tensors = load_file(path)
    first = next(iter(tensors))
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-10])
    elif damage == "renamed":
        tensors["base_model.model.conv_in.weight"] = tensors.pop(first)
        save_file(tensors, path)
    elif damage == "of another rank":
        make_adapter(tmp_path / "other", rank=5)
        (tmp_path / "other" / path.name).replace(path)
    else:
        del tensors[first]
        save_file(tensors, path)
    with pytest.raises(ModelError, match="does not fit the model"):
        adapted(branch, adapter)


def test_a_pipeline_changes_its_branch_with_the_adapter(tmp_path: Path) -> None:
    pipeline = HpmPipeline.load("debug", "cpu")
    own = pipeline.hpm.s_control
    adapter = make_adapter(tmp_path / "style", base=pipeline.checksum)
    pipeline.take_adapter(adapter.folder)
    styled = pipeline.hpm.s_control
    assert styled is not own
    pipeline.take_adapter(adapter.folder)
    assert pipeline.hpm.s_control is styled
    strange = make_adapter(tmp_path / "strange", base="other")
    with pytest.raises(ModelError):
        pipeline.take_adapter(strange.folder)
    pipeline.take_adapter(adapter.folder)
    assert pipeline.hpm.s_control is not own
    pipeline.take_adapter(None)
    assert pipeline.hpm.s_control is own
