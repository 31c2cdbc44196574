"""`otio-hpm dataset`: from a list of films to a dataset that is looked at and checked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from small_films import write_film

from otio_hpm.__main__ import main


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "one.mov", 10, 1, size=(32, 32))
    write_film(folder / "two.mov", 21, 2, size=(32, 32))
    text = "film,composer,genres,media\nOne,A,drama,one.mov\nTwo,B,war; drama,two.mov\n"
    (folder / "films.csv").write_text(text)
    return folder


def test_a_list_becomes_a_dataset(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "set")
    command = ["dataset", "build", str(films / "films.csv"), "-o", folder, "--keep-dialogue"]
    assert main([*command, "--validation", "1/2", "--test", "0.25", "--seed", "4"]) == 0
    told = capsys.readouterr()
    assert "3 clips, 0.01 hours" in told.out
    assert "      3  drama" in told.out
    assert "dropped 1 ends of segments after their last whole 10 s, 1.0 s" in told.out
    assert "report in" in told.err
    assert main(["dataset", "info", folder, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert sum(summary["clips"].values()) == 3
    assert summary["composers"] == {"B": 2, "A": 1}
    assert main(["dataset", "verify", folder, "--decode"]) == 0
    assert capsys.readouterr().out == f"{folder} is whole\n"
    assert main(command) == 5
    assert "begun with other shares, seed" in capsys.readouterr().err


def test_what_is_wrong_with_a_dataset_is_listed(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    main(["dataset", "build", str(films / "films.csv"), "-o", str(folder), "--keep-dialogue"])
    told = capsys.readouterr().err
    early = "warning: none of 2 films is drawn for validation: --seed "
    assert told.index(early) < told.index("validation split is empty, and training needs it")
    assert "of 2 films is drawn for validation: --seed " in (folder / "report.html").read_text()
    next(folder.glob("*.tar")).unlink()
    capsys.readouterr()
    assert main(["dataset", "verify", str(folder)]) == 5
    told = capsys.readouterr()
    assert "cannot be read: No such file" in told.out
    assert "wrong with" in told.err


def test_films_of_which_no_clip_is_left_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_film(tmp_path / "short.mov", 9, 1, size=(32, 32))
    (tmp_path / "films.csv").write_text("film,media\nShort,short.mov\n")
    folder = tmp_path / "set"
    command = ["dataset", "build", str(tmp_path / "films.csv"), "-o", str(folder)]
    assert main([*command, "--keep-dialogue"]) == 5
    told = capsys.readouterr()
    assert "dropped 1 segments under 10 s, 9.0 s" in told.out
    assert f"nothing of the films became a clip, so {folder} is empty" in told.err
    assert (folder / "report.html").exists()


def test_without_demucs_it_is_refused_before_anything_is_made(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "demucs.api", None)
    assert main(["dataset", "build", str(films / "films.csv"), "-o", str(tmp_path / "set")]) == 8
    assert "--keep-dialogue" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["build", "none.csv", "-o", "x", "--keep-dialogue"], 5, "none.csv is not there"),
        (["build", "films.csv", "-o", "x", "--keep-dialogue", "--test", "2"], 2, "not possible"),
        (["info", "."], 5, "is no dataset"),
        (["build", "films.csv"], 2, "Missing option '-o'"),
    ],
)
def test_wrong_use_is_told(
    films: Path, arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(films)
    assert main(["dataset", *arguments]) == code
    assert words in capsys.readouterr().err
