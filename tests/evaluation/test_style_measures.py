"""Originality and recognizability: on styles that are constructed, and on none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from otio_hpm.evaluation.originality import cosine_originality, originality
from otio_hpm.evaluation.prototypes import train_protonet
from otio_hpm.evaluation.recognizability import Labelled, recognizability

STYLES = ("elegy", "fanfare", "nocturne", "scherzo")


def labelled(spread: float, apart: float, seed: int, each: int = 12, size: int = 8) -> Labelled:
    """Styles whose centres are `apart` from one another, and clips `spread` around them."""
    centres = apart * np.eye(len(STYLES), size)
    around = np.random.default_rng(seed).normal(0, spread, (len(STYLES) * each, size))
    return Labelled(
        embeddings=np.repeat(centres, each, axis=0) + around,
        classes=[name for name in STYLES for _ in range(each)],
    )


def test_originality_is_the_deviation_within_a_style() -> None:
    group = labelled(spread=2.0, apart=50.0, seed=0, each=400)
    found = originality(group.embeddings, group.classes)
    assert found.mean == pytest.approx(2.0, rel=0.05)
    assert found.total == pytest.approx(4 * found.mean)
    # Of all clips together it would be that of the styles, which a system has without any of its
    # own: one piece a style is not original.
    assert group.embeddings.std(axis=0).mean() > 2 * found.mean
    repeated = labelled(spread=0.0, apart=50.0, seed=0)
    assert originality(repeated.embeddings, repeated.classes).mean == 0


def test_originality_is_that_of_a_sample() -> None:
    features = np.array([[0.0, 0.0], [2.0, 4.0], [5.0, 5.0], [5.0, 5.0]])
    found = originality(features, ["a", "a", "b", "b"])
    expected = torch.from_numpy(features[:2]).std(dim=0, unbiased=True).mean()
    assert found.per_class == pytest.approx({"a": float(expected), "b": 0.0})
    with pytest.raises(ValueError, match="b has one"):
        originality(features[:3], ["a", "a", "b"])


def test_cosine_originality_does_not_hear_lengths() -> None:
    features = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 3.0]], dtype=torch.float64)
    centre = features.mean(dim=0, keepdim=True)
    apart = 1 - torch.nn.functional.cosine_similarity(features, centre, dim=1)
    found = cosine_originality(features.numpy(), ["a"] * 3)
    assert found.mean == pytest.approx(float(apart.sum() / 2))
    along = np.array([[1.0, 1.0], [5.0, 5.0]])
    assert cosine_originality(along, ["a", "a"]).mean == pytest.approx(0, abs=1e-9)
    assert originality(along, ["a", "a"]).mean > 2


def test_separable_styles_are_recognised_and_random_ones_by_chance() -> None:
    made, real = (labelled(spread=0.1, apart=3.0, seed=seed) for seed in (1, 2))
    assert recognizability(made, real, way=4, episodes=100).mean == 1.0
    noise = [labelled(spread=1.0, apart=0.0, seed=seed) for seed in (3, 4)]
    found = recognizability(*noise, way=4)
    assert found.mean == pytest.approx(found.chance, abs=0.06)
    assert recognizability(*noise, way=2).chance == 0.5


def test_clips_of_the_wrong_style_are_not_recognised() -> None:
    # Alike among themselves as ever: a classifier that also learnt from made clips would not see
    # that they are all one style late.
    made, real = (labelled(spread=0.1, apart=3.0, seed=seed) for seed in (1, 2))
    late = Labelled(embeddings=made.embeddings, classes=[*made.classes[12:], *made.classes[:12]])
    assert recognizability(late, real, way=4, episodes=100).mean == 0.0


def test_every_style_counts_alike_however_many_clips_it_has() -> None:
    # 40 clips of one style that is never missed, 2 of one that always is.
    real = Labelled(embeddings=np.array([[0.0], [1.0]]), classes=["a", "b"])
    made = Labelled(embeddings=np.zeros((42, 1)), classes=["a"] * 40 + ["b"] * 2)
    found = recognizability(made, real, way=2, episodes=50)
    assert found.per_class == {"a": 1.0, "b": 0.0}
    assert found.mean == 0.5


def test_what_cannot_be_drawn_is_refused() -> None:
    group = labelled(spread=1.0, apart=1.0, seed=0)
    for way in (1, 5):
        with pytest.raises(ValueError, match="cannot be drawn"):
            recognizability(group, group, way=way)
    with pytest.raises(ValueError, match="no real music of scherzo"):
        recognizability(group, Labelled(embeddings=np.zeros((3, 8)), classes=STYLES[:3]), way=2)
    with pytest.raises(ValueError, match="cannot be drawn"):
        train_protonet(Labelled(embeddings=np.eye(4), classes=STYLES), way=2)


def test_a_trained_network_recognises_what_raw_features_hide() -> None:
    # Styles differ in four small features beside sixteen that say nothing and are ten times larger.
    def hidden(seed: int) -> Labelled:
        told = labelled(spread=0.1, apart=1.0, seed=seed, each=40, size=4)
        loud = np.random.default_rng(seed + 50).normal(0, 10, (160, 16))
        return Labelled(embeddings=np.hstack([told.embeddings, loud]), classes=told.classes)

    made, real, known = (hidden(seed) for seed in (1, 2, 3))
    raw = recognizability(made, real, way=4).mean
    network = train_protonet(known, way=4, episodes=150)
    trained = recognizability(network.embedded(made), network.embedded(real), way=4).mean
    assert raw < 0.35
    assert trained > 0.9
    again = train_protonet(known, way=4, episodes=150)
    assert (network.embedded(made).embeddings == again.embedded(made).embeddings).all()
