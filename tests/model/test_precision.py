"""Precisions: refused where they are not, half the memory where they are, the same result."""

from __future__ import annotations

import pytest
import torch

from otio_hpm.errors import ModelError
from otio_hpm.model import precision
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.precision import choose_precision, hold, memory_bytes


def test_what_the_device_does_not_compute_in_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="'cpu' does not compute in fp16") as told:
        choose_precision("fp16", "cpu")
    assert "float32, bf16" in str(told.value.hint)
    with pytest.raises(ModelError, match="fp16"):
        HpmPipeline.load("debug", "cpu", "fp16")


def test_what_is_asked_for_is_what_is_computed_in() -> None:
    for wanted in ("float32", "bf16"):
        assert HpmPipeline.load("debug", "cpu", wanted).precision == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("maker", "bf16", "amx", "chosen"),
    [
        ("AuthenticAMD", True, False, "bf16"),
        ("AuthenticAMD", False, False, "float32"),
        ("GenuineIntel", True, True, "bf16"),
        ("GenuineIntel", True, False, "float32"),
        ("GenuineIntel", False, False, "float32"),
    ],
)
def test_what_is_chosen_is_what_the_processor_is_fast_in(
    monkeypatch: pytest.MonkeyPatch, maker: str, bf16: bool, amx: bool, chosen: str
) -> None:
    monkeypatch.setattr(precision, "processor", lambda: f"vendor_id : {maker}")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert choose_precision("auto", "cpu") == chosen
    assert choose_precision("bf16", "cpu") == "bf16"


@torch.no_grad()
def test_weights_held_in_half_give_what_autocast_gives() -> None:
    whole, half = (HpmPipeline.load("debug", "cpu", "float32") for _ in range(2))
    hold(half.hpm.vm_unet, "bf16")
    sizes = [sum(p.nbytes for p in m.hpm.vm_unet.parameters()) for m in (whole, half)]
    assert sizes[1] < 0.51 * sizes[0]
    film = whole.hpm.film_encoder.unconditional(1)
    latent = torch.randn(1, 4, 160, 16, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        first, second = (m.hpm.predict(latent, torch.tensor([500]), film) for m in (whole, half))
    assert torch.equal(first, second)


def test_memory_is_parameters_times_bytes() -> None:
    counts = {"vm_unet": 100, "s_control": 50, "vae": 10, "film_encoder": 1}
    assert memory_bytes(counts) == {"float32": 644, "bf16": 344, "fp16": 344}
