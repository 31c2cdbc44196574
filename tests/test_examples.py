"""The examples run."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from marked_film import make_film, make_maestro

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cue_sheet(tmp_path: Path) -> None:
    sheet = run("cue_sheet.py", str(make_film(tmp_path)), "debug").splitlines()
    assert sheet[1].split() == ["1m2", "01:00:02:00", "01:00:04:00", "2.00", "s", "sc02"]


def test_two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_maestro(tmp_path / "theme.wav")
    cut = make_film(tmp_path, ("SCORE maestro=theme.wav",))
    script = str(EXAMPLES / "two_versions.py")
    monkeypatch.setattr(sys, "argv", [script, str(cut), str(tmp_path / "versions"), "debug"])
    runpy.run_path(script, run_name="__main__")
    names = ("cut_maestro", "cut_film")
    wavs = [tmp_path / "versions" / f"{name}_audio" / "R1_1m1_t01.wav" for name in names]
    assert wavs[0].read_bytes() != wavs[1].read_bytes()
    assert all((tmp_path / "versions" / f"{name}.otio").exists() for name in names)


def test_all_examples_are_tested() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'"{path.name}"' in source for path in EXAMPLES.glob("*.py"))
