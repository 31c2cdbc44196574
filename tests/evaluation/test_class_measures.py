"""Inception score and divergence of classes: against scipy's entropies and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import bernoulli, entropy

from otio_hpm.evaluation.divergence import kl_sigmoid, kl_sigmoid_published, kl_softmax
from otio_hpm.evaluation.inception_score import inception_score

LOGITS, OTHERS = np.random.default_rng(0).normal(0, 2, (2, 40, 7))


def sure(classes: list[int], count: int) -> np.ndarray:
    """Logits of clips that are of one class each beyond doubt."""
    return np.where(np.eye(count)[classes] > 0, 1e4, -1e4)


def test_the_score_is_the_information_that_a_clip_gives_of_its_class() -> None:
    shares = softmax(LOGITS, axis=1)
    information = entropy(shares.mean(axis=0)) - entropy(shares, axis=1).mean()
    assert inception_score(LOGITS, parts=1) == pytest.approx(np.exp(information))


def test_clear_and_varied_clips_score_their_number_of_classes() -> None:
    # Classes are beyond doubt, so that the logarithm of the others' probabilities is not finite.
    assert inception_score(sure([0, 1, 2, 3] * 5, 6), parts=1) == pytest.approx(4)
    assert inception_score(sure([2] * 20, 6), parts=1) == pytest.approx(1)
    assert inception_score(np.zeros((20, 6)), parts=4) == pytest.approx(1)


def test_clips_that_lie_sorted_are_mixed_before_they_are_cut() -> None:
    # Cut as they lie, each part holds one class and scores 1.
    by_class = sure([number // 20 for number in range(80)], 4)
    assert inception_score(by_class, parts=4) > 3.5
    assert inception_score(by_class, parts=4, seed=1) == inception_score(by_class, 4, seed=1)
    with pytest.raises(ValueError, match="cannot be cut"):
        inception_score(by_class[:3])


def test_divergence_of_exclusive_classes() -> None:
    expected = entropy(softmax(OTHERS, axis=1), softmax(LOGITS, axis=1), axis=1)
    assert kl_softmax(LOGITS, OTHERS) == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert kl_softmax(LOGITS, LOGITS) == pytest.approx(0, abs=1e-4)
    # It is that of the reference from the made clip, which is not the other way round.
    assert np.abs(kl_softmax(OTHERS, LOGITS) - expected).max() > 0.5


def test_a_class_that_is_not_heard_leaves_the_divergence_finite() -> None:
    found = kl_softmax(sure([0], 3), sure([1], 3))
    assert found == pytest.approx(-np.log(1e-6))


def test_divergence_of_classes_by_themselves_is_that_of_coins() -> None:
    there, heard = (1 / (1 + np.exp(-logits)) for logits in (OTHERS, LOGITS))
    sides = np.arange(2)[:, None, None]
    expected = entropy(bernoulli.pmf(sides, there), bernoulli.pmf(sides, heard), axis=0).sum(axis=1)
    assert kl_sigmoid(LOGITS, OTHERS) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_music_of_every_class_is_not_better_than_the_reference() -> None:
    all_classes = np.full_like(LOGITS, 8.0)
    assert (kl_sigmoid_published(all_classes, LOGITS) < 0).all()
    assert (kl_sigmoid(all_classes, LOGITS) > 1).all()


def test_the_published_variants_are_torchs() -> None:
    made, reference = torch.from_numpy(LOGITS), torch.from_numpy(OTHERS)
    for ours, squash in (
        (kl_softmax, lambda x: x.softmax(dim=1)),
        (kl_sigmoid_published, torch.sigmoid),
    ):
        theirs = torch.nn.functional.kl_div(
            (squash(made) + 1e-6).log(), squash(reference), reduction="sum"
        )
        assert ours(LOGITS, OTHERS).sum() == pytest.approx(float(theirs))
