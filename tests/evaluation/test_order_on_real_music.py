"""Does each measure put real music above other music, noise, and what is worse and worse?

The distance is on levels of mel bands, which nobody has trained, and on the embedding network that
ships.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from otio_hpm.dataset.sound import read_sound
from otio_hpm.evaluation.degradations import detuned, low_passed, with_buzz, with_noise
from otio_hpm.evaluation.dynamics import micro_correlation
from otio_hpm.evaluation.embedding_network import (
    SHIPPED,
    embeddings,
    load_embedding_network,
    taught_on,
)
from otio_hpm.evaluation.frechet import frechet_distance, gaussian
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.rhythm import rhythm, rhythm_scores, seconds_with_onsets
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls, controls_of

CONFIG = ModelConfig()
RATE, WINDOW = CONFIG.sample_rate, CONFIG.window_samples
NOISES_DB = (-40, -30, -20, -10, 0)
Sound = NDArray[np.float32]
Degraded = Callable[[Sound], Sound]


def windows(path: Path, count: int) -> list[Sound]:
    """The first windows of a recording's or film's sound."""
    stereo = read_sound(path, Fraction(0), count * WINDOW)
    return list(stereo.mean(axis=0).reshape(count, WINDOW))


@pytest.fixture(scope="module")
def truth(media: Callable[[str], Path]) -> list[Sound]:
    """Four windows of a string orchestra."""
    return windows(media("brahms_hungarian_dance_5.ogg"), 4)


@pytest.fixture(scope="module")
def other(media: Callable[[str], Path]) -> list[Sound]:
    """The sound of a cartoon."""
    first, second = windows(media("big_buck_bunny_0_30.webm"), 2)
    return [first, second, first, second]


def noisy(db: float) -> Degraded:
    return lambda sound: with_noise(sound, db, 0)


def white_noise(sound: Sound) -> Sound:
    level = np.sqrt(np.square(sound).mean())
    drawn = np.random.default_rng(len(sound)).standard_normal(len(sound), np.float32)
    return np.asarray(level * drawn, np.float32)


def bands(sound: Sound) -> NDArray[np.float64]:
    """Levels of mel bands in dB, no lower than is heard beside music. -> (frames, 16)"""
    mel = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=4096, hop_length=2048, n_mels=16, fmin=50, fmax=12_000
    )
    return np.maximum(10 * np.log10(mel / 256 + 1e-12), -60).T.astype(np.float64)


def distance(made: list[Sound], truth: list[Sound]) -> float:
    some, others = (
        gaussian(np.concatenate([bands(s) for s in sounds])) for sounds in (made, truth)
    )
    return frechet_distance(some, others)


def embedded_distance(made: Sound, truth: Sound) -> float:
    """FAD-embedded of excerpts that begin at every second."""
    network = load_embedding_network(SHIPPED)
    some, others = (
        gaussian(
            np.concatenate(
                [
                    embeddings(network, sound[start : start + 10 * RATE], RATE)
                    for start in range(0, len(sound) - 10 * RATE + 1, RATE)
                ]
            )
        )
        for sound in (made, truth)
    )
    return frechet_distance(some, others)


def heard(made: list[Sound], truth: list[Sound]) -> list[tuple[Controls, Controls]]:
    pairs = zip(made, truth, strict=True)
    return [(controls_of(a, CONFIG), controls_of(b, CONFIG)) for a, b in pairs]


def melody(made: list[Sound], truth: list[Sound]) -> float:
    return float(np.mean([melody_accuracy(a, b) for a, b in heard(made, truth)]))


def dynamics(made: list[Sound], truth: list[Sound]) -> float:
    pairs = heard(made, truth)
    return float(np.mean([micro_correlation(a.dynamics_db, b.dynamics_db) for a, b in pairs]))


def in_tune(made: list[Sound], truth: list[Sound]) -> float:
    return float(np.mean([in_tune_share(sound, RATE) for sound in made]))


def fallen(values: list[float]) -> bool:
    return all(worse < better for better, worse in pairwise(values))


def test_truth_is_nearest_and_noise_is_furthest(truth: list[Sound], other: list[Sound]) -> None:
    noise = [white_noise(sound) for sound in truth]
    assert fallen([-distance(made, truth) for made in (truth, other, noise)])
    melodies = [melody(made, truth) for made in (truth, other, noise)]
    assert melodies[0] == 1
    assert max(melodies[1:]) < 0.3  # both are as good as chance: this measure tells no noise
    levels = [dynamics(made, truth) for made in (truth, other, noise)]
    assert levels[0] == pytest.approx(1)
    assert max(levels[1:]) < 0.5
    tuned = [in_tune(made, truth) for made in (truth, noise)]
    assert tuned[0] > 0.8
    assert tuned[1] == pytest.approx(0.5, abs=0.05)


def test_the_network_that_ships_hears_flaws(truth: list[Sound], other: list[Sound]) -> None:
    assert taught_on(SHIPPED) is not None
    music = np.concatenate(truth)
    rungs = [music, *(noisy(db)(music) for db in NOISES_DB), white_noise(music)]
    assert fallen([-embedded_distance(made, music) for made in rungs])
    flawed = (low_passed(music, RATE), with_buzz(music, RATE, RATE / CONFIG.hop))
    for made in (*flawed, np.concatenate(other)):
        # More than the least noise, and less than nothing but noise.
        assert 1 < embedded_distance(made, music) < embedded_distance(rungs[-1], music)


def test_more_noise_is_worse_to_every_measure(truth: list[Sound]) -> None:
    rungs = [truth, *([noisy(db)(sound) for sound in truth] for db in NOISES_DB)]
    assert fallen([-distance(made, truth) for made in rungs])
    audible = [rungs[0], *rungs[3:]]  # less than -20 dB moves no pitch class and no level
    for measure in (melody, dynamics):
        assert fallen([measure(made, truth) for made in audible])
    tuned = [in_tune(made, truth) for made in audible]
    assert max(tuned[1:]) < tuned[0] + 0.002
    assert tuned[-1] < tuned[0] - 0.02


@pytest.mark.parametrize(
    ("degraded", "measures"),
    [
        (lambda sound: low_passed(sound, RATE), (distance,)),
        (lambda sound: with_buzz(sound, RATE, RATE / CONFIG.hop), (distance, melody, in_tune)),
        (lambda sound: detuned(sound, 50), (distance, melody, dynamics, in_tune)),
    ],
    ids=["without highs", "buzz at the frame rate", "50 cents off"],
)
def test_flaws_are_worse_than_none(
    degraded: Degraded, measures: tuple[Callable[[list[Sound], list[Sound]], float], ...],
    truth: list[Sound],
) -> None:  # fmt: skip
    made = [degraded(sound) for sound in truth]
    for measure in measures:
        sign = -1 if measure is distance else 1
        assert sign * measure(made, truth) < sign * measure(truth, truth), measure.__name__


def test_other_passages_share_many_seconds_with_onsets(truth: list[Sound]) -> None:
    heard = [seconds_with_onsets(sound, RATE) for sound in truth]
    shuffled = [rhythm(a, b) for a, b in zip(heard, heard[1:] + heard[:1], strict=True)]
    found = rhythm_scores(shuffled)
    # BCS 0.50 and BHS 0.48 of music that was written for no such picture: what a system reaches
    # is to be read beside its shuffled pairs.
    assert 0.3 < min(found.bcs, found.bhs) < max(found.bcs, found.bhs) < 0.8
