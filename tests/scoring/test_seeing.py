"""Scoring with a model that sees by CLIP, TAVAR and CTEN, and with features left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from marked_film import make_film
from tiny_encoders import bare_model, seeing_model

import otio_hpm.scoring.job as job
from otio_hpm.errors import ModelError
from otio_hpm.film.frames import read_frames
from otio_hpm.film.published.encoders import FilmEncoder
from otio_hpm.scoring.seeing import see, watcher_of
from otio_hpm.settings import ModelSettings, Settings


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeing")
    return seeing_model(folder / "model", folder / "sources")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def settings_of(model: Path | str, **changes: Any) -> Settings:
    sampling = ModelSettings(model=str(model), device="cpu", steps=1, followed_steps=1, **changes)
    return Settings(model=sampling)


def sidecar(result: job.ScoreResult) -> Any:
    return json.loads(result.cues[0].sidecar.read_text("utf-8"))


def sound(result: job.ScoreResult) -> np.ndarray:
    return soundfile.read(result.cues[0].wav)[0]


def test_a_cue_is_scored_from_what_the_encoders_see(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = make_film(tmp_path, ("SCORE style=none",))
    first = job.score(cut, tmp_path / "a.otio", settings_of(model))
    told = sidecar(first)
    assert told["film"] == {
        "by": {"clip": "MIT", "tavar": "LicenseRef-unstated", "cten": "LicenseRef-unstated"},
        "without": [],
    }
    assert told["model"]["licence"] == "Apache-2.0 AND MIT AND LicenseRef-unstated"
    looks = FilmEncoder.look
    monkeypatch.setattr(FilmEncoder, "look", lambda self, frames: 2 * looks(self, frames) + 1)
    kept = job.score(cut, tmp_path / "b.otio", settings_of(model))
    assert np.array_equal(sound(first), sound(kept))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    other = job.score(cut, tmp_path / "c.otio", settings_of(model))
    assert not np.array_equal(sound(first), sound(other))


def test_what_is_left_out_makes_another_cue_and_is_recorded(model: Path, tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE style=none",))
    whole = job.score(cut, tmp_path / "out.otio", settings_of(model))
    less = settings_of(model, without=("semantic",))
    partial = job.score(cut, tmp_path / "out.otio", less, overwrite=True)
    assert (whole.cues[0].take, partial.cues[0].take) == (1, 2)
    assert sidecar(partial)["film"]["without"] == ["semantic"]
    assert not np.array_equal(sound(whole), sound(partial))


def test_the_model_that_measures_can_leave_features_out_too(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE style=none",))
    heard = []
    for without in ((), ("semantic",), ("aesthetic",), ("emotion",)):
        settings = settings_of("debug", without=without)
        result = job.score(cut, tmp_path / "out.otio", settings, overwrite=True)
        assert sidecar(result)["film"] == {"by": "measured descriptors", "without": list(without)}
        heard.append(sound(result).tobytes())
    assert len(set(heard)) == 4


def test_an_encoder_that_is_missing_is_said_before_anything_is_rendered(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    bare = bare_model(tmp_path / "bare")
    with pytest.raises(ModelError, match="has no clip encoder") as raised:
        job.score(cut, tmp_path / "out.otio", settings_of(bare))
    assert "film convert clip" in raised.value.hint
    assert not (tmp_path / "out_audio").exists()


def test_long_cues_are_decoded_by_windows_and_seen_to_their_end(
    model: Path, tmp_path: Path
) -> None:
    cut = make_film(tmp_path, ("SCORE cue=1m1",) * 6)
    plan = job.plan(cut, tmp_path / "out.otio", settings_of(model))
    (planned,) = plan.cues
    assert len(planned.windows.starts) == 2
    shares: list[float] = []
    seen = see(planned, plan, watcher_of(plan), shares.append)
    plain = read_frames(planned.picture, planned.start_frames, planned.end_frames, plan.cut.rate)
    assert seen.frames.shape == plain.shape
    assert np.abs(seen.frames.astype(int) - plain).mean() < 3
    assert np.abs(seen.frames[-1].astype(int) - plain[-1]).mean() < 3
    assert seen.descriptors is not None
    assert seen.descriptors.shape == (2, 10, 31)
    assert not np.array_equal(seen.descriptors[0], seen.descriptors[1])
    assert shares == [0.5, 1.0]


def test_a_model_that_measures_has_no_watcher(tmp_path: Path) -> None:
    plan = job.plan(make_film(tmp_path), tmp_path / "out.otio", settings_of("debug"))
    assert watcher_of(plan) is None
    assert see(plan.cues[0], plan, None, lambda share: None).descriptors is None
