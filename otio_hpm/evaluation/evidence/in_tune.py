"""Point 2: in tune, in a key, each cue its own, and none by heart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import (
    Aim,
    Figure,
    Section,
    finite_mean,
    mean_figure,
    ratio_figure,
)
from otio_hpm.evaluation.intonation import BASS, in_tune_share
from otio_hpm.evaluation.tonality import chroma, key_clarity
from otio_hpm.evaluation.variety import HARMONY, apartness, features, nearest, scale_of
from otio_hpm.training.cache import sound_of_pair
from otio_hpm.training.corpus import Pair

STYLES = ("none", "auto", "maestro")
_NOISES = 8


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What is measured of each of some sounds."""

    in_tune: NDArray[np.float64]
    bass: NDArray[np.float64]
    clarity: NDArray[np.float64]
    features: NDArray[np.float64]


def in_tune(bench: Bench) -> Section:
    """Free, sketched and after a maestro, beside the composed truth and noise."""
    truth = _heard(bench.truth, bench.rate)
    noise = _heard((_noise(seed, bench.rate) for seed in range(_NOISES)), bench.rate)
    count = bench.sizes.known
    known = _features(bench.corpus.training_pairs(count), bench)
    familiar = _features(bench.corpus.familiar_pairs(bench.sizes.cues), bench)
    figures = [
        mean_figure("in tune, composed truth", truth.in_tune),
        mean_figure("in tune, white noise", noise.in_tune),
        mean_figure("in tune below 200 Hz, composed truth", truth.bass),
        mean_figure("in tune below 200 Hz, white noise", noise.bass),
        mean_figure("key clarity, composed truth", truth.clarity),
        mean_figure("key clarity, white noise", noise.clarity),
    ]
    scale = scale_of(known)[HARMONY]
    apart = nearest(familiar[:, HARMONY], known[:, HARMONY], scale)
    for style in STYLES:
        heard = _heard(bench.sounds(style), bench.rate)
        figures += _of_style(style, heard, truth)
        near = nearest(heard.features[:, HARMONY], known[:, HARMONY], scale)
        name = f"{style}: distance from the nearest of {count} training cues, of held-out truth's"
        figures.append(ratio_figure(name, near, apart))
    return Section(
        name="in-tune",
        title="In tune",
        figures=tuple(figures),
        remarks=(
            "Distance from training cues is that of the harmony's course, however it is played. "
            "A model that recites has one near 0; held-out truth is as far as chance has it. "
            "Training cues are those that were trained on only if training's scores are given "
            "too, and those searched are a part of them.",
        ),
    )


def _of_style(style: str, heard: _Heard, truth: _Heard) -> list[Figure]:
    scale = scale_of(truth.features)
    return [
        mean_figure(f"{style}: silent takes", np.isnan(heard.in_tune).astype(float)),
        mean_figure(f"{style}: in tune", heard.in_tune, aim=Aim(at_least=0.8)),
        mean_figure(f"{style}: in tune below 200 Hz", heard.bass),
        ratio_figure(
            f"{style}: key clarity, of the corpus's",
            heard.clarity,
            np.full(len(heard.clarity), finite_mean(truth.clarity)),
            aim=Aim(at_least=0.85),
        ),
        ratio_figure(
            f"{style}: diversity between cues, of the corpus's",
            apartness(heard.features, scale),
            apartness(truth.features, scale),
            aim=Aim(at_least=0.7),
        ),
    ]


def _heard(sounds: Iterable[Sound], rate: int) -> _Heard:
    rows = [
        (
            in_tune_share(s, rate),
            in_tune_share(s, rate, BASS),
            key_clarity(chroma(s, rate).sum(axis=1)),
            features(s, rate),
        )
        for s in sounds
    ]
    tune, bass, clarity, found = zip(*rows, strict=True)
    return _Heard(
        in_tune=np.array(tune), bass=np.array(bass), clarity=np.array(clarity),
        features=np.stack(found),
    )  # fmt: skip


def _features(pairs: Iterable[Pair], bench: Bench) -> NDArray[np.float64]:
    sounds = (sound_of_pair(pair, bench.config) for pair in pairs)
    return np.stack([features(sound, bench.rate) for sound in sounds])


def _noise(seed: int, rate: int) -> Sound:
    """Ten seconds of white noise."""
    return 0.1 * np.random.default_rng(seed).standard_normal(10 * rate).astype(np.float32)
