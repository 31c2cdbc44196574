"""Where a model computes, in what precision, and the memory its weights take there."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from otio_hpm.errors import ModelError
from otio_hpm.settings import Device, Precision

if TYPE_CHECKING:
    import torch
    from torch import nn

Held = Literal["float32", "bf16", "fp16"]
"""A precision that has been decided on."""
HALVED_PARTS = ("vm_unet", "s_control")
"""Parts whose weights are held in the chosen precision, the large ones; the autoencoder only
computes in it, and film encoder, vocoder and pacing stay in float32."""
_FIRST = 4096
"""Characters of what Linux tells of its first processor."""


def choose_device(device: Device) -> str:
    """The device to run on; a named one is never replaced.

    Raises ModelError where it is not there.
    """
    import torch

    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return next(name for name, there in present.items() if there)
    if not present[device]:
        raise ModelError(
            f"device {device!r} is not available here",
            hint=f"Available: {', '.join(name for name, there in present.items() if there)}.",
        )
    return device


def choose_precision(precision: Precision, device: str) -> Held:
    """The precision to compute in; a named one is never replaced.

    `auto` is bf16 where the device computes it natively and fast, else float32. Raises ModelError
    for a precision that the device has not.
    """
    if precision == "auto":
        return "bf16" if _is_fast_in_bf16(device) else "float32"
    if not _has(device, precision):
        there = [p for p in ("float32", "bf16", "fp16") if _has(device, p)]
        raise ModelError(
            f"device {device!r} does not compute in {precision}",
            hint=f"It computes in {', '.join(there)}.",
        )
    return precision


def _is_fast_in_bf16(device: str) -> bool:
    """Whether a device computes bf16 natively, and faster than float32.

    Intel's processors without AMX do not: in bf16 a window of the embedded model takes 7.8 CPU
    seconds, in float32 5.2.
    """
    import torch

    if device == "cpu":
        slow = "GenuineIntel" in processor() and not torch.cpu._is_amx_tile_supported()
        return torch.cpu._is_avx512_bf16_supported() and not slow
    return device != "mps" and torch.cuda.is_bf16_supported(including_emulation=False)


def processor() -> str:
    """What the system says of its processor, its maker among it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return file.read(_FIRST)
    except OSError:
        return platform.processor()


def _has(device: str, precision: str) -> bool:
    """Whether a device computes in a precision, be it by emulation."""
    import torch

    if precision == "float32":
        return True
    if device == "cpu":  # in fp16 some of a CPU's operations are missing, others very slow
        return precision == "bf16"
    if device == "mps":
        return precision == "fp16" or torch.backends.mps.is_macos_or_newer(14, 0)
    return precision == "fp16" or torch.cuda.is_bf16_supported()


def torch_dtype(precision: Held) -> torch.dtype:
    """PyTorch's type of a precision."""
    import torch

    return {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def hold(module: nn.Module, precision: Held) -> None:
    """Keep weights of convolutions and linear layers in a precision; norms stay as they are.

    Under autocast the result is the same as that of float32 weights, in half the memory.
    """
    from torch import nn

    if precision == "float32":
        return
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.modules.conv._ConvNd):
            layer.to(torch_dtype(precision))


def memory_bytes(parameters: Mapping[str, int]) -> dict[str, int]:
    """Memory that a model's weights take, by precision, from the parameters of each part."""
    halved = sum(count for part, count in parameters.items() if part in HALVED_PARTS)
    whole = 4 * sum(parameters.values())
    return {"float32": whole, "bf16": whole - 2 * halved, "fp16": whole - 2 * halved}
