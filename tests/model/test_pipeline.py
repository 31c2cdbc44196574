"""The pipeline through its public calls, on the tiny random model."""

from __future__ import annotations

import dataclasses
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from otio_hpm.errors import ModelError
from otio_hpm.model.checkpoint import checksum, model_folder, save_part, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import blend_weights
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import plan_windows
from otio_hpm.music.controls import controls_of
from otio_hpm.settings import ModelSettings, MusicSettings

STEPS = ModelSettings(steps=3)


@pytest.fixture(scope="module")
def pipeline() -> HpmPipeline:
    return HpmPipeline.load("debug", "cpu")


def request(seconds: float, **changes: object) -> CueRequest:
    frames = np.random.default_rng(0).integers(0, 255, (round(seconds * 10), 36, 64, 3), np.uint8)
    made = CueRequest(samples=round(seconds * 48_000), frames=frames, seed=5, model=STEPS)
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def tone(seconds: float, config: ModelConfig) -> object:
    sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * 48_000)) / 48_000)
    return controls_of(sound.astype(np.float32), config)


@pytest.mark.parametrize("seconds", [0.5, 10.0, 23.0])
def test_a_cue_has_exactly_its_samples_and_the_same_bytes_again(
    pipeline: HpmPipeline, seconds: float
) -> None:
    first, second = (pipeline.generate(request(seconds)) for _ in range(2))
    assert first.shape == (round(seconds * 48_000),)
    assert np.isfinite(first).all()
    assert np.array_equal(first, second)


def test_another_seed_and_another_film_make_other_music(pipeline: HpmPipeline) -> None:
    sound = pipeline.generate(request(5))
    dark = np.zeros((50, 36, 64, 3), np.uint8)
    assert not np.array_equal(sound, pipeline.generate(request(5, seed=6)))
    assert not np.array_equal(sound, pipeline.generate(request(5, frames=dark)))


def test_without_style_the_branch_is_skipped_bit_for_bit(pipeline: HpmPipeline) -> None:
    plain = pipeline.generate(request(5))
    controls = tone(5, pipeline.config)
    assert np.array_equal(plain, pipeline.generate(request(5, controls=controls, strength=0.0)))
    none = controls.followed(melody=False, dynamics=False)  # type: ignore[attr-defined]
    assert np.array_equal(plain, pipeline.generate(request(5, controls=none)))


def test_a_branch_that_has_learnt_something_changes_the_music() -> None:
    pipeline = HpmPipeline.load("debug", "cpu")
    with torch.no_grad():
        pipeline.hpm.s_control.zero_middle.weight.fill_(0.1)
    plain = pipeline.generate(request(5))
    styled = pipeline.generate(request(5, controls=tone(5, pipeline.config)))
    half = pipeline.generate(request(5, controls=tone(5, pipeline.config), strength=0.5))
    assert not np.array_equal(plain, styled)
    assert not np.array_equal(half, styled)


def test_controls_begin_after_the_handle(pipeline: HpmPipeline) -> None:
    asked = request(5, controls=tone(3, pipeline.config), controls_start_samples=48_000)
    plan = plan_windows(asked.samples, pipeline.config, Fraction(10), Fraction(2))
    style = pipeline.style_of(asked, plan)
    assert style is not None
    first = round(48_000 / pipeline.config.hop)
    mask = style.melody[0, -1]
    assert mask[:first].sum() == 0
    assert mask[first + 2 : first + 180].min() == 1
    assert mask[first + 190 :].sum() == 0
    assert style.melody[0, 9, first + 20] == 1  # A


def test_windows_apart_are_another_piece_of_the_same_length(pipeline: HpmPipeline) -> None:
    apart = MusicSettings(join="crossfade")
    sound = pipeline.generate(request(23, music=apart))
    assert sound.shape == (23 * 48_000,)
    assert not np.array_equal(sound, pipeline.generate(request(23)))


def test_ddim_differs_from_dpm(pipeline: HpmPipeline) -> None:
    ddim = pipeline.generate(request(5, model=ModelSettings(steps=3, sampler="ddim")))
    assert not np.array_equal(ddim, pipeline.generate(request(5)))


