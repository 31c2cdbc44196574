"""Residual networks computed step by step from a state dict, for comparison."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

CONV = {2: F.conv2d, 3: F.conv3d}
POOL = {2: F.max_pool2d, 3: F.max_pool3d}


def normed(x: Tensor, w: Mapping[str, Tensor], name: str) -> Tensor:
    """Batch normalisation by running statistics, on the second axis."""
    shape = (1, -1) + (1,) * (x.dim() - 2)
    mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    unit = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + 1e-5)
    return unit * w[f"{name}.weight"].view(shape) + w[f"{name}.bias"].view(shape)


def linear(x: Tensor, w: Mapping[str, Tensor], name: str) -> Tensor:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def residual_features(
    x: Tensor, w: Mapping[str, Tensor], names: tuple[str, str, tuple[str, ...]]
) -> Tensor:
    """Mean features of a bottleneck ResNet; `names` of first convolution, its norm, the stages."""
    dims = x.dim() - 2
    first, norm, stages = names
    stride = 2 if dims == 2 else (1, 2, 2)
    x = CONV[dims](x, w[f"{first}.weight"], stride=stride, padding=3)
    x = POOL[dims](normed(x, w, norm).clamp_min(0), 3, 2, 1)
    for number, stage in enumerate(stages):
        block = 0
        while f"{stage}.{block}.conv1.weight" in w:
            step = 2 if number > 0 and block == 0 else 1
            x = _bottleneck(x, w, f"{stage}.{block}", step)
            block += 1
    return x.flatten(2).mean(dim=2)


def _bottleneck(x: Tensor, w: Mapping[str, Tensor], name: str, stride: int) -> Tensor:
    conv = CONV[x.dim() - 2]
    out = normed(conv(x, w[f"{name}.conv1.weight"]), w, f"{name}.bn1").clamp_min(0)
    out = conv(out, w[f"{name}.conv2.weight"], stride=stride, padding=1)
    out = normed(out, w, f"{name}.bn2").clamp_min(0)
    out = normed(conv(out, w[f"{name}.conv3.weight"]), w, f"{name}.bn3")
    if f"{name}.downsample.0.weight" in w:
        x = normed(
            conv(x, w[f"{name}.downsample.0.weight"], stride=stride), w, f"{name}.downsample.1"
        )
    return (out + x).clamp_min(0)


def published_resnet(
    width: int, depths: tuple[int, ...], kernel: tuple[int, ...]
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights of a bottleneck ResNet's stages, by the description in
    He et al. (2016), table 1, as `layer1.0.conv1.weight`; `kernel` is (3, 3) or (3, 3, 3)."""
    point = tuple(1 for _ in kernel)
    named: dict[str, tuple[int, ...]] = {}
    inputs = width
    for number, depth in enumerate(depths):
        inner = width * 2**number
        for block in range(depth):
            name = f"layer{number + 1}.{block}"
            named[f"{name}.conv1.weight"] = (inner, inputs, *point)
            named[f"{name}.conv2.weight"] = (inner, inner, *kernel)
            named[f"{name}.conv3.weight"] = (4 * inner, inner, *point)
            widths = {"bn1": inner, "bn2": inner, "bn3": 4 * inner}
            if block == 0:
                named[f"{name}.downsample.0.weight"] = (4 * inner, inputs, *point)
                widths["downsample.1"] = 4 * inner
            for norm, size in widths.items():
                named |= published_norm(f"{name}.{norm}", size)
            inputs = 4 * inner
    return named


def published_norm(name: str, size: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a batch normalisation."""
    values = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{value}": (size,) for value in values} | {f"{name}.num_batches_tracked": ()}


def published_linear(name: str, outputs: int, inputs: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a linear layer."""
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
