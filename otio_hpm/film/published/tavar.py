"""Aesthetics: TAVAR (Li et al. 2023), theme-aware visual attribute reasoning (appendix C.2).

Six attributes and a theme are read from each frame, and a graph network reasons over their means
to one score. The parts have the names and the order of the authors' file, spelling included. They
released the version whose aesthetic features come from a ResNet-50, not from the Swin Transformer
that the paper names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from otio_hpm.film.published.resampling import Pixels, normalised, resized_by_opencv
from otio_hpm.film.published.resnet import RESNET_50, ResNet, ResNetShape, shape_of

Crop = Literal["published", "whole"]

ATTRIBUTES = (
    "interesting_content",
    "object_emphasis",
    "vivid_color",
    "depth_of_field",
    "color_harmony",
    "good_lighting",
)
"""What AADB's six attribute branches rate, in the order of the file."""
AESTHETIC_NAMES = ("aesthetic_score", *ATTRIBUTES)
THEMES = 6
"""Theme categories of EVA; their names are not published with the weights."""

_SIDE = 224
_OFFSET = 10
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_EDGES = ((0, 3), (0, 4), (1, 2), (1, 5), (2, 3), (4, 5))
"""Pairs of attributes that are neighbours; the seventh node, in the centre, is everybody's."""
_CENTRE = 6


@dataclass(frozen=True, kw_only=True)
class TavarShape:
    """Sizes of the parts, as a file's shapes tell them."""

    attributes: ResNetShape
    theme: ResNetShape
    aesthetics: ResNetShape
    node: int = 256
    """Features of a node of the graph."""
    inner: int = 64
    """Width of the branches' second layer."""
    reasoned: tuple[int, int] = (2048, 4096)
    """Features of a node after each of the two last graph convolutions."""

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[int, ...]]) -> TavarShape:
        """From a state dict's shapes. Raises KeyError naming what TAVAR has and they do not."""
        return cls(
            attributes=_network(shapes, "AttrNet.resnet"),
            theme=_network(shapes, "ScenceNet"),
            aesthetics=_network(shapes, "score_net"),
            node=shapes["GCNNet.gc1.weight"][0],
            inner=shapes["ScenceNet.fc2_1.weight"][0],
            reasoned=(shapes["GCNNet.gc2.weight"][1], shapes["GCNNet.gc2_2.weight"][1]),
        )


PUBLISHED = TavarShape(attributes=RESNET_50, theme=RESNET_50, aesthetics=RESNET_50)


@dataclass(frozen=True, kw_only=True)
class Impressions:
    """What is read from N frames, before reasoning."""

    nodes: Tensor
    """Features of six attributes and the theme. (N, 7, node)"""
    aesthetics: Tensor
    """Aesthetic features. (N, node)"""
    attributes: Tensor
    """Values of the six attributes. (N, 6)"""


class Tavar(nn.Module):
    """The authors' `convNet_GCN`."""

    def __init__(self, shape: TavarShape = PUBLISHED) -> None:
        super().__init__()
        self.AttrNet = AttributeNetwork(shape)
        self.ScenceNet = ThemeNetwork(shape)
        self.score_net = AestheticsNetwork(shape)
        self.GCNNet = Reasoning(shape)

    def impressions(self, images: Tensor) -> Impressions:
        """Equations 6 to 8. (N, 3, height, width), as `tavar_input` gives them."""
        features, attributes = self.AttrNet(images)
        theme = self.ScenceNet(images)
        return Impressions(
            nodes=torch.cat([features, theme[:, None]], dim=1),
            aesthetics=self.score_net(images),
            attributes=attributes,
        )

    def score(self, impressions: Impressions) -> Tensor:
        """One score for all frames, from the means of their features (appendix C.2). -> ()"""
        nodes = impressions.nodes.mean(dim=0, keepdim=True)
        result: Tensor = self.GCNNet(nodes, impressions.aesthetics.mean(dim=0, keepdim=True))
        return result.reshape(())


class Perceptron(nn.Module):
    """Three layers; the output of the first is what the graph reasons on."""

    def add_layers(self, shape: TavarShape, features: int, outputs: int) -> None:
        """Layers under the authors' names; dropout has no weights and is for training."""
        self.fc1_1 = nn.Linear(features, shape.node)
        self.bn1_1 = nn.BatchNorm1d(shape.node)
        self.relu1_1 = nn.PReLU()
        self.fc2_1 = nn.Linear(shape.node, shape.inner)
        self.relu2_1 = nn.PReLU()
        self.fc3_1 = nn.Linear(shape.inner, outputs)
        self.relu3_1 = nn.PReLU()

    def value(self, node: Tensor) -> Tensor:
        """(N, node) -> (N, outputs), before the last activation"""
        hidden = self.relu2_1(self.fc2_1(self.relu1_1(self.bn1_1(node))))
        result: Tensor = self.fc3_1(hidden)
        return result


