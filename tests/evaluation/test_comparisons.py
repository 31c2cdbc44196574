"""Following, distance, variety, and the statistics around them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sounds import chord, noise, tone

from otio_hpm.evaluation.degradations import with_noise
from otio_hpm.evaluation.dynamics import macro_correlation, micro_correlation
from otio_hpm.evaluation.intervals import interval
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.ranks import rank_correlation
from otio_hpm.evaluation.spectral import contrast, detail_distance, log_spectral_distance
from otio_hpm.evaluation.variety import HARMONY, apartness, features, nearest, scale_of
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import analyse

CONFIG = ModelConfig()
WINDOW = CONFIG.window_samples / CONFIG.sample_rate


def controls(melody: list[int]) -> Controls:
    frames = len(melody)
    return Controls(
        melody=np.array(melody, np.int8),
        dynamics_db=np.zeros(frames, np.float32),
        accents=np.zeros(frames, np.bool_),
        melody_present=np.ones(frames, np.bool_),
        dynamics_present=np.ones(frames, np.bool_),
    )


def test_melody_accuracy_counts_only_frames_that_want_a_note() -> None:
    wanted = controls([0, 4, 7, -1, -1])
    assert melody_accuracy(controls([0, 4, 5, 3, -1]), wanted) == pytest.approx(2 / 3)
    assert math.isnan(melody_accuracy(wanted, controls([-1, -1, -1, -1, -1])))


def test_random_notes_are_right_one_time_in_twelve() -> None:
    drawn = np.random.default_rng(0).integers(0, 12, (2, 20_000))
    share = melody_accuracy(*(controls(row.tolist()) for row in drawn))
    assert share == pytest.approx(1 / 12, abs=0.01)


def swell(mean_db: float, sign: float = 1.0) -> NDArray[np.float64]:
    return mean_db + sign * np.sin(np.linspace(0, 6, 640))


def test_micro_follows_swells_and_macro_the_level_of_clips() -> None:
    heard = [swell(-40, -1), swell(-10, -1)]
    wanted = [swell(-40), swell(-10)]
    micro = np.mean([micro_correlation(h, w) for h, w in zip(heard, wanted, strict=True)])
    # Every swell upside down, yet loud clips are loud: macro alone would call that followed.
    assert micro == pytest.approx(-1)
    assert macro_correlation(heard, wanted) > 0.98


def test_right_swells_at_wrong_levels_are_micro_only() -> None:
    heard, wanted = [swell(-10), swell(-40)], [swell(-40), swell(-10)]
    assert micro_correlation(heard[0], wanted[0]) == pytest.approx(1)
    assert macro_correlation(heard, wanted) < 0


def test_what_does_not_move_follows_nothing() -> None:
    assert micro_correlation(np.full(640, -20.0), swell(-20)) == 0.0


def test_spectral_distance_grows_with_noise() -> None:
    music = chord((60, 64, 67), WINDOW)
    found = [
        log_spectral_distance(with_noise(music, db, 0), music, CONFIG) for db in (-60, -40, -20, 0)
    ]
    assert log_spectral_distance(music, music, CONFIG) == 0.0
    assert found == sorted(found)
    assert found[-1] > 1


def test_gain_is_a_distance_of_its_nepers_where_there_is_sound() -> None:
    loud = noise(WINDOW)
    assert log_spectral_distance(loud * np.float32(0.5), loud, CONFIG) == pytest.approx(
        math.log(2), abs=0.05
    )


def test_what_is_within_wide_bands_has_a_distance_of_its_own() -> None:
    """Noise in the bands of a tone is near to it by its bands alone."""
    t = np.arange(round(WINDOW * CONFIG.sample_rate)) / CONFIG.sample_rate
    rich = sum(0.1 / k * np.sin(2 * np.pi * 440 * k * t) for k in range(1, 40)).astype(np.float32)
    spectrogram = analyse(torch.from_numpy(rich), CONFIG)
    breathy = griffin_lim(spectrogram, CONFIG, 0, 12).numpy()
    assert log_spectral_distance(breathy, rich, CONFIG) < 0.6
    assert detail_distance(breathy, rich, CONFIG) > 1.5
    assert detail_distance(rich, rich, CONFIG) == 0
    hiss = contrast(noise(WINDOW), CONFIG)
    assert hiss == pytest.approx(0.17, abs=0.02)
    assert contrast(rich, CONFIG) > 0.6 > hiss > contrast(breathy, CONFIG)


def test_recited_music_is_near_and_new_music_far() -> None:
    rate = CONFIG.sample_rate
    known = np.stack([features(chord((k, k + 4, k + 7)), rate) for k in range(55, 63)])
    played = np.stack(
        [
            features(with_noise(0.3 * chord((57, 61, 64)), -40, 0), rate),
            features(chord((66, 70, 73)), rate),
        ]
    )
    scale = scale_of(known)[HARMONY]
    recited, new = nearest(played[:, HARMONY], known[:, HARMONY], scale)
    assert recited < new / 5


def test_one_piece_over_and_over_has_no_variety() -> None:
    rate = CONFIG.sample_rate
    several = np.stack([features(tone(hz), rate) for hz in (220, 330, 520, 700)])
    same = np.stack([features(with_noise(tone(220), -50, seed), rate) for seed in range(4)])
    scale = scale_of(several)
    assert apartness(same, scale).mean() < 0.2 * apartness(several, scale).mean()


def test_ranks_do_not_care_for_scale_and_survive_constants() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(x, np.exp(5 * x)) == pytest.approx(1)
    assert rank_correlation(x, -x) == pytest.approx(-1)
    assert rank_correlation(x, np.ones(4)) == 0.0
    with_nan = rank_correlation(np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, -9.0]))
    assert with_nan == pytest.approx(1)


def test_ties_share_their_rank() -> None:
    x, y = np.random.default_rng(0).integers(0, 4, (2, 50)).astype(float)
    y += x
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y).statistic)
    # Ranks in the order of occurrence, without ties, say something else.
    ordered = np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1]
    assert abs(ordered - rank_correlation(x, y)) > 0.02


def test_correlation_of_levels_is_pearsons() -> None:
    heard, wanted = np.random.default_rng(1).normal(-30, 9, (2, 200))
    wanted += heard
    assert micro_correlation(heard, wanted) == pytest.approx(pearsonr(heard, wanted).statistic)


def test_intervals_cover_the_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for trial in range(60):
        items = rng.exponential(1.0, 40)
        low, high = interval(lambda chosen, x=items: float(x[chosen].mean()), 40, trial)
        covered += low <= 1.0 <= high
    assert 50 <= covered <= 60


def test_one_item_has_an_interval_of_no_width() -> None:
    assert interval(lambda chosen: 3.0, 1) == (3.0, 3.0)
