"""Scoring with DITTO: it renders, tells of itself, and refuses what it cannot follow."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from marked_film import make_film, make_maestro

import otio_hpm
from otio_hpm.cli.group import cli
from otio_hpm.errors import SettingsError
from otio_hpm.settings import ModelSettings, Settings

PLAIN = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))


def ditto(**changes: Any) -> Settings:
    chosen = {"style_engine": "ditto", "ditto_steps": 2, **changes}
    return PLAIN.with_changes({"model": chosen})


@pytest.mark.parametrize("source", ["picture", "maestro"])
def test_a_cue_is_scored_and_its_sidecar_tells_how(tmp_path: Path, source: str) -> None:
    theme = make_maestro(tmp_path / "theme.wav").name
    cut = make_film(tmp_path, ("SCORE" if source == "picture" else f"SCORE maestro={theme}",))
    stages: dict[str, float] = {}

    def listen(told: Any) -> None:
        stages[told.stage] = told.fraction

    result = otio_hpm.score(cut, tmp_path / "out.otio", ditto(), progress=listen)
    facts = json.loads(result.cues[0].sidecar.read_text("utf-8"))
    assert facts["cue"]["follows"] == source
    told = facts["settings"]["model"]
    assert (told["style_engine"], told["ditto_steps"]) == ("ditto", 2)
    assert stages["optimise"] == 1 and "denoise" not in stages
    again = otio_hpm.plan(cut, tmp_path / "out.otio", ditto())
    assert again.to_render == ()


def test_the_engine_and_its_steps_decide_the_sound(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    prints = {
        otio_hpm.plan(cut, tmp_path / "out.otio", settings).cues[0].fingerprint
        for settings in (PLAIN, ditto(), ditto(ditto_steps=3))
    }
    assert len(prints) == 3
    unused = PLAIN.with_changes({"model": {"ditto_steps": 9}})
    assert otio_hpm.plan(cut, tmp_path / "out.otio", unused).cues[0].fingerprint in prints


def test_spot_says_it_and_reckons_with_it(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    seconds = [
        otio_hpm.spot(cut, ditto(followed_steps=20, ditto_steps=count)).estimated_s
        for count in (35, 70)
    ]
    # Each step of the optimiser costs three samplings, of 0.2 s a window.
    assert seconds == [21, 42]
    arguments = ["spot", str(cut), "--model", "debug", "--style-engine", "ditto"]
    shown = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "followed by DITTO in up to 70 steps" in " ".join(shown.output.split())


def test_a_cue_that_follows_nothing_is_refused_by_number(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE", "SCORE style=none"))
    with pytest.raises(SettingsError, match="cue 1m2 follows nothing"):
        otio_hpm.score(cut, tmp_path / "out.otio", ditto())
    assert not (tmp_path / "out.otio").exists()
    spotted = otio_hpm.spot(cut, ditto())
    assert [bool(cue.problems) for cue in spotted.cues] == [False, True]


def test_a_house_style_is_refused(tmp_path: Path) -> None:
    from otio_hpm.scoring.source import unfit_for_ditto

    cut = make_film(tmp_path, ("SCORE",))
    cue = otio_hpm.plan(cut, tmp_path / "out.otio", ditto()).cues[0].cue
    assert unfit_for_ditto(cue) == ""
    assert "house style" in unfit_for_ditto(dataclasses.replace(cue, lora=tmp_path))


@pytest.mark.parametrize(
    ("change", "word"), [({"ditto_steps": 0}, "0 steps"), ({"precision": "fp16"}, "fp16")]
)
def test_settings_that_mean_nothing_are_refused(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(SettingsError, match=word):
        otio_hpm.spot(make_film(tmp_path, ("SCORE",)), ditto(**change))
