"""Killed at any moment and run again, the job finishes with the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from marked_film import make_film

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("killed")
    cut = make_film(folder, ("SCORE", "SCORE"))
    output = folder / "out" / "scored.otio"
    arguments = [
        "score", str(cut), "-o", str(output), "--model", "debug", "--device", "cpu",
        "--steps", "1", "--handles", "0",
    ]  # fmt: skip
    program = Path(__file__).with_name("killed_runs.py")
    done = subprocess.run(
        [sys.executable, str(program), str(folder), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ten_moments_are_tried(runs: Any) -> None:
    assert len(runs["after"]) == 10
    suffixes = ("json", "sketch.json", "sketch.mid", "wav")
    assert sorted(runs["expected"]) == [
        "scored.otio",
        *(f"scored_audio/R1_1m1_t01.{suffix}" for suffix in suffixes),
        *(f"scored_audio/R1_1m2_t01.{suffix}" for suffix in suffixes),
    ]


def test_killed_runs_leave_no_broken_file(runs: Any) -> None:
    for run in runs["after"].values():
        for name, digest in run["killed"].items():
            if not Path(name).name.startswith("."):
                assert digest == runs["expected"][name]


def test_run_again_it_ends_with_the_same_bytes(runs: Any) -> None:
    for point, run in runs["after"].items():
        assert run["status"] == 0, point
        assert run["again"] == runs["expected"], point
