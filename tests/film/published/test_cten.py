"""CTEN: the authors' names and shapes, which frames it sees, and what it computes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image
from straight_line import (
    linear,
    normed,
    published_linear,
    published_norm,
    published_resnet,
    residual_features,
)
from tiny_encoders import CTEN, tiny_cten

from otio_hpm.film.published.cten import PUBLISHED, Cten, CtenShape, cten_input, snippet_frames


def shapes_of(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def published_names() -> dict[str, tuple[int, ...]]:
    """All weights of the authors' checkpoint, from the description of their network."""
    named = {"resnet.0.weight": (64, 3, 7, 7, 7)} | published_norm("resnet.1", 64)
    for name, shape in published_resnet(64, (3, 4, 23, 3), (3, 3, 3)).items():
        stage, _, rest = name.removeprefix("layer").partition(".")
        named[f"resnet.{int(stage) + 3}.{rest}"] = shape
    for part in ("theta", "phi", "g"):
        named |= published_linear(f"nl.0.{part}", 256, 2048)
    named |= published_linear("nl.0.out", 2048, 256) | published_norm("nl.0.bn", 2048)
    named |= {"nl.0.alpha": (1,), "ta_net.conv.0.weight": (1, 2048, 1)}
    named |= published_norm("ta_net.conv.1", 1) | published_linear("ta_net.fc", 16, 16)
    return named | published_linear("fc", 8, 2048)


def test_the_full_size_has_the_published_names_and_shapes() -> None:
    with torch.device("meta"):
        network = Cten()
    assert shapes_of(network) == published_names()


def test_sizes_are_read_from_a_file_s_shapes() -> None:
    assert CtenShape.of(published_names()) == PUBLISHED
    assert CtenShape.of(shapes_of(tiny_cten())) == CTEN


@torch.no_grad()
def test_it_computes_what_the_paper_describes() -> None:
    network = tiny_cten()
    w = network.state_dict()
    snippets = torch.rand(2, 3, 3, 16, 48, 48) * 255
    found = network(snippets)
    for film, logits in zip(snippets, found, strict=True):
        stages = tuple(f"resnet.{n}" for n in range(4, 8))
        seen = residual_features(film / 255 - 100 / 255, w, ("resnet.0", "resnet.1", stages))
        theta, phi, g = (linear(seen, w, f"nl.0.{name}") for name in ("theta", "phi", "g"))
        rows = []
        for mine in theta:
            alike = torch.exp(phi @ mine / math.sqrt(CTEN.inner))
            rows.append((alike[:, None] * g).sum(0) / alike.sum())
        together = normed(linear(torch.stack(rows), w, "nl.0.out"), w, "nl.0.bn")
        together = together + w["nl.0.alpha"] * seen
        line = torch.tanh(
            normed((together @ w["ta_net.conv.0.weight"][0])[None].transpose(1, 2), w,
                   "ta_net.conv.1")
        )  # fmt: skip
        attention = linear(line[0, 0], w, "ta_net.fc").clamp_min(0)
        expected = linear((together * attention[:, None]).mean(0)[None], w, "fc")[0]
        assert torch.allclose(logits, expected, atol=1e-4)
    assert not torch.allclose(found[0], found[1])


def test_sixteen_frames_in_the_middle_of_each_part_are_seen() -> None:
    seen = snippet_frames(300, 16)
    assert seen.shape == (16, 16)
    assert list(seen[0]) == list(range(1, 17))
    assert list(seen[15]) == list(range(15 * 18 + 1, 15 * 18 + 17))


def test_too_short_a_film_is_looped() -> None:
    assert list(snippet_frames(20, 2).ravel()) == [*range(20), *range(12)]


@pytest.mark.parametrize("shape", [(240, 426), (240, 320), (426, 240)])
def test_pictures_are_scaled_and_cropped_as_the_authors_do(shape: tuple[int, int]) -> None:
    height, width = shape
    frames = np.random.default_rng(1).integers(0, 256, (16, height, width, 3), np.uint8)
    given = cten_input(frames, 1)
    assert given.shape == (1, 1, 3, 16, 112, 112)
    shorter = min(shape)
    size = int(112 * width / shorter), int(112 * height / shorter)
    picture = Image.fromarray(frames[7]).resize(size, Image.Resampling.BILINEAR)
    left, top = (round(side / 2.0) - 56 for side in size)
    middle = np.asarray(picture.crop((left, top, left + 112, top + 112)))
    assert np.array_equal(given[0, 0, :, 7].permute(1, 2, 0).numpy(), middle)
