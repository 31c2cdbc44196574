"""AudioLDM as it is published, in full size and with random weights."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from audioldm_folder import WIDTHS, save_audioldm
from diffusers import UNet2DConditionModel

from otio_hpm.model.audioldm.convert import Conversion, convert
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hifigan import HifiGan
from otio_hpm.model.hpm import Sampling, denoise
from otio_hpm.model.noise import seeded_noise
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.precision import hold
from otio_hpm.model.s_control import SControl
from otio_hpm.model.vm_unet import VmUnet
from otio_hpm.model.windows import WindowPlan

NEEDED_BYTES = 6 << 30
PUBLISHED_M = {"s": 185.04, "m": 415.95, "l": 739.14}
"""Weights of the UNet, millions."""
REPLACED_M = {"s": 185.20, "m": 410.92, "l": 725.38}
"""With keys and values of the second attention over film tokens of 512."""


def free_bytes() -> int:
    """Memory that is available; without limit where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return NEEDED_BYTES
    found = dict(line.split(":", 1) for line in lines)
    return int(found["MemAvailable"].split()[0]) << 10


def config(size: str, **changes: object) -> ModelConfig:
    fields: dict[str, object] = {
        "sample_rate": 16_000, "n_fft": 1024, "hop": 160, "bands": 64, "spectrogram": "mel",
        "fold_frames": 1, "fold_bands": 1, "vae_channels": (128, 256, 512), "vae_layers": 2,
        "vae_attention": True, "latent_channels": 8, "window_latents": 256,
        "unet_channels": WIDTHS[size], "unet_attention": (False, True, True, True),
        "unet_layers": 2, "attention_heads": 8, "norm_groups": 32, "class_concat": True,
        "film_channels": 0, "film_attention": "decoupled", "control_channels": 256,
        "vocoder_channels": 1024, "hifigan_rates": (5, 4, 2, 2, 2),
        "hifigan_kernels": (16, 16, 8, 4, 4), "has_vocoder": True,
    }  # fmt: skip
    return ModelConfig(**(fields | changes))  # type: ignore[arg-type]


def weights_m(module: torch.nn.Module, without: str = "?") -> float:
    return sum(p.numel() for n, p in module.named_parameters() if without not in n) / 1e6


@pytest.mark.parametrize("size", PUBLISHED_M)
def test_weights_are_as_many_as_published(size: str) -> None:
    with torch.device("meta"):
        decoupled = VmUnet(config(size))
        replaced = VmUnet(config(size, film_attention="replaced"))
    assert weights_m(decoupled, ".film_") == pytest.approx(PUBLISHED_M[size], abs=0.01)
    assert weights_m(replaced) == pytest.approx(REPLACED_M[size], abs=0.01)


def test_autoencoder_vocoder_and_branch_are_as_large_as_published() -> None:
    with torch.device("meta"):
        shape = config("s")
        assert weights_m(MusicAutoencoder(shape)) == pytest.approx(55.38, abs=0.01)
        assert weights_m(HifiGan(shape)) == pytest.approx(55.26, abs=0.01)
        assert weights_m(SControl(VmUnet(shape))) == pytest.approx(87, abs=1)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Room for three gigabytes, given back at once."""
    with tempfile.TemporaryDirectory() as made:
        if free_bytes() < NEEDED_BYTES or shutil.disk_usage(made).free < NEEDED_BYTES:
            pytest.skip("less than 6 GB of memory or disk are free here")
        yield Path(made)


@pytest.fixture(scope="module")
def made(folder: Path) -> Conversion:
    return convert(save_audioldm(folder / "audioldm", "s"), folder / "hpm")


def test_everything_of_the_full_size_is_kept(made: Conversion) -> None:
    totals = made.coverage.totals()
    assert made.size == "s"
    kept = {part: totals[part, "kept"].weights / 1e6 for part in ("vm_unet", "vae", "vocoder")}
    assert kept == pytest.approx({"vm_unet": 185.04, "vae": 55.38, "vocoder": 55.26}, abs=0.01)
    assert not [t for t in made.coverage.tensors if t.state in ("changed shape", "left out")]


@torch.no_grad()
def test_it_takes_a_guided_step_and_begins_as_the_unet_of_diffusers(
    made: Conversion, folder: Path
) -> None:
    pipeline = HpmPipeline.load(str(made.folder), "cpu", "float32")
    shape, latents = pipeline.config, 32
    noise = seeded_noise((1, shape.latent_channels, latents, shape.latent_bands), 3)
    rows = torch.rand(1, shape.film_seconds, shape.descriptor_size)
    film: FilmCondition = pipeline.hpm.film_encoder(rows)
    plan = WindowPlan(starts=(0,), window=latents, length=latents)
    stepped = denoise(pipeline.hpm, noise, plan, film, None, Sampling(steps=1, guidance=3))
    assert stepped.shape == noise.shape
    assert torch.isfinite(stepped).all()
    assert not torch.equal(stepped, noise)
    ours = pipeline.hpm.vm_unet(noise, torch.tensor([700]), film)
    hold(pipeline.hpm.vm_unet, "bf16")
    with torch.autocast("cpu", torch.bfloat16):
        half = denoise(pipeline.hpm, noise, plan, film, None, Sampling(steps=1, guidance=3))
    assert 0 < (half - stepped).norm() / stepped.norm() <= 2e-2
    del pipeline
    theirs = UNet2DConditionModel.from_pretrained(folder / "audioldm" / "unet").eval()
    wanted = theirs(noise, torch.tensor([700]), None, class_labels=film.fused).sample
    assert (ours - wanted).abs().max() <= 1e-5
