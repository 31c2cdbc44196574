"""Whether a figure puts rungs in the order that they ought to be in."""

from __future__ import annotations

import numpy as np
import pytest
from sounds import RATE, chord

from otio_hpm.evaluation.degradations import with_noise
from otio_hpm.evaluation.evidence.ladder import verdict_of
from otio_hpm.evaluation.evidence.ladder_figures import frechet_from, mean_of
from otio_hpm.evaluation.intervals import Statistic


def music(count: int, first: int) -> list[np.ndarray]:
    """Ten seconds of triads, each on another key."""
    keys = range(first, first + count)
    return [0.2 * np.tile(chord((k, k + 4, k + 7)), 3)[: 10 * RATE] for k in keys]


def mean(items: np.ndarray) -> Statistic:
    return lambda chosen: float(items[chosen].mean())


@pytest.mark.parametrize(
    ("lead", "expected"), [(1.0, "right"), (0.0, "level"), (-1.0, "wrong")]
)
def test_a_step_is_judged_by_its_paired_difference(lead: float, expected: str) -> None:
    items = lead + np.random.default_rng(0).normal(0, 1.5, 40)
    assert verdict_of(mean(items - items.mean() + lead), 40) == expected


def test_a_difference_that_is_next_to_nothing_is_level() -> None:
    assert verdict_of(mean(np.full(8, 0.01)), 8) == "right"
    assert verdict_of(mean(np.full(8, 0.01)), 8, least=0.02) == "level"


def test_silence_is_neither_better_nor_worse() -> None:
    assert verdict_of(mean(np.full(8, np.nan)), 8) == "level"


def test_drawing_with_repeats_does_not_judge() -> None:
    """A figure of sets that grows with repeats alone, as distances of sets do."""

    def fewer(chosen: np.ndarray) -> float:
        return 1 - len(set(chosen.tolist())) / 20

    assert verdict_of(fewer, 20) == verdict_of(lambda chosen: -fewer(chosen), 20) == "level"


def test_sets_lie_further_from_others_the_more_noise_there_is_in_them() -> None:
    measure = frechet_from(music(6, 60), RATE)
    rungs = [music(6, 54)] + [
        [with_noise(sound, db, i) for i, sound in enumerate(music(6, 54))] for db in (-20, 0)
    ]
    everything = np.arange(6)
    found = [measure.read(sounds) for sounds in rungs]
    values = [reading.statistic(everything) for reading in found]
    assert values == sorted(values)
    assert values[2] > 2 * values[0]
    assert not measure.more_is_better
    assert found[2].items.mean() > found[0].items.mean()


def test_a_mean_is_of_what_was_measured_of_each_sound_and_its_number() -> None:
    read = mean_of(lambda sound, index: float(sound.max()) + index).read([np.ones(3), np.ones(4)])
    assert read.items.tolist() == [1.0, 2.0]
    assert read.statistic(np.array([1, 1])) == 2.0
