"""The evidence hears composed truth at the rate of the model that it judges."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tone_pairs import CONFIG, tone_pair

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.evidence.material import Corpus
from otio_hpm.evaluation.evidence.run import outlook
from otio_hpm.evaluation.evidence.sizes import Sizes
from otio_hpm.evaluation.evidence.takes import Takes
from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.training.corpus import Pair

_A = 9
SLOW = dataclasses.replace(
    CONFIG, sample_rate=16_000, n_fft=1024, hop=1024, linear_to_hz=320.0, top_hz=7600.0
)
"""Windows of 10.24 s at 16 kHz."""


class Steady(Corpus):
    """Cues of a steady A, as composed ones are at 48 kHz."""

    def pairs(self, count: int) -> list[Pair]:
        sound = np.sin(2 * np.pi * 440 * np.arange(491_520) / 48_000).astype(np.float32) / 4
        return [dataclasses.replace(tone_pair(seed), audio=sound) for seed in range(count)]


def bench_of(config: ModelConfig, folder: Path) -> Bench:
    corpus = Steady(split="development", held_out=folder, training=folder)
    return Bench(Takes(folder, HpmPipeline(config, "cpu", "float32")), corpus, Sizes(cues=1))


@pytest.mark.parametrize("config", [CONFIG, SLOW], ids=["48 kHz", "16 kHz"])
def test_truth_has_its_pitch_and_length_at_any_rate(config: ModelConfig, tmp_path: Path) -> None:
    bench = bench_of(config, tmp_path)
    (truth,) = bench.truth
    assert len(truth) == config.window_samples
    assert in_tune_share(truth, bench.rate) > 0.9
    (heard,) = bench.controls
    assert np.mean(heard.melody == _A) > 0.9
    assert len(heard.melody) == config.window_frames


def test_a_model_that_sees_by_encoders_is_shown_no_tiny_pictures(tmp_path: Path) -> None:
    bench = bench_of(dataclasses.replace(CONFIG, semantic_size=512), tmp_path)
    with pytest.raises(ModelError, match="composed pictures are too small"):
        outlook(bench, ["in-tune"])
    assert outlook(bench, ["round-trip"]).windows == 0


def test_what_follows_takes_the_model_s_own_steps(tmp_path: Path) -> None:
    v, noise = (
        bench_of(dataclasses.replace(CONFIG, prediction=kind), tmp_path).sampling
        for kind in ("v", "epsilon")
    )
    assert [s.steps_for(followed=True) for s in (v, noise)] == [5, 10]
    assert [s.steps_for(followed=False) for s in (v, noise)] == [20, 20]
