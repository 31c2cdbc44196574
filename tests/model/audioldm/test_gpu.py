"""The full-size model on a GPU, in half precision against whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from audioldm_folder import save_audioldm

from otio_hpm.model.audioldm.convert import convert
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import WindowPlan
from otio_hpm.settings import ModelSettings, Precision

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]
ONE_STEP = ModelSettings(steps=1, guidance=3.0, guided="film")
"""Guided at the highest noise level too, which is the one level of a single step."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("gpu")
    yield convert(save_audioldm(made / "audioldm", "s"), made / "hpm", sees="measured").folder


def stepped(folder: Path, precision: Precision) -> torch.Tensor:
    """Latent of one window after one guided step, film known."""
    pipeline = HpmPipeline.load(str(folder), "cuda", precision)
    assert pipeline.precision == precision
    window = pipeline.config.window_latents
    plan = WindowPlan(starts=(0,), window=window, length=window)
    frames = torch.randint(0, 255, (100, 36, 64, 3), generator=torch.Generator().manual_seed(0))
    request = CueRequest(
        samples=pipeline.config.window_samples, frames=frames.byte().numpy(), seed=4,
        model=ONE_STEP,
    )  # fmt: skip
    film = pipeline.encode_film(request, plan)
    return pipeline.denoise(plan, film, None, request).float().cpu()


@pytest.fixture(scope="module")
def whole(folder: Path) -> torch.Tensor:
    return stepped(folder, "float32")


@pytest.mark.parametrize(("precision", "bound"), [("bf16", 2e-2), ("fp16", 5e-3)])
def test_half_precision_is_near_to_whole(
    folder: Path, whole: torch.Tensor, precision: Precision, bound: float
) -> None:
    half = stepped(folder, precision)
    assert torch.isfinite(half).all()
    assert ((half - whole).norm() / whole.norm()).item() <= bound


def test_a_cue_is_made_from_film_to_sound(folder: Path) -> None:
    pipeline = HpmPipeline.load(str(folder), "cuda", "auto")
    frames = torch.zeros(30, 36, 64, 3, dtype=torch.uint8).numpy()
    sound = pipeline.generate(CueRequest(samples=48_000, frames=frames, model=ONE_STEP))
    assert sound.shape == (48_000,)


def test_a_model_with_a_vocoder_of_ours_plays_too() -> None:
    pipeline = HpmPipeline.load("debug", "cuda", "auto")
    frames = torch.zeros(10, 36, 64, 3, dtype=torch.uint8).numpy()
    sound = pipeline.generate(CueRequest(samples=48_000, frames=frames, model=ONE_STEP))
    assert sound.shape == (48_000,)