def test_blend_weights_sum_to_one() -> None:
    plan = plan_windows(48_000 * 60, ModelConfig(), Fraction(10), Fraction(2))
    total = torch.zeros(plan.length)
    for start, weights in zip(plan.starts, blend_weights(plan), strict=True):
        total[start : start + plan.window] += weights
    assert torch.allclose(total, torch.ones(plan.length), atol=1e-5)


def test_a_long_latent_decodes_as_in_one_piece(pipeline: HpmPipeline) -> None:
    latent = torch.randn(1, 4, 480 + 200, 16, generator=torch.Generator().manual_seed(0))
    pieces = pipeline.vae.decode_long(latent)
    assert pieces.shape == (1, 680 * 4, 128)
    assert torch.isfinite(pieces).all()


class TestModelFolders:
    def saved(self, pipeline: HpmPipeline, folder: Path) -> Path:
        folder.mkdir()
        dataclasses.replace(pipeline.config, random_seed=None).save(folder / "config.json")
        for name, module in pipeline.parts().items():
            save_part(module, folder / f"{name}.safetensors")
        write_checksums(folder)
        return folder

    def test_a_saved_model_loads_and_plays(self, pipeline: HpmPipeline, tmp_path: Path) -> None:
        loaded = HpmPipeline.load(str(self.saved(pipeline, tmp_path / "model")), "cpu")
        assert loaded.checksum != pipeline.checksum
        assert np.isfinite(loaded.generate(request(2))).all()

    def test_a_changed_file_is_refused_by_name(self, pipeline: HpmPipeline, tmp_path: Path) -> None:
        folder = self.saved(pipeline, tmp_path / "model")
        with (folder / "vae.safetensors").open("r+b") as file:
            file.seek(-1, 2)
            file.write(b"\x55")
        with pytest.raises(ModelError, match=r"vae\.safetensors"):
            HpmPipeline.load(str(folder), "cpu")

    def test_a_missing_part_or_config_is_refused(
        self, pipeline: HpmPipeline, tmp_path: Path
    ) -> None:
        folder = self.saved(pipeline, tmp_path / "model")
        (folder / "vm_unet.safetensors").unlink()
        with pytest.raises(ModelError, match="vm_unet"):
            checksum(folder)
        shutil.rmtree(folder)
        with pytest.raises(ModelError, match="neither shipped"):
            model_folder(str(folder))

    def test_weights_of_another_shape_are_refused(
        self, pipeline: HpmPipeline, tmp_path: Path
    ) -> None:
        folder = self.saved(pipeline, tmp_path / "model")
        dataclasses.replace(pipeline.config, random_seed=None, film_size=64).save(
            folder / "config.json"
        )
        write_checksums(folder)
        with pytest.raises(ModelError, match="does not fit"):
            HpmPipeline.load(str(folder), "cpu")

    def test_a_device_that_is_not_there_is_refused(self) -> None:
        missing = "mps" if not torch.backends.mps.is_available() else "cuda"
        with pytest.raises(ModelError, match=missing):
            HpmPipeline.load("debug", missing)  # type: ignore[arg-type]


def test_guidance_on_the_film_alone_leaves_the_style_on_both_sides() -> None:
    """As in the paper: where the film is the one that stands for none, guidance does nothing."""
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    with torch.no_grad():
        pipeline.hpm.s_control.zero_middle.weight.fill_(0.1)
    unseen = pipeline.hpm.film_encoder.unconditional(1)
    asked = request(5, controls=tone(5, pipeline.config))
    plan = plan_windows(asked.samples, pipeline.config, Fraction(10), Fraction(2))
    style = pipeline.style_of(asked, plan)
    made = {
        (guided, guidance): pipeline.denoise(
            plan, unseen, style,
            request(5, model=ModelSettings(steps=2, guided=guided, guidance=guidance)),
        )
        for guided in ("all", "film")
        for guidance in (1.0, 7.5)
    }  # fmt: skip
    assert torch.allclose(made["film", 7.5], made["film", 1.0], atol=1e-4)
    assert not torch.allclose(made["all", 7.5], made["all", 1.0], atol=1e-2)


def test_numbers_that_are_none_are_no_music() -> None:
    broken = HpmPipeline.load("debug", "cpu", "float32")
    with torch.no_grad():
        next(broken.hpm.vm_unet.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="no numbers in float32"):
        broken.generate(request(0.5))
