"""The README's loop over a folder of reels, run by the shell as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from marked_film import make_film

README = Path(__file__).resolve().parents[2] / "README.md"


def loop() -> str:
    (found,) = re.findall(r"^ {4}(mkdir -p scored; for .*; done)$", README.read_text("utf-8"), re.M)
    return str(found)


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no POSIX shell here")
def test_a_folder_of_reels_is_scored_and_what_is_refused_is_named(tmp_path: Path) -> None:
    reels = tmp_path / "reels"
    make_film(reels, ("SCORE",), name="reel 1")
    (reels / "broken.otio").write_text("no timeline", "utf-8")
    command = tmp_path / "bin" / "otio-hpm"
    command.parent.mkdir()
    own = f'exec "{sys.executable}" -m otio_hpm "$@" --model debug --steps 1'
    command.write_text(f"#!/bin/sh\n{own}\n", "utf-8")
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", loop()],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "reels/broken.otio: exit code 3\n"
    assert "broken.otio" in done.stderr
    told = json.loads((tmp_path / "scored" / "reel 1.json").read_text("utf-8"))
    assert [cue["number"] for cue in told["cues"]] == ["1m1"]
    assert (tmp_path / "scored" / "reel 1.otio").exists()
