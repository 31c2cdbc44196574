"""A film scored by a model that was made from an AudioLDM folder, at toy size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from audioldm_folder import save_audioldm
from marked_film import make_film, make_maestro
from readback import read_back

from otio_hpm.__main__ import main
from otio_hpm.model.audioldm.convert import convert
from otio_hpm.scoring.job import plan
from otio_hpm.settings import ModelSettings, Settings

MARKS = ("SCORE", None, 'SCORE maestro="theme.wav" style=both')
QUICK = ("--device", "cpu", "--steps", "1", "--window", "2.5s", "--overlap", "0.5s",
         "--progress", "none", "--json")  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    source = save_audioldm(folder / "audioldm")
    return convert(source, folder / "hpm", sees="measured").folder


@pytest.fixture(scope="module")
def scored(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    make_maestro(folder / "theme.wav")
    cut, out = make_film(folder, MARKS), folder / "out.otio"
    assert main(["score", str(cut), "-o", str(out), "--model", str(model), *QUICK]) == 0
    return out


def sidecars(scored: Path) -> list[Any]:
    found = sorted((scored.parent / "out_audio").glob("*.json"))
    return [json.loads(p.read_text("utf-8")) for p in found if "sketch" not in p.name]


def test_its_sound_is_delivered_at_48_khz_to_the_sample(scored: Path) -> None:
    assert [reading.problems for reading in read_back(scored)] == [(), ()]
    for facts in sidecars(scored):
        found = soundfile.info(scored.parent / "out_audio" / facts["audio"]["file"])
        assert found.samplerate == 48_000
        assert found.frames == facts["audio"]["samples"]


def test_the_sidecar_says_what_it_may_be_used_for_and_how_it_was_computed(scored: Path) -> None:
    assert len(sidecars(scored)) == 2
    for facts in sidecars(scored):
        assert facts["model"]["licence"] == "CC-BY-NC-SA-4.0"
        assert facts["model"]["device"] == "cpu"
        assert facts["model"]["precision"] in ("float32", "bf16")
        assert facts["windows"]["sample_rate"] == 16_000


def test_a_precision_that_is_asked_for_is_told_and_renders_anew(
    scored: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, out = scored.parent / "cut.otio", scored.parent / "whole.otio"
    arguments = ["score", str(cut), "-o", str(out), "--model", str(model), *QUICK, "--only", "1m1"]
    assert main([*arguments, "--precision", "float32"]) == 0
    assert not json.loads(capsys.readouterr().out)["cues"][0]["reused"]
    (facts,) = (json.loads(p.read_text()) for p in (out.parent / "whole_audio").glob("*t01.json"))
    assert facts["model"]["precision"] == "float32"
    assert main([*arguments, "--precision", "fp16", "--overwrite", "--seed", "2"]) == 8
    assert "does not compute in fp16" in capsys.readouterr().err


def test_what_predicts_noise_follows_in_more_steps_than_the_embedded_model(
    model: Path, scored: Path
) -> None:
    cut, out = scored.parent / "cut.otio", scored.parent / "never.otio"
    own, named = (
        [plan(cut, out, Settings(model=ModelSettings(model=name, device="cpu", **steps)))
         for name in ("embedded", str(model))]
        for steps in ({}, {"followed_steps": 7})
    )  # fmt: skip
    assert [p.settings.model.steps_for(followed=True) for p in own] == [5, 10]
    assert [p.settings.model.steps_for(followed=False) for p in own] == [20, 20]
    assert [p.settings.model.steps_for(followed=True) for p in named] == [7, 7]


def test_a_model_whose_encoders_are_still_to_be_added_says_so(
    model: Path, scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blind = convert(model.parent / "audioldm", tmp_path / "blind").folder
    cut, out = scored.parent / "cut.otio", tmp_path / "out.otio"
    assert main(["score", str(cut), "-o", str(out), "--model", str(blind), *QUICK]) == 8
    assert "film convert" in capsys.readouterr().err
    assert main(["spot", str(cut), "--model", str(blind), "--progress", "none", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["warnings"]
    assert sum("has no clip encoder" in words and "film convert" in words for words in told) == 1


def test_a_model_that_no_film_has_taught_says_so_once(
    model: Path, scored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = str(scored.parent / "cut.otio")
    for name, count in ((str(model), 1), ("debug", 0)):
        assert main(["spot", cut, "--model", name, "--progress", "none", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)["warnings"]
        assert sum("has not been trained on film" in words for words in told) == count
    planned = plan(cut, scored, Settings(model=ModelSettings(model=str(model))))
    assert sum("has not been trained on film" in words for words in planned.warnings) == 1
