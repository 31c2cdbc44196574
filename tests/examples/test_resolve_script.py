"""The script for Resolve's menu, in a Resolve that has the published names and no others."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import PUBLISHED, Fake, Host
from marked_film import make_film

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "resolve" / "otio_hpm_score.py"


@pytest.fixture
def script() -> Any:
    spec = importlib.util.spec_from_file_location("otio_hpm_score", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def command(folder: Path, text: str) -> Path:
    """An executable that is a Python program."""
    path = folder / "otio-hpm of a test"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys\n{text}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def answering(folder: Path, *cues: tuple[str, int, int, int], code: int = 0, **more: Any) -> Path:
    """One that says of cues: number, record in and out, and frames of handle before."""
    said: dict[str, Any] = {"cues": [], "failed": [], "skipped": [], **more}
    for number, start, end, head in cues:
        wav = folder / f"R1_{number}_t01.wav"
        wav.write_bytes(b"RIFF")
        facts = {
            "cue": {"start_frames": start, "end_frames": end},
            "audio": {"record": {"start_frames": start - head}},
        }
        wav.with_suffix(".json").write_text(json.dumps(facts), "utf-8")
        said["cues"].append({"number": number, "wav": str(wav)})
    told = folder / "arguments.json"
    return command(
        folder,
        f"json.dump(sys.argv[1:], open({str(told)!r}, 'w'))\n"
        f"assert not {{'PYTHONHOME', 'PYTHONPATH'}} & set(os.environ)\n"
        f"print({json.dumps(said)!r}); sys.exit({code})",
    )


@pytest.fixture
def placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the script writes; an export to give is in.otio beside it."""
    monkeypatch.setenv("OTIO_HPM_FOLDER", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONHOME", "/of/resolve")
    (tmp_path / "in.otio").write_text("{}", "utf-8")
    return tmp_path


def test_every_name_of_the_api_is_published_and_used_in_one_class_alone() -> None:
    """Names of that API alone begin with a capital, but for those of modules."""
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    (host,) = (one for one in tree.body if getattr(one, "name", "") == "Resolve")
    used, inside = names_of_the_api(tree), names_of_the_api(host)
    assert set(used) == set().union(*PUBLISHED.values())
    assert sorted(used) == sorted(inside)


def names_of_the_api(tree: ast.AST) -> list[str]:
    found = [one for one in ast.walk(tree) if isinstance(one, ast.Attribute)]
    own = [one for one in found if getattr(one.value, "id", "") != "subprocess"]
    return [one.attr for one in own if one.attr[0].isupper()]


def test_cues_are_appended_frame_for_frame_without_their_handles(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answering(placed, ("1m1", 0, 48, 0), ("1m2", 100, 340, 24))
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio")
    script.main(host.resolve)
    places = [
        (one["startFrame"], one["endFrame"], one["recordFrame"], one["mediaType"])
        for one in host.appended
    ]
    assert places == [(0, 48, 86_400, 2), (24, 264, 86_500, 2)]
    assert {one["trackIndex"] for one in host.appended} == {2}
    assert (host.kinds[2], host.names[2]) == ("audio stereo", "HPM Score")
    arguments = json.loads((placed / "arguments.json").read_text("utf-8"))
    base = str(placed / "home" / "Film" / "Reel 1_ cut")
    assert arguments == [
        "score", f"{base}.otio", "-o", f"{base}_scored.otio", "--overwrite", "--json",
        "--progress", "none",
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "1m1 is on the new audio track 2: R1_1m1_t01.wav",
        "1m2 is on the new audio track 2: R1_1m2_t01.wav",
    ]


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_cue_is_as_long_as_asked_however_the_last_frame_counts(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, inclusive: bool
) -> None:
    made = answering(placed, ("1m1", 0, 48, 12), ("1m2", 48, 96, 12))
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio", inclusive=inclusive)
    script.main(host.resolve)
    assert host.stands()[2] == [
        ("R1_1m1_t01.wav", 86_400, 48, 12),
        ("R1_1m2_t01.wav", 86_448, 48, 12),
    ]


def test_cues_that_overlap_are_on_tracks_of_their_own(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = answering(placed, ("1m1", 0, 100, 0), ("1m2", 50, 150, 0), ("1m3", 100, 120, 0))
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio")
    script.main(host.resolve)
    names = {track: [one[0] for one in items] for track, items in host.stands().items()}
    assert names == {1: [], 2: ["R1_1m1_t01.wav", "R1_1m3_t01.wav"], 3: ["R1_1m2_t01.wav"]}
    assert host.names[2] == host.names[3] == "HPM Score"


def test_if_a_second_track_cannot_be_filled_the_first_goes_too(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answering(placed, ("1m1", 0, 100, 0), ("1m2", 50, 150, 0))
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio")
    append = host.append
    host.pool._offered["AppendToTimeline"] = lambda places: (
        append(places) if places[0]["trackIndex"] == 2 else None
    )
    script.main(host.resolve)
    assert host.tracks == {1: []}
    assert "took 0 of 1 cues" in capsys.readouterr().out


def test_again_only_what_is_new_is_added_and_nothing_imported_twice(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host = Host(placed / "in.otio")
    monkeypatch.setenv("OTIO_HPM", str(answering(placed, ("1m1", 0, 48, 0))))
    script.main(host.resolve)
    both = answering(placed, ("1m1", 0, 48, 0), ("1m2", 100, 340, 24))
    monkeypatch.setenv("OTIO_HPM", str(both))
    script.main(host.resolve)
    assert [[one[0] for one in items] for items in host.stands().values()] == [
        [], ["R1_1m1_t01.wav"], ["R1_1m2_t01.wav"],
    ]  # fmt: skip
    assert "1m1 was there already." in capsys.readouterr().out
    host.tracks = {1: []}
    script.main(host.resolve)
    assert len(host.stands()[2]) == 2
    assert len(host.imported) == len(set(host.imported)) == 2


def test_cues_that_failed_are_told_and_the_others_placed(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = [{"number": "1m2", "message": "roll.mov is missing"}]
    made = answering(placed, ("1m1", 0, 48, 0), code=9, failed=failed)
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio")
    script.main(host.resolve)
    assert len(host.stands()[2]) == 1
    assert "1m2 failed: roll.mov is missing" in capsys.readouterr().out


def no_timeline(host: Host) -> None:
    host.timeline = None  # type: ignore[assignment]


def no_project(host: Host) -> None:
    host.project = None  # type: ignore[assignment]


def no_export(host: Host) -> None:
    host.source = None


def no_import(host: Host) -> None:
    host.pool._offered["ImportMedia"] = lambda paths: []


def no_room(host: Host) -> None:
    host.refused = 1


def no_more(host: Host) -> None:
    host.project._offered["SetCurrentTimeline"] = lambda timeline: False


@pytest.mark.parametrize(
    ("damage", "text", "words"),
    [
        (no_project, None, "No timeline is open."),
        (no_timeline, None, "No timeline is open."),
        (no_export, None, "could not export the timeline"),
        (no_import, None, "could not import"),
        (no_room, None, "took 1 of 2 cues, so none is added"),
        (no_more, None, "is not there any more"),
        (None, "sys.stderr.write('otio-hpm: no marks\\n'); sys.exit(4)", "otio-hpm: no marks"),
        (None, "print('what?')", "otio_hpm_score stopped at JSONDecodeError"),
    ],
)
def test_what_fails_is_a_sentence_and_the_timeline_stays_as_it_was(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], damage: Any, text: str | None, words: str,
) -> None:  # fmt: skip
    cues = (("1m1", 0, 48, 0), ("1m2", 100, 148, 0))
    made = command(placed, text) if text else answering(placed, *cues)
    monkeypatch.setenv("OTIO_HPM", str(made))
    host = Host(placed / "in.otio")
    if damage is not None:
        damage(host)
    script.main(host.resolve)
    assert words in capsys.readouterr().out
    assert host.tracks == {1: []}


def test_the_command_is_found_on_path_or_its_absence_told(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OTIO_HPM", raising=False)
    host = Host(placed / "in.otio")
    monkeypatch.setenv("PATH", str(placed / "nowhere"))
    script.main(host.resolve)
    assert capsys.readouterr().out == (
        "otio-hpm is not there: let OTIO_HPM name the command otio-hpm.\n"
    )
    folder = placed / "bin"
    folder.mkdir()
    os.rename(answering(placed, ("1m1", 0, 48, 0)), folder / "otio-hpm")
    monkeypatch.setenv("PATH", str(folder))
    script.main(host.resolve)
    assert len(host.stands()[2]) == 1


def test_outside_of_resolve_it_says_so(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script.main(None)
    script.main(Fake("Resolve", EXPORT_OTIO=None))
    assert capsys.readouterr().out == "This needs to run in DaVinci Resolve 18.5 or later.\n" * 2


def test_with_otio_hpm_itself_the_music_stands_under_its_shots(
    script: Any, placed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = make_film(placed / "film", (None, "SCORE"))
    monkeypatch.setenv(
        "OTIO_HPM",
        str(
            command(
                placed,
                "from otio_hpm.__main__ import main\n"
                "sys.exit(main([*sys.argv[1:], '--model', 'debug', '--steps', '1']))",
            )
        ),
    )
    host = Host(cut)
    script.main(host.resolve)
    assert host.stands() == {1: [], 2: [("R1_1m1_t01.wav", 86_448, 48, 24)]}
