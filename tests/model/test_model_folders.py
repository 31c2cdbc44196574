"""Which folder a model's name means, and what a user is told where it means none."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from otio_hpm.errors import ModelError
from otio_hpm.model.checkpoint import model_folder, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import installed_models, models_home, sources_home
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.verification import verify


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_data_folder_of_the_platform_holds_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTIO_HPM_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert models_home() == tmp_path / "otio-hpm" / "models"
    assert installed_models() == {}


def test_an_installed_model_is_known_by_its_name(home: Path) -> None:
    shutil.copytree(model_folder("debug"), home / "house")
    assert installed_models() == {"house": home / "house"}
    assert model_folder("house") == home / "house"
    assert model_folder(str(home / "house")) == home / "house"


def test_a_shipped_name_cannot_be_taken(home: Path) -> None:
    shipped = model_folder("embedded")
    shutil.copytree(model_folder("debug"), home / "embedded")
    assert model_folder("embedded") == shipped


@pytest.mark.parametrize("name", ["cvssp/audioldm-s-full-v2", "audioldm-s-full-v2"])
def test_what_could_be_had_is_not_fetched_but_named(home: Path, name: str) -> None:
    with pytest.raises(ModelError, match="neither shipped nor installed") as error:
        model_folder(name)
    assert "otio-hpm model fetch audioldm-s-full-v2" in error.value.hint
    (sources_home() / "audioldm-s-full-v2").mkdir(parents=True)
    with pytest.raises(ModelError) as error:
        model_folder(name)
    assert "otio-hpm model convert audioldm audioldm-s-full-v2" in error.value.hint
    assert "fetch" not in error.value.hint


def test_an_unknown_name_lists_what_there_is(home: Path) -> None:
    shutil.copytree(model_folder("debug"), home / "house")
    with pytest.raises(ModelError) as error:
        model_folder("no/such")
    assert "debug, embedded, house" in error.value.hint


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([1], "it is no object"),
        ({"unet_channels": "wide"}, "unet_channels cannot be 'wide'"),
        ({"unet_channels": [96, None]}, "unet_channels cannot be"),
        ({"betas": [0.1]}, "betas cannot be"),
        ({"hop": 1.5}, "hop cannot be 1.5"),
        ({"hop": True}, "hop cannot be True"),
        ({"log_scale": float("inf")}, "log_scale cannot be inf"),
        ({"noise": "pink"}, "noise cannot be 'pink'"),
        ({"text": {"layers": 1, "run": "rm"}}, "run"),
        ({"colour": 3}, "colour"),
    ],
)
def test_a_configuration_that_means_nothing_is_refused(
    told: object, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(ModelError, match=rf"config\.json cannot be read: .*{words}"):
        ModelConfig.load(path)


def test_shapes_that_no_network_has_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(model_folder("debug"), tmp_path / "model")
    config = ModelConfig.load(folder / "config.json")
    dataclasses.replace(config, unet_channels=(7, 7)).save(folder / "config.json")
    write_checksums(folder)
    for load in (HpmPipeline.load, verify):
        with pytest.raises(ModelError, match="no networks can be built of the shapes"):
            load(str(folder))


@pytest.mark.parametrize("tuning_hz", [0, -440, "440", [440], True, 1e-9, float("nan")])
def test_a_tuning_that_is_none_is_refused(tuning_hz: object, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"tuning_hz": tuning_hz}), "utf-8")
    with pytest.raises(ModelError, match=r"config\.json cannot be read: tuning_hz is null"):
        ModelConfig.load(path)
    for good in (None, 415, 442.5):
        path.write_text(json.dumps({"tuning_hz": good}), "utf-8")
        assert ModelConfig.load(path).tuning_hz == good
