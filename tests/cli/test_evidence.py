"""`otio-hpm evidence` from end to end with the debug model, on two cues."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from coded_media import write_movie
from marked_film import make_maestro

from otio_hpm.__main__ import main
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest

pytestmark = pytest.mark.usefixtures("soundfonts")

SECTIONS = [
    "round-trip", "in-tune", "control", "picture", "joins", "ladder", "speed", "pictures",
]  # fmt: skip


def evidence(folder: Path, *more: str) -> int:
    few = ["--cues", "2", "--steps", "1", "--device", "cpu", "--split", "development"]
    return main(["evidence", "debug", *few, "-o", str(folder), *more])


@pytest.fixture(scope="module")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    write_movie(folder / "roll.mp4", 24 * 12)
    make_maestro(folder / "theme.wav", 3.0)
    (folder / "notes.txt").write_text("neither picture nor sound", "utf-8")
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, media_folder: Path) -> Path:
    """A folder that the whole command wrote."""
    folder = tmp_path_factory.mktemp("evidence")
    assert evidence(folder, "--media", str(media_folder), "--half", "debug") == 0
    return folder


@pytest.fixture(scope="module")
def found(written: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((written / "evidence.json").read_text("utf-8"))
    return document


def figures(document: dict[str, Any], section: str) -> dict[str, Any]:
    chosen = next(s for s in document["sections"] if s["name"] == section)
    return {figure["name"]: figure for figure in chosen["figures"]}


def test_every_point_is_measured(found: dict[str, Any]) -> None:
    assert [section["name"] for section in found["sections"]] == SECTIONS
    assert found["facts"]["cues"] == 2
    assert len(found["facts"]["checksum"]) == 64
    assert "roll.mp4 at 0.0 s" in found["facts"]["footage"]
    assert found["facts"]["recordings"] == "theme.wav at 0.0 s"


def test_every_aim_has_a_verdict_and_every_value_its_items(found: dict[str, Any]) -> None:
    for section in found["sections"]:
        for figure in section["figures"]:
            assert (figure["met"] is None) == (figure["aim"] is None), figure["name"]
            assert len(figure["items"]) > 0, figure["name"]


def test_references_are_what_they_must_be(found: dict[str, Any]) -> None:
    in_tune = figures(found, "in-tune")
    assert in_tune["in tune, white noise"]["value"] == pytest.approx(0.5, abs=0.02)
    assert in_tune["in tune, composed truth"]["value"] > 0.8
    kept = figures(found, "round-trip")
    within = (
        kept[f"{name}: contrast within wide bands, above the original's"]["value"]
        for name in ("vocoder alone", "Griffin-Lim alone")
    )
    assert all(value < 0 for value in within)  # on straight lines between bands, nothing stands out
    assert kept["Griffin-Lim alone: distance within wide bands"]["value"] > 0
    ladder = figures(found, "ladder")
    assert ladder["in tune: 50 cents off"]["value"] < 0.3
    assert ladder["log-spectral distance: composed truth"]["value"] == 0.0
    for name in ("free, half trained", "that, half trained"):
        assert f"in tune: {name}" in ladder
    assert figures(found, "round-trip")["Griffin-Lim alone: chroma agreement"]["value"] > 0.7


def test_a_random_model_does_not_follow(found: dict[str, Any]) -> None:
    above = figures(found, "control")["both: melody accuracy above that"]
    assert above["value"] < 0.35 and above["met"] is False


def test_the_document_tells_verdicts_in_words_and_shows_the_paper(written: Path) -> None:
    text = (written / "evidence.md").read_text("utf-8")
    assert "| at least 0.88 | falls short |" in text
    assert "| FilmScoreDB | both | DITTO | 52.3 | 61.7 | 82.4 |" in text
    assert "other data" in text
    assert "50 cents off | right |" in text
    for name in ("cue_1.png", "cue_4.png"):
        assert f"![{name}]({name})" in text
        assert 5_000 < (written / name).stat().st_size < 1_000_000


def test_a_rerun_generates_nothing_and_finds_the_same(
    written: Path, media_folder: Path, found: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(HpmPipeline, "generate", _refuse)
    more = ("--media", str(media_folder), "--half", "debug", "--measures", "joins,in-tune")
    assert evidence(written, *more, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert [section["name"] for section in again["sections"]] == SECTIONS
    for name in ("in-tune", "joins", "speed"):
        assert figures(again, name) == figures(found, name)


def test_a_stopped_run_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generate, made = HpmPipeline.generate, []

    def until_stopped(pipeline: HpmPipeline, request: CueRequest) -> Any:
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(request)
        return generate(pipeline, request)

    with monkeypatch.context() as patch:
        patch.setattr(HpmPipeline, "generate", until_stopped)
        assert evidence(tmp_path, "--measures", "in-tune") == 130
    assert not (tmp_path / "evidence.json").exists()
    capsys.readouterr()
    assert evidence(tmp_path, "--measures", "in-tune") == 0
    assert "3 windows to generate" in capsys.readouterr().err
    assert len(list((tmp_path / "takes").glob("*.npy"))) == 6


def test_figures_of_other_material_are_not_kept(tmp_path: Path) -> None:
    assert evidence(tmp_path, "--measures", "round-trip") == 0
    assert evidence(tmp_path, "--measures", "pictures", "--split", "test") == 0
    document = json.loads((tmp_path / "evidence.json").read_text("utf-8"))
    assert [section["name"] for section in document["sections"]] == ["pictures"]
    assert math.isfinite(document["facts"]["steps"])
    assert document["facts"]["preset"] == "default"


def test_an_unknown_measure_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evidence(tmp_path, "--measures", "in-tune,beauty") == 2
    assert "'beauty' is no measure" in capsys.readouterr().err


def test_a_soundfont_that_is_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.sf2").write_bytes(b"no soundfont")
    more = ("--soundfont", str(tmp_path / "mine.sf2"), "--measures", "round-trip")
    assert evidence(tmp_path, *more) == 8
    assert "mine.sf2 is not a soundfont" in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom otio_hpm.__main__ import main\nassert main(['evidence', '--help']) == 0\n"
        "print([n for n in ('torch', 'numpy', 'librosa', 'rich') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def _refuse(pipeline: HpmPipeline, request: CueRequest) -> Any:
    raise AssertionError("this was generated before")
