"""What the ladder measures of each rung: means of sounds, and distances of whole sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.embedding_network import SHIPPED, embeddings, load_embedding_network
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import finite_mean
from otio_hpm.evaluation.frame_rate import line_prominence_db
from otio_hpm.evaluation.frechet import frechet_distance, gaussian
from otio_hpm.evaluation.intervals import Statistic
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.spectral import log_spectral_distance
from otio_hpm.evaluation.tonality import chroma, key_clarity
from otio_hpm.evaluation.variety import distances, features, scale_of
from otio_hpm.music.controls import controls_of


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a measure finds on one rung."""

    items: NDArray[np.float64]
    """The value of each sound."""
    statistic: Statistic
    """The figure of some of the items."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A figure of quality."""

    read: Callable[[Sequence[Sound]], Reading]
    """Told the sounds of a rung."""
    more_is_better: bool = True
    blind: tuple[str, ...] = ()
    """Rungs that it says nothing about."""


def measures(bench: Bench, made: tuple[str, ...]) -> dict[str, Measure]:
    """The figures by name; FAD-embedded where there are other cues to be held against.

    `made` are rungs of other music than the truth's: what compares with it says nothing of them.
    """
    config, rate = bench.config, bench.rate
    corpus = np.stack([features(sound, rate) for sound in bench.truth])
    scale = scale_of(corpus)

    def from_corpus(sound: Sound, index: int) -> float:
        apart = distances(features(sound, rate)[None], corpus, scale)[0]
        return float(np.delete(apart, index).min())

    def line(sound: Sound, index: int) -> float:
        return float(line_prominence_db(sound, rate, rate / config.hop).max())

    def agreement(sound: Sound, index: int) -> float:
        return melody_accuracy(controls_of(sound, config), bench.controls[index])

    found = {
        "in tune": mean_of(lambda s, i: in_tune_share(s, rate)),
        "key clarity": mean_of(lambda s, i: key_clarity(chroma(s, rate).sum(axis=1))),
        "frame-rate line, dB": mean_of(line, more_is_better=False),
        "distance from the corpus": mean_of(from_corpus, more_is_better=False),
        "chroma agreement": mean_of(agreement, blind=made),
        "log-spectral distance": mean_of(
            lambda s, i: log_spectral_distance(s, bench.truth[i], config), more_is_better=False,
            blind=made,
        ),
    }  # fmt: skip
    others = bench.truth[bench.sizes.rungs :]
    return found | ({"FAD-embedded": frechet_from(others, rate)} if len(others) > 1 else {})


def mean_of(
    measure: Callable[[Sound, int], float], *, more_is_better: bool = True,
    blind: tuple[str, ...] = (),
) -> Measure:  # fmt: skip
    """The mean of what is measured of each sound, which is told its number."""

    def read(sounds: Sequence[Sound]) -> Reading:
        items = np.array([measure(sound, i) for i, sound in enumerate(sounds)])
        return Reading(items=items, statistic=lambda chosen: finite_mean(items[chosen]))

    return Measure(read=read, more_is_better=more_is_better, blind=blind)


def frechet_from(others: Sequence[Sound], rate: int) -> Measure:
    """Distance of a set from others at 10 s or more; items are those of each from their mean.

    On the shipped network. Of few sounds it lies above what many would give.
    """
    network = load_embedding_network(SHIPPED)

    def embedded(sounds: Sequence[Sound]) -> NDArray[np.float32]:
        return np.stack([embeddings(network, sound, rate)[0] for sound in sounds])

    reference = gaussian(embedded(others))

    def read(sounds: Sequence[Sound]) -> Reading:
        found = embedded(sounds)
        return Reading(
            items=np.linalg.norm(found - reference.mean, axis=1),
            statistic=lambda chosen: frechet_distance(gaussian(found[chosen]), reference),
        )

    return Measure(read=read, more_is_better=False)
