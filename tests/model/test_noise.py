"""The noise that sampling begins with."""

from __future__ import annotations

import math

import pytest
import torch

from otio_hpm.model.noise import evened, seeded_noise

WINDOW = 40


def course(length: int, periods: float) -> torch.Tensor:
    """A wave along the cue, alike in all bands. (1, 1, length, 4)"""
    turns = 2 * math.pi * periods * torch.arange(length) / length
    return turns.sin()[None, None, :, None].expand(1, 1, length, 4)


def test_of_one_window_the_mean_is_taken_away_and_nothing_else() -> None:
    noise = seeded_noise((2, 3, WINDOW, 4), 1)
    even = evened(noise, WINDOW)
    torch.testing.assert_close(even, noise - noise.mean((2, 3), keepdim=True))
    torch.testing.assert_close(evened(even, WINDOW), even)


@pytest.mark.parametrize("length", [WINDOW, 3 * WINDOW, 3 * WINDOW + 9])
def test_waves_longer_than_a_window_go_and_shorter_ones_stay(length: int) -> None:
    longer, shorter = math.ceil(length / WINDOW) - 1, math.floor(length / WINDOW) + 1
    slow, fast = course(length, longer), course(length, shorter)
    torch.testing.assert_close(evened(slow + fast + 1, WINDOW), fast, atol=1e-5, rtol=0)


def test_what_bands_do_against_each_other_stays() -> None:
    apart = course(3 * WINDOW, 1) * torch.tensor([1.0, -1.0, 1.0, -1.0])
    torch.testing.assert_close(evened(apart, WINDOW), apart, atol=1e-6, rtol=0)
