"""AudioLDM folders become model folders: nothing of them is lost, and all is accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from audioldm_folder import SCALING, WIDTHS, save_audioldm, unet
from diffusers import AutoencoderKL, UNet2DConditionModel
from original_audioldm import save_original
from safetensors.torch import load_file, save_file
from transformers import SpeechT5HifiGan

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.model.audioldm.convert import Conversion, convert
from otio_hpm.model.checkpoint import checksum
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Style
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.s_control import NEW_PARTS, dynamics_input, melody_input
from otio_hpm.model.vm_unet import VmUnet


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_audioldm(tmp_path_factory.mktemp("audioldm"))


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Conversion:
    return convert(source, tmp_path_factory.mktemp("made") / "hpm", sees="measured")


@pytest.fixture(scope="module")
def pipeline(made: Conversion) -> HpmPipeline:
    return HpmPipeline.load(str(made.folder), "cpu", "float32")


@pytest.fixture(scope="module")
def theirs(source: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(source / "unet").eval()


def condition(pipeline: HpmPipeline, seed: int = 0) -> FilmCondition:
    torch.manual_seed(seed)
    config = pipeline.config
    fused = torch.nn.functional.normalize(torch.randn(2, config.film_size), dim=-1)
    tokens = torch.randn(2, 14, config.film_size)
    course = torch.zeros(2, 10, 0)
    return FilmCondition(tokens=tokens, fused=fused, course=course, seen=course)


def noisy(config: ModelConfig, latents: int = 32) -> torch.Tensor:
    torch.manual_seed(5)
    return torch.randn(2, config.latent_channels, latents, config.latent_bands)


class TestDecoupled:
    @torch.no_grad()
    def test_it_begins_as_the_unet_of_diffusers(
        self, pipeline: HpmPipeline, theirs: UNet2DConditionModel
    ) -> None:
        film, latent, step = condition(pipeline), noisy(pipeline.config), torch.tensor([7, 900])
        ours = pipeline.hpm.vm_unet(latent, step, film)
        wanted = theirs(latent, step, None, class_labels=film.fused).sample
        assert (ours - wanted).abs().max() <= 1e-5

    @torch.no_grad()
    def test_the_branch_begins_as_a_copy_that_changes_nothing(self, pipeline: HpmPipeline) -> None:
        base, branch = pipeline.hpm.vm_unet.unet.state_dict(), pipeline.hpm.s_control.state_dict()
        copied = [name for name in branch if not name.startswith(NEW_PARTS)]
        assert all(torch.equal(base[name], branch[name]) for name in copied)
        film, latent, step = condition(pipeline), noisy(pipeline.config), torch.tensor([300, 600])
        frames = 32 * pipeline.config.ratio
        everywhere = torch.ones(2, frames, dtype=torch.bool)
        style = Style(
            melody=melody_input(torch.full((2, frames), 4), everywhere),
            dynamics=dynamics_input(torch.full((2, frames), -20.0), ~everywhere, everywhere),
            strength=torch.ones(2),
        )
        plain, styled = (pipeline.hpm.predict(latent, step, film, s) for s in (None, style))
        assert torch.equal(plain, styled)


@torch.no_grad()
def test_autoencoder_and_vocoder_are_those_of_the_source(
    source: Path, pipeline: HpmPipeline
) -> None:
    vae = AutoencoderKL.from_pretrained(source / "vae").eval()
    latent = noisy(pipeline.config)[:1]
    mel = vae.decode(latent / SCALING).sample[:, 0]
    assert torch.allclose(pipeline.vae.decode(latent), mel, atol=1e-5)
    assert torch.allclose(
        pipeline.vae.encode(mel), vae.encode(mel[:, None]).latent_dist.mode() * SCALING, atol=1e-5
    )
    vocoder = SpeechT5HifiGan.from_pretrained(source / "vocoder").eval()
    assert pipeline.vocoder is not None
    sound = pipeline.vocoder.sound(mel[0])
    assert sound.shape == (len(mel[0]) * 160,)
    assert torch.allclose(sound, vocoder(mel[0])[: len(sound)], atol=1e-6)


class TestCoverage:
    def test_every_tensor_of_the_model_is_told_of_once(self, made: Conversion) -> None:
        told = [(t.part, t.name, t.shape) for t in made.coverage.tensors if t.state != "left out"]
        files = sorted(made.folder.glob("*.safetensors"))
        there = [(f.stem, n, tuple(t.shape)) for f in files for n, t in load_file(f).items()]
        assert sorted(told) == sorted(there)

    @pytest.mark.parametrize("film", ["decoupled", "replaced"])
    def test_every_tensor_of_the_source_is_told_of_once(
        self, source: Path, tmp_path: Path, film: str
    ) -> None:
        made = convert(source, tmp_path / "hpm", film)  # type: ignore[arg-type]
        told = [t.source for t in made.coverage.tensors if t.state in ("kept", "changed shape")]
        told += [t.name for t in made.coverage.tensors if t.state == "left out"]
        there = [
            f"{file.parent.name}/{name}"
            for file in source.glob("*/*.safetensors")
            for name in load_file(file)
        ]
        assert sorted(told) == sorted(there)
        assert HpmPipeline.load(str(made.folder), "cpu").config.film_attention == film

    def test_what_is_kept_is_kept_exactly(self, source: Path, made: Conversion) -> None:
        theirs = {
            f"{file.parent.name}/{name}": tensor
            for file in source.glob("*/*.safetensors")
            for name, tensor in load_file(file).items()
        }
        ours = {f.stem: load_file(f) for f in made.folder.glob("*.safetensors")}
        kept = [t for t in made.coverage.tensors if t.state == "kept"]
        assert len(kept) == len(theirs)
        assert all(torch.equal(ours[t.part][t.name], theirs[t.source]) for t in kept)

    def test_replacing_changes_32_tensors_of_the_published_size(self) -> None:
        config = ModelConfig(
            unet_channels=WIDTHS["s"], unet_layers=2, unet_attention=(False, True, True, True),
            attention_heads=8, norm_groups=32, latent_channels=8, film_channels=0,
            class_concat=True,
        )  # fmt: skip
        with torch.device("meta"):
            ours = VmUnet(config).unet.state_dict()
            theirs = unet("s").state_dict()
        assert ours.keys() == theirs.keys()
        changed = [name for name in ours if ours[name].shape != theirs[name].shape]
        assert len(changed) == 32
        assert all(".attn2.to_k." in name or ".attn2.to_v." in name for name in changed)

    def test_licence_and_totals_are_on_the_card(self, made: Conversion) -> None:
        card = (made.folder / "MODEL_CARD.md").read_text("utf-8")
        config = ModelConfig.load(made.folder / "config.json")
        assert made.licence == config.licence == "CC-BY-NC-SA-4.0"
        assert config.licence in card
        assert all(line in card for line in made.coverage.lines())
        assert checksum(made.folder)


class TestLayouts:
    def test_an_original_checkpoint_gives_the_same_weights(
        self, source: Path, made: Conversion, tmp_path: Path
    ) -> None:
        parts = {
            part: load_file(next((source / part).glob("*.safetensors")))
            for part in ("unet", "vae", "vocoder")
        }
        checkpoint = save_original(
            tmp_path / "audioldm.ckpt", **parts, scale=SCALING, layers=1, levels=3,
            attention={0: True, 1: True, 2: True, 3: False},
        )  # fmt: skip
        again = convert(checkpoint, tmp_path / "hpm", sees="measured")
        for file in made.folder.glob("*.safetensors"):
            ours, theirs = load_file(again.folder / file.name), load_file(file)
            assert ours.keys() == theirs.keys()
            assert all(torch.equal(ours[name], theirs[name]) for name in ours), file.name
        left = {t.name for t in again.coverage.tensors if t.state == "left out"}
        assert left == {"model_ema.decay", "cond_stage_model.model.logit_scale_a"}
        config, other = (ModelConfig.load(m.folder / "config.json") for m in (made, again))
        assert other.unet_channels == config.unet_channels
        assert other.window_samples == config.window_samples
        assert other.heads == (1, 2, 2, 2)

    def test_pickled_weights_are_read_as_weights_alone(
        self, made: Conversion, tmp_path: Path
    ) -> None:
        folder = save_audioldm(tmp_path / "bin", safetensors=False)
        assert not list((folder / "unet").glob("*.safetensors"))
        again = convert(folder, tmp_path / "hpm", sees="measured")
        ours, theirs = (
            load_file(m.folder / "vm_unet.safetensors") for m in (again, made)
        )
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)

    def test_the_attention_of_old_autoencoders_has_its_names_of_then(
        self, source: Path, made: Conversion, tmp_path: Path
    ) -> None:
        shutil.copytree(source, tmp_path / "old")
        file = tmp_path / "old" / "vae" / "diffusion_pytorch_model.safetensors"
        names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
        renamed = {}
        for name, tensor in load_file(file).items():
            for new, old in names.items():
                name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
            renamed[name] = tensor
        save_file(renamed, file)
        again = convert(tmp_path / "old", tmp_path / "hpm", sees="measured")
        ours, theirs = (load_file(m.folder / "vae.safetensors") for m in (again, made))
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


class TestRefusals:
    def test_a_folder_that_exists(self, source: Path, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="exists already"):
            convert(source, tmp_path)
        assert not list(tmp_path.iterdir())

    def test_another_model(self, source: Path, tmp_path: Path) -> None:
        shutil.copytree(source, tmp_path / "other")
        config = tmp_path / "other" / "unet" / "config.json"
        config.write_text(config.read_text("utf-8").replace('concat": true', 'concat": false'))
        with pytest.raises(ModelError, match="class embeddings are not concatenated"):
            convert(tmp_path / "other", tmp_path / "hpm")
        assert not (tmp_path / "hpm").exists()

    def test_a_missing_tensor_is_named_and_nothing_is_left_behind(
        self, source: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(source, tmp_path / "short")
        file = tmp_path / "short" / "unet" / "diffusion_pytorch_model.safetensors"
        tensors = load_file(file)
        del tensors["mid_block.resnets.0.conv1.weight"]
        save_file(tensors, file)
        with pytest.raises(ModelError, match=r"mid_block\.resnets\.0\.conv1\.weight .* missing"):
            convert(tmp_path / "short", tmp_path / "hpm")
        assert [path.name for path in tmp_path.iterdir()] == ["short"]

    def test_code_in_a_checkpoint_is_never_run(self, tmp_path: Path) -> None:
        class Trap:
            def __reduce__(self) -> tuple[object, ...]:
                return (Path.touch, (tmp_path / "sprung",))

        state = {"scale_factor": torch.ones(1)}
        torch.save({"state_dict": state, "trap": Trap()}, tmp_path / "a.ckpt")
        with pytest.raises(ModelError, match="more than weights"):
            convert(tmp_path / "a.ckpt", tmp_path / "hpm")
        assert not (tmp_path / "sprung").exists()

    @pytest.mark.parametrize("content", [b"", b"notes", b"\x80\x02."])
    def test_a_file_of_something_else(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.ckpt").write_bytes(content)
        with pytest.raises(ModelError, match=r"a\.ckpt cannot be read: it is damaged"):
            convert(tmp_path / "a.ckpt", tmp_path / "hpm")

    def test_a_state_that_is_none(self, tmp_path: Path) -> None:
        torch.save({"state_dict": [1]}, tmp_path / "a.ckpt")
        with pytest.raises(ModelError, match="no weights in it"):
            convert(tmp_path / "a.ckpt", tmp_path / "hpm")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(ModelError, match="0 checkpoints"):
            convert(tmp_path / "empty", tmp_path / "hpm")
