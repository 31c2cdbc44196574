"""TAVAR: the authors' names and shapes, and what they compute."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from straight_line import (
    linear,
    normed,
    published_linear,
    published_norm,
    published_resnet,
    residual_features,
)
from tiny_encoders import TAVAR, tiny_tavar
from torch import Tensor

from otio_hpm.film.published.resampling import resized_by_opencv
from otio_hpm.film.published.tavar import PUBLISHED, Tavar, TavarShape, tavar_input

NEIGHBOURS = {1: (4, 5, 7), 2: (3, 6, 7), 3: (2, 4, 7), 4: (1, 3, 7), 5: (1, 6, 7), 6: (2, 5, 7),
              7: (1, 2, 3, 4, 5, 6)}  # fmt: skip
"""The published list of edges, `cora.cites`, by node."""


def shapes_of(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def published_names() -> dict[str, tuple[int, ...]]:
    """All weights of the authors' file, from the description of their network."""

    def resnet_50(prefix: str) -> dict[str, tuple[int, ...]]:
        stages = published_resnet(64, (3, 4, 6, 3), (3, 3))
        first = {"conv1.weight": (64, 3, 7, 7), **published_norm("bn1", 64)}
        return {f"{prefix}.{name}": shape for name, shape in (first | stages).items()}

    def perceptron(prefix: str, outputs: int) -> dict[str, tuple[int, ...]]:
        return (
            published_linear(f"{prefix}.fc1_1", 256, 2048)
            | published_norm(f"{prefix}.bn1_1", 256)
            | published_linear(f"{prefix}.fc2_1", 64, 256)
            | published_linear(f"{prefix}.fc3_1", outputs, 64)
            | {f"{prefix}.relu{n}_1.weight": (1,) for n in (1, 2, 3)}
        )

    named = resnet_50("AttrNet.resnet") | resnet_50("ScenceNet") | resnet_50("score_net")
    for number in range(1, 7):
        named |= perceptron(f"AttrNet.Attr{number}_Model", 1)
    named |= perceptron("ScenceNet", 6) | published_linear("score_net.fc", 256, 2048)
    for layer, (inputs, outputs) in {
        "gc1": (256, 256),
        "gc2": (256, 2048),
        "gc2_2": (2048, 4096),
    }.items():
        named |= {
            f"GCNNet.{layer}.weight": (inputs, outputs),
            f"GCNNet.{layer}.bias": (outputs,),
        }
    return named | published_linear("GCNNet.fc1", 1, 7 * 4096)


def test_the_full_size_has_the_published_names_and_shapes() -> None:
    with torch.device("meta"):
        network = Tavar()
    assert shapes_of(network) == published_names()
    assert len(published_names()) == 1062


def test_sizes_are_read_from_a_file_s_shapes() -> None:
    assert TavarShape.of(published_names()) == PUBLISHED
    assert TavarShape.of(shapes_of(tiny_tavar())) == TAVAR


def reasoned(nodes: list[Tensor], aesthetics: Tensor, w: Mapping[str, Tensor]) -> Tensor:
    """Bilevel reasoning of one picture, node by node."""

    def convolved(nodes: list[Tensor], layer: str) -> list[Tensor]:
        around = [
            torch.stack([nodes[n - 1] for n in NEIGHBOURS[node]]).mean(0) for node in range(1, 8)
        ]
        weight, bias = w[f"GCNNet.{layer}.weight"], w[f"GCNNet.{layer}.bias"]
        return [(feature @ weight + bias).clamp_min(0) for feature in around]

    nodes = convolved(nodes, "gc1")
    nodes = convolved(convolved([*nodes[:6], aesthetics], "gc2"), "gc2_2")
    return linear(torch.cat(nodes)[None], w, "GCNNet.fc1").clamp_min(0)[0, 0]


def leaking(x: Tensor, slope: Tensor) -> Tensor:
    return torch.where(x > 0, x, x * slope)


@torch.no_grad()
def test_it_computes_what_the_paper_describes() -> None:
    network = tiny_tavar()
    w = network.state_dict()
    images = torch.rand(3, 3, 70, 70)
    found = network.impressions(images)

    def features(name: str) -> Tensor:
        stages = tuple(f"{name}.layer{n}" for n in range(1, 5))
        return residual_features(images, w, (f"{name}.conv1", f"{name}.bn1", stages))

    shared = features("AttrNet.resnet")
    branches = [f"AttrNet.Attr{n}_Model" for n in range(1, 7)]
    nodes = [linear(shared, w, f"{name}.fc1_1") for name in branches]
    nodes.append(linear(features("ScenceNet"), w, "ScenceNet.fc1_1"))
    aesthetics = linear(features("score_net"), w, "score_net.fc")
    assert torch.allclose(found.nodes, torch.stack(nodes, dim=1), atol=1e-5)
    assert torch.allclose(found.aesthetics, aesthetics, atol=1e-5)
    for number, (name, node) in enumerate(zip(branches, nodes, strict=False)):
        x = leaking(normed(node, w, f"{name}.bn1_1"), w[f"{name}.relu1_1.weight"])
        x = leaking(linear(x, w, f"{name}.fc2_1"), w[f"{name}.relu2_1.weight"])
        x = leaking(linear(x, w, f"{name}.fc3_1"), w[f"{name}.relu3_1.weight"])
        assert torch.allclose(found.attributes[:, number], x[:, 0], atol=1e-5)
    expected = reasoned([node.mean(0) for node in nodes], aesthetics.mean(0), w)
    assert expected > 0
    assert torch.allclose(network.score(found), expected, atol=1e-5)


@torch.no_grad()
def test_the_score_depends_on_all_three_networks() -> None:
    network = tiny_tavar()
    images = torch.rand(2, 3, 70, 70)
    before = network.score(network.impressions(images))
    for part in (network.AttrNet.Attr3_Model, network.ScenceNet, network.score_net):
        layer = part.fc if part is network.score_net else part.fc1_1
        layer.bias += 1
        after = network.score(network.impressions(images))
        assert after != before
        before = after


@pytest.mark.parametrize(("crop", "first"), [("published", 10), ("whole", 0)])
def test_pictures_are_squashed_and_cut_off_by_ten_where_asked(crop: str, first: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (1, 60, 90, 3), np.uint8)
    given = tavar_input(frames, crop)
    assert given.shape == (1, 3, 224 - first, 224 - first)
    pixel = resized_by_opencv(frames, 224, 224)[0, first + 5, first + 7] / 255
    expected = (pixel - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert np.allclose(given[0, :, 5, 7], expected, atol=1e-5)
