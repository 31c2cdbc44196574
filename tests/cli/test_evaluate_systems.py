"""`otio-hpm evaluate` on composed pairs: ways of sampling, DITTO's clips, and networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from otio_hpm.__main__ import main
from otio_hpm.evaluation.embedding_network import TAUGHT_ON, EmbeddingNetwork
from otio_hpm.evaluation.evidence.material import Corpus
from otio_hpm.evaluation.tables import made_by_model, run
from otio_hpm.files import sha256_of
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest

MEASURES = "sync,copies,joins,time"
"""Of each kind of what clips are held against one."""


@pytest.fixture(autouse=True)
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take their time, and are tested elsewhere."""
    monkeypatch.setattr(run, "can_draw", lambda: False)


def evaluate(folder: Path, *named: str) -> int:
    return main(["evaluate", "composed:3", "--model", "debug", "--steps", "1", "--device", "cpu",
                 "-o", str(folder), *named])  # fmt: skip


def document(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return found


@pytest.mark.usefixtures("soundfonts")
def test_systems_are_sampled_as_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[tuple[object, ...], list[int]] = {}

    def generate(pipeline: HpmPipeline, request: CueRequest) -> NDArray[np.float32]:
        model, controls = request.model, request.controls
        melody = controls is not None and bool(controls.melody_present.any())
        level = controls is not None and bool(controls.dynamics_present.any())
        key = (model.style_engine, model.sampler, model.steps, model.guidance,
               float(request.music.window_s), request.music.join, melody, level)  # fmt: skip
        asked.setdefault(key, []).append(request.seed)
        drawn = np.random.default_rng(len(asked)).standard_normal(request.samples, np.float32)
        return 0.1 * drawn

    monkeypatch.setattr(HpmPipeline, "generate", generate)
    monkeypatch.setattr(made_by_model, "SUBSET", 2)
    names = ("hpm", "hpm:sampler=ddim,steps=7,style=melody", "hpm:guidance=5",
             "hpm:window=5,join=crossfade", "ditto:style=dynamics")  # fmt: skip
    named = [part for name in names for part in ("--system", name)]
    assert evaluate(tmp_path, *named, "--measures", MEASURES) == 0
    assert asked == {
        ("s-control", "dpm++", 1, 6.0, 10.0, "joint", False, False): [0, 1, 2],
        ("s-control", "ddim", 7, 6.0, 10.0, "joint", True, False): [0, 1, 2],
        ("s-control", "dpm++", 1, 5.0, 10.0, "joint", False, False): [0, 1, 2],
        ("s-control", "dpm++", 1, 6.0, 5.0, "crossfade", False, False): [0, 1, 2],
        ("ditto", "dpm++", 1, 6.0, 10.0, "joint", False, True): [0, 1],
    }
    whole, first = document(tmp_path, "table.json"), document(tmp_path, "table-2.json")
    assert set(first["systems"]) - set(whole["systems"]) == {"ditto:style=dynamics"}
    assert (whole["facts"]["clips"], first["facts"]["clips"]) == (3, 2)
    figures = {name: system["figures"] for name, system in first["systems"].items()}
    assert figures["ditto:style=dynamics"]["s per window"]["value"] >= 0
    assert "s per window" not in figures["truth"]
    assert "level at joins" in figures["hpm:window=5,join=crossfade"]
    assert "level at joins" not in figures["hpm"]
    assert figures["truth"]["copies"]["value"] == 0
    assert set(figures["noise"]) >= {"cuts met", "hits met", "nearest known"}


def test_a_network_does_not_judge_the_soundfont_that_taught_it(
    soundfonts: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    weights = tmp_path / "network.safetensors"
    taught = {TAUGHT_ON: sha256_of(soundfonts.held_out)}
    save_file(dict(EmbeddingNetwork(8, width=4).state_dict()), weights, taught)
    named = ("--embedding", str(weights), "--measures", "fad-embedded")
    assert evaluate(tmp_path / "out", *named) == 2
    assert "was taught on" in capsys.readouterr().err
    save_file(dict(EmbeddingNetwork(8, width=4).state_dict()), weights, {TAUGHT_ON: "another"})
    assert evaluate(tmp_path / "out", *named) == 0
    found = document(tmp_path / "out", "table.json")
    assert found["facts"]["embedding taught on soundfont"] == "another"
    assert found["systems"]["truth"]["figures"]["FAD-embedded"]["value"] == pytest.approx(
        0, abs=1e-6
    )
    assert found["systems"]["noise"]["figures"]["FAD-embedded"]["value"] > 0


@pytest.mark.usefixtures("soundfonts")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ditto", "ditto has nothing to follow"),
        ("hpm:lora=.", "hpm:lora=. has nothing to follow"),
        ("hpm:window=60", "a window of 60 s is not possible"),
    ],
)
def test_systems_that_cannot_be_made_are_refused_before_anything_is_made(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(tmp_path, "--system", name, "--measures", "rhythm") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "table.md").exists()