class Branch(Perceptron):
    """The perceptron of one attribute."""

    def __init__(self, shape: TavarShape) -> None:
        super().__init__()
        self.add_layers(shape, shape.attributes.features, 1)

    def forward(self, shared: Tensor) -> tuple[Tensor, Tensor]:
        """(N, features) -> value (N, 1), node features (N, node)"""
        node = self.fc1_1(shared)
        return self.relu3_1(self.value(node)), node


class AttributeNetwork(nn.Module):
    """VAAN: one ResNet shared by six branches."""

    def __init__(self, shape: TavarShape) -> None:
        super().__init__()
        self.resnet = ResNet(shape.attributes)
        for number in range(1, len(ATTRIBUTES) + 1):
            self.add_module(f"Attr{number}_Model", Branch(shape))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """-> node features (N, 6, node), values (N, 6)"""
        shared = self.resnet(images)
        found = [self.get_submodule(f"Attr{n}_Model")(shared) for n in range(1, 7)]
        return torch.stack([node for _, node in found], dim=1), torch.cat([v for v, _ in found], 1)


class ThemeNetwork(ResNet, Perceptron):
    """TUN: a ResNet and a perceptron to six themes.

    The graph takes the output of its first layer; the others, which name a theme, are only held.
    """

    def __init__(self, shape: TavarShape) -> None:
        super().__init__(shape.theme)
        self.add_layers(shape, shape.theme.features, THEMES)

    def forward(self, images: Tensor) -> Tensor:
        """-> (N, node)"""
        result: Tensor = self.fc1_1(super().forward(images))
        return result


class AestheticsNetwork(ResNet):
    """A ResNet whose classifier gives the features of the centre node."""

    def __init__(self, shape: TavarShape) -> None:
        super().__init__(shape.aesthetics)
        self.fc = nn.Linear(shape.aesthetics.features, shape.node)

    def forward(self, images: Tensor) -> Tensor:
        """-> (N, node)"""
        result: Tensor = self.fc(super().forward(images))
        return result


class GraphConvolution(nn.Module):
    """Neighbours' features, each weighted alike (Kipf and Welling 2017, rows normalised)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(outputs)
        self.weight = nn.Parameter(torch.empty(inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        """(B, 7, inputs) -> (B, 7, outputs)"""
        return adjacency @ (nodes @ self.weight) + self.bias


class Reasoning(nn.Module):
    """Bilevel aesthetic reasoning: attributes around the theme, then around the aesthetics."""

    adjacency: Tensor

    def __init__(self, shape: TavarShape) -> None:
        super().__init__()
        first, second = shape.reasoned
        self.gc1 = GraphConvolution(shape.node, shape.node)
        self.gc2 = GraphConvolution(shape.node, first)
        self.gc2_2 = GraphConvolution(first, second)
        self.fc1 = nn.Linear(second * (_CENTRE + 1), 1)
        self.register_buffer("adjacency", _adjacency(), persistent=False)

    def forward(self, nodes: Tensor, aesthetics: Tensor) -> Tensor:
        """(B, 7, node), (B, node) -> scores (B, 1), never negative"""
        x = self.gc1(nodes, self.adjacency).relu()
        x = torch.cat([x[:, :_CENTRE], aesthetics[:, None]], dim=1)
        x = self.gc2(x, self.adjacency).relu()
        x = self.gc2_2(x, self.adjacency).relu()
        result: Tensor = self.fc1(x.flatten(1)).relu()
        return result


def tavar_input(frames: Pixels, crop: Crop) -> Tensor:
    """Frames as the network takes them. (N, height, width, 3) -> (N, 3, side, side)

    The authors' demo makes 224 x 224 pictures and then cuts from row and column 10 to 234, which
    leaves 214. `published` does so too, since the score was read like that; `whole` keeps all.
    """
    seen = resized_by_opencv(frames, _SIDE, _SIDE)
    first = _OFFSET if crop == "published" else 0
    return normalised(seen[:, first:, first:], _MEAN, _STD)


def _network(shapes: Mapping[str, tuple[int, ...]], name: str) -> ResNetShape:
    return shape_of(shapes, f"{name}.conv1.weight", tuple(f"{name}.layer{n}" for n in range(1, 5)))


def _adjacency() -> Tensor:
    """Which node is whose neighbour, rows summing to 1; no node is its own. (7, 7)"""
    matrix = torch.zeros(_CENTRE + 1, _CENTRE + 1)
    for first, second in (*_EDGES, *((node, _CENTRE) for node in range(_CENTRE))):
        matrix[first, second] = matrix[second, first] = 1
    return matrix / matrix.sum(dim=1, keepdim=True)
