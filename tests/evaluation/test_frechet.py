"""Frechet distance: against closed forms, against scipy's root of a matrix, and at infinity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from otio_hpm.evaluation.frechet import (
    Gaussian,
    frechet_distance,
    frechet_infinite,
    gaussian,
)

SIZE = 6


def drawn(count: int, seed: int, size: int = SIZE) -> np.ndarray:
    """Correlated embeddings with a mean."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(seed % 2).standard_normal((size, size))
    return rng.standard_normal((count, size)) @ mixing + seed % 2


def test_gaussians_on_the_same_axes_have_a_closed_form() -> None:
    # Per axis, (m1 - m2)^2 + (s1 - s2)^2.
    some = Gaussian(mean=np.array([0.0, 1.0]), covariance=np.diag([4.0, 9.0]))
    others = Gaussian(mean=np.array([3.0, 1.0]), covariance=np.diag([1.0, 25.0]))
    assert frechet_distance(some, others) == pytest.approx(9 + (2 - 1) ** 2 + (3 - 5) ** 2)
    assert frechet_distance(others, some) == pytest.approx(frechet_distance(some, others))
    assert frechet_distance(some, some) == pytest.approx(0, abs=1e-9)


def test_it_is_what_the_root_of_the_product_gives() -> None:
    some, others = (gaussian(drawn(400, seed)) for seed in (2, 3))
    root = sqrtm(some.covariance @ others.covariance).real
    expected = (
        ((some.mean - others.mean) ** 2).sum()
        + np.trace(some.covariance + others.covariance)
        - 2 * np.trace(root)
    )
    assert frechet_distance(some, others) == pytest.approx(expected, rel=1e-6)


def test_covariance_across_axes_counts() -> None:
    # Equal means and variances, other correlation: a distance by axes alone would be 0.
    some = Gaussian(mean=np.zeros(2), covariance=np.array([[1.0, 0.9], [0.9, 1.0]]))
    others = Gaussian(mean=np.zeros(2), covariance=np.array([[1.0, -0.9], [-0.9, 1.0]]))
    expected = 2 * (np.sqrt(1.9) - np.sqrt(0.1)) ** 2  # the axes of both are the diagonals
    assert frechet_distance(some, others) == pytest.approx(expected)


def test_fewer_embeddings_than_dimensions_are_no_obstacle() -> None:
    # Two sets in planes at right angles: nothing is shared, the root is 0, and the traces remain.
    # The root of the product of singular matrices is what scipy cannot find.
    rng = np.random.default_rng(0)
    flat, upright = np.zeros((2, 5, 40))
    flat[:, :20], upright[:, 20:] = rng.standard_normal((2, 5, 20))
    some, others = gaussian(flat), gaussian(upright)
    expected = ((some.mean - others.mean) ** 2).sum()
    expected += np.trace(some.covariance) + np.trace(others.covariance)
    assert frechet_distance(some, others) == pytest.approx(expected)
    with pytest.raises(ValueError, match="two embeddings"):
        gaussian(flat[:1])


def test_at_infinity_the_bias_of_small_sets_is_gone() -> None:
    # The same distribution: the distance of a finite set is its bias alone.
    truth = Gaussian(mean=np.zeros(20), covariance=np.eye(20))
    found = [
        (
            frechet_distance(gaussian(made), truth),
            frechet_infinite(made, truth, smallest=60).distance,
        )
        for made in (np.random.default_rng(seed).standard_normal((300, 20)) for seed in range(6))
    ]
    naive, infinite = np.mean(found, axis=0)
    assert naive > 0.25
    assert abs(infinite) < naive / 4


def test_at_infinity_a_true_distance_stays() -> None:
    truth = Gaussian(mean=np.zeros(SIZE), covariance=np.eye(SIZE))
    made = np.random.default_rng(1).standard_normal((800, SIZE)) + 2
    found = frechet_infinite(made, truth, smallest=100)
    assert found.distance == pytest.approx(4 * SIZE, rel=0.05)
    assert 0 <= found.r_squared <= 1
    assert found == frechet_infinite(made, truth, smallest=100)
    with pytest.raises(ValueError, match="cannot be drawn"):
        frechet_infinite(made, truth, smallest=800)
