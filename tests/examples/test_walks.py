"""Every command of the walks through editing systems runs, and does what the walk says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from marked_film import make_film

from otio_hpm.__main__ import main
from otio_hpm.settings import Settings
from otio_hpm.timeline.outputs import write
from otio_hpm.timeline.reading import read_cut

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WALKS = {
    "resolve": "reel1.otio",
    "premiere": "reel1.xml",
    "final_cut": "reel1.fcpxml",
    "avid": "reel1.aaf",
    "kdenlive": "reel1.otio",
}
"""What each system exports."""
RESOLVE_LIST = """TITLE: reel1

001  001      V     C        01:00:02:10 01:00:02:11 01:00:02:10 01:00:02:11
SCORE listed |C:ResolveColorBlue |M:Marker 1 |D:1
"""
PREMIERE_LIST = (
    "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\n"
    "SCORE\tlisted\t01:00:02:10\t01:00:02:10\t00:00:00:00\tComment\n"
)
AVID_LIST = "editor\t01:00:02:10\tV1\tred\tSCORE listed\t1\n"
LISTS = {
    "reel1_markers.edl": RESOLVE_LIST,
    "reel1_markers.csv": PREMIERE_LIST,
    "reel1_markers.txt": AVID_LIST,
}


def commands(host: str) -> list[list[str]]:
    text = (EXAMPLES / host / "README.md").read_text("utf-8")
    lines = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines()
    ]
    return [shlex.split(line) for line in lines]


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> Iterator[Path]:
    """A working folder with what a host exports: two shots, the first marked, and its lists."""
    cut = read_cut(make_film(tmp_path, ("SCORE", None), name="made"), Settings())
    written = tmp_path / WALKS[request.param]
    write(cut.timeline, cut, written, Settings().delivery, overwrite=False)
    for name, text in LISTS.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "reel1.mov").write_bytes((tmp_path / "roll.mp4").read_bytes())
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def test_every_walk_is_here() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/README.md")} == set(WALKS)


@pytest.mark.parametrize(("host", "desk"), [(host, host) for host in WALKS], indirect=["desk"])
def test_the_commands_of_a_walk_run(
    host: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert any(command[:2] == ["otio-hpm", "score"] for command in commands(host))
    for command in commands(host):
        assert command[0] == "otio-hpm"
        assert main([*command[1:], "--model", "debug", "--steps", "1", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        numbers = [cue["number"] for cue in found["cues"]]
        assert numbers == (["1m1", "1m2"] if "--markers" in command else ["1m1"])
        if command[1] == "score":
            check_scored(Path(command[command.index("-o") + 1]), len(numbers))


def check_scored(output: Path, cues: int) -> None:
    """The file asked for has the cues, the first at the first frame, for two seconds."""
    assert output.is_file() and output.with_suffix(".otio").is_file()
    cut = read_cut(output, Settings())
    ours = [clip for clip in cut.timeline.find_clips() if re.match(r"R1_.*\.wav$", clip.name)]
    assert len(ours) == cues
    (track,) = {id(clip.parent()): clip.parent() for clip in ours}.values()
    assert track.kind == otio.schema.TrackKind.Audio
    for number, clip in enumerate(ours):
        at = clip.range_in_parent()
        moments = at.start_time, at.duration
        seconds = [Fraction(one.value) / Fraction(one.rate) for one in moments]
        assert seconds == [2 * number, 2]
        assert (output.parent / f"{output.stem}_audio" / clip.name).is_file()
