"""`evaluate listening-test`, from folders of music to what listeners answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from otio_hpm.__main__ import main


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("music")
    time = np.arange(24_000) / 48_000
    for hz, name in ((440, "real"), (300, "ours")):
        (root / name).mkdir()
        soundfile.write(root / name / "1m1.wav", 0.2 * np.sin(2 * np.pi * hz * time), 48_000)
    return root


def make(music: Path, page: Path, *more: str) -> int:
    system, reference = f"ours={music / 'ours'}", str(music / "real")
    return main(["evaluate", "listening-test", "make", "--system", system, "--reference",
                 reference, "-o", str(page), *more])  # fmt: skip


def test_a_test_from_page_to_results(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(music, tmp_path / "page", "--listeners", "2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["pieces"], told["clips"], len(told["listeners"])) == (3, ["1m1"], 2)
    key = json.loads(Path(told["key"]).read_text("utf-8"))
    grades = {"reference": 2, "ours": 5, "anchor": 3}
    files = []
    for listener, more in zip(key["listeners"], (0, -1), strict=True):
        given = {piece: {"quality": grades[one["system"]] + more, "clarity": 4}
                 for piece, one in key["pieces"].items()}  # fmt: skip
        files.append(tmp_path / f"answers-{listener}.json")
        answers = {"test": key["test"], "listener": listener, "answers": given}
        files[-1].write_text(json.dumps(answers))
    arguments = ["evaluate", "listening-test", "results", *map(str, files), "--key", told["key"]]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    lines = [" ".join(line.split()) for line in captured.out.splitlines()]
    assert lines[2] == "quality, 1 to 5: mean, 95 % interval, answers"
    assert lines[3] == "4.50 4.00 to 5.00 2 ours"
    assert "ours above reference: 100% (100% to 100%) of 2 pairs" in lines
    remark = "rated the quality of the hidden reference below good on 1 of 1 clip"
    assert captured.err.count(remark) == 2
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["opinions"]["clarity"]["anchor"]["mean"] == 4.0
    files[0].write_text("{}")
    assert main(arguments) == 5
    assert files[0].name in capsys.readouterr().err


def test_wrong_use_is_told(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more, code, words in (
        (["--system", "ours"], 2, "'ours' is not NAME=FOLDER"),
        (["--system", f"ours={music}"], 2, "two systems have the same name"),
        (["--system", f"none={tmp_path / 'none'}"], 5, "none cannot be read"),
        (["--system", f"reference={music / 'ours'}"], 2, "no system can be named reference"),
    ):
        assert make(music, tmp_path / "page", *more) == code
        assert words in capsys.readouterr().err
    assert not (tmp_path / "page").exists()
