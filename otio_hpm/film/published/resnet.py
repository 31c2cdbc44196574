"""Residual networks of bottlenecks (He et al. 2016) over pictures or over pictures in time.

Parameters have the names that torchvision and 3D-ResNets-PyTorch give them, so that published
files load. Width and depth are read from a file's shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from torch import Tensor, nn

_EXPANSION = 4
"""Channels of a bottleneck's output per channel inside it."""
_CONV: dict[int, Any] = {2: nn.Conv2d, 3: nn.Conv3d}
_NORM: dict[int, Any] = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


@dataclass(frozen=True, kw_only=True)
class ResNetShape:
    """How wide and how deep."""

    width: int
    """Channels of the first convolution: 64 in all published ones."""
    depths: tuple[int, ...]
    """Bottlenecks of each of the four stages."""

    @property
    def features(self) -> int:
        """Channels of the last stage."""
        return int(self.width * 2 ** (len(self.depths) - 1) * _EXPANSION)


RESNET_50 = ResNetShape(width=64, depths=(3, 4, 6, 3))
RESNET_101 = ResNetShape(width=64, depths=(3, 4, 23, 3))


def shape_of(
    shapes: Mapping[str, tuple[int, ...]], first: str, stages: tuple[str, ...]
) -> ResNetShape:
    """Shape of the network in a file, by the names of its first convolution and of its stages.

    Raises KeyError where there is no such network.
    """
    depths = tuple(
        next(n for n in count() if f"{stage}.{n}.conv1.weight" not in shapes) for stage in stages
    )
    return ResNetShape(width=shapes[first][0], depths=depths)


class Bottleneck(nn.Module):
    """Narrow, look around, widen; added to what came in."""

    def __init__(self, dims: int, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        conv, norm, outputs = _CONV[dims], _NORM[dims], width * _EXPANSION
        self.conv1 = conv(inputs, width, 1, bias=False)
        self.bn1 = norm(width)
        self.conv2 = conv(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = norm(width)
        self.conv3 = conv(width, outputs, 1, bias=False)
        self.bn3 = norm(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            matched = conv(inputs, outputs, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(matched, norm(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, ...) -> (N, 4 * width, ...)"""
        way = self.bn1(self.conv1(x)).relu()
        way = self.bn2(self.conv2(way)).relu()
        straight = x if self.downsample is None else self.downsample(x)
        result: Tensor = (self.bn3(self.conv3(way)) + straight).relu()
        return result


def stem(dims: int, shape: ResNetShape) -> list[nn.Module]:
    """First convolution, its normalisation, ReLU and pooling; time is not strided at first."""
    stride = 2 if dims == 2 else (1, 2, 2)
    conv = _CONV[dims](3, shape.width, 7, stride=stride, padding=3, bias=False)
    pool = nn.MaxPool2d(3, 2, 1) if dims == 2 else nn.MaxPool3d(3, 2, 1)
    return [conv, _NORM[dims](shape.width), nn.ReLU(), pool]


def stages(dims: int, shape: ResNetShape) -> list[nn.Module]:
    """The four stages; each but the first halves what it sees."""
    made: list[nn.Module] = []
    inputs = shape.width
    for number, depth in enumerate(shape.depths):
        width = shape.width * 2**number
        blocks = []
        for index in range(depth):
            blocks.append(Bottleneck(dims, inputs, width, 2 if number and not index else 1))
            inputs = width * _EXPANSION
        made.append(nn.Sequential(*blocks))
    return made


class ResNet(nn.Module):
    """torchvision's ResNet without its classifier: pictures -> mean features."""

    def __init__(self, shape: ResNetShape) -> None:
        super().__init__()
        self.conv1, self.bn1, self.relu, self.maxpool = stem(2, shape)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(2, shape)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, height, width) -> (N, features)"""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        result: Tensor = x.mean(dim=(2, 3))
        return result
