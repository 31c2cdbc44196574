from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from otio_hpm.__main__ import main

HEAVY = ("torch", "numpy", "opentimelineio", "av", "librosa", "rich", "cattrs")
VERBS = ("score", "spot", "relink", "demo", "doctor", "model", "train", "dataset", "evidence",
         "evaluate", "evaluate listening-test", "evaluate listening-test make",
         "evaluate listening-test results")  # fmt: skip
MODEL_VERBS = tuple(f"model {verb}" for verb in ("list", "info", "verify", "fetch", "convert"))


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("verb", ["", *VERBS, *MODEL_VERBS])
def test_help_loads_nothing_heavy(verb: str) -> None:
    loaded = run_python(
        "import sys\nfrom otio_hpm.__main__ import main\n"
        f"assert main({[*verb.split(), '--help']!r}) == 0\n"
        f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert loaded.endswith("loaded []\n")


def test_help_names_every_verb_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(f"{verb.split()[0]} " in text for verb in VERBS)
    assert "9 some cues failed, 130 interrupted" in text


def test_defaults_in_help_are_those_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    main(["score", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "EBU R 128). [default: -23]",
        "Solver steps of every cue; unset, fewer where something is followed. [default: 20]",
        "[auto|both|melody|dynamics|none] What is followed: `auto` a sketch or the maestro cue",
        "derives from this and its number. [default: 0]",
    ):
        assert words in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("otio-hpm, version 0.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["score"], "Missing argument 'IN'"),
        (["score", "cut.otio"], "Missing option '-o'"),
        (["nonsense"], "No such command 'nonsense'"),
        (["spot", "cut.otio", "--rate", "1000"], "'1000' is no frame rate"),
        (["spot", "cut.otio", "--handles", "soon"], "'soon' is no length of time"),
        (["spot", "cut.otio", "--path-map", "old"], "'old' is not OLD=NEW"),
        (["spot", "cut.otio", "--strength", "much"], "'much' is no number"),
        (["spot", "cut.otio", "--missing", "maybe"], "'maybe' is not one of"),
        (["spot", "cut.otio", "--steps", "0"], "0 is not in the range"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_the_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("otio-hpm")
    if not command.exists():
        pytest.skip("the package is not installed as a command")
    done = subprocess.run([command, "--version"], capture_output=True, check=False)
    assert done.returncode == 0
