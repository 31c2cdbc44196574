from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest
from marked_film import make_film, make_maestro, save

import otio_hpm.scoring.rendering as rendering
from otio_hpm.__main__ import main
from otio_hpm.errors import OutputError

DEBUG = ["--model", "debug", "--device", "cpu", "--steps", "1"]


def score(cut: Path, *more: str) -> int:
    return main(["score", str(cut), "-o", str(cut.with_name("out.otio")), *DEBUG, *more])


def test_spot_shows_cues_shots_and_media(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_maestro(tmp_path / "theme.wav")
    cut = make_film(tmp_path, ("SCORE tender", None, "SCORE maestro=theme.wav style=melody"))
    assert main(["spot", str(cut), *DEBUG[:2]]) == 0
    text = capsys.readouterr().out
    for words in (
        "1m1  01:00:00:00 - 01:00:02:00  2.00 s, 1 window",
        "mark     'SCORE tender'",
        "V1  sc01",
        "roll.mp4",
        "theme.wav (melody, strength 1)",
        "2 cues, 2 windows, about",
        "an estimate",
    ):
        assert words in text


def test_spot_shows_what_a_cue_follows_and_what_is_wished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ('SCORE dynamics="12f:-6"', "HIT too late", "SCORE style=none"))
    timeline = otio.adapters.read_from_file(str(cut))
    at = otio.opentime.TimeRange(otio.opentime.RationalTime(5, 24))
    timeline.tracks.markers.append(otio.schema.Marker("HIT", marked_range=at))
    save(timeline, cut)
    assert main(["spot", str(cut), *DEBUG[:2]]) == 0
    text = capsys.readouterr().out
    for words in (
        "  sketch   composed to the picture (auto, strength 1)",
        "  hit      01:00:00:05",
        "  level    -6 dB at 0.500 s",
        "  sketch   none, the film alone",
        "'HIT too late' on clip 'sc02': no cue is there",
    ):
        assert words in text
    assert main(["spot", str(cut), *DEBUG[:2], "--json"]) == 0
    cue = json.loads(capsys.readouterr().out)["cues"][0]
    assert (cue["follows"], cue["hits"]) == ("picture", ["01:00:00:05"])
    assert cue["levels"] == [{"at_s": "1/2", "level_db": "-6"}]


def test_spot_shows_missing_media_without_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "roll.mp4").unlink()
    assert main(["spot", str(cut), "--model", "debug", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    cue = document["cues"][0]
    assert [(shot["name"], shot["media"]) for shot in cue["shots"]] == [("sc01", "missing")]
    assert "sc01" in cue["problems"][0]
    assert document["warnings"] == []


def test_spot_json_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path)
    assert main(["spot", str(cut), "--json", "--model", "debug", "--only", "1m2"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rate"] == "24"
    assert [cue["timecode_in"] for cue in document["cues"]] == ["01:00:02:00"]
    assert document["cues"][0]["shots"][0]["media"] == "found"


def test_spot_loads_no_torch(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    code = (
        "import sys\nfrom otio_hpm.__main__ import main\n"
        f"assert main(['spot', {str(cut)!r}, '--model', 'debug']) == 0\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'librosa', 'diffusers')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_score_writes_and_says_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(make_film(tmp_path)) == 0
    captured = capsys.readouterr()
    assert "1m2  01:00:02:00 - 01:00:04:00" in captured.out
    assert "3 cues in" in captured.out
    assert "  sketch  R1_1m2_t01.sketch.json, R1_1m2_t01.sketch.mid" in captured.out
    assert captured.err == ""
    assert (tmp_path / "out_audio" / "R1_1m3_t01.wav").exists()


def test_progress_is_json_lines_on_stderr_and_data_json_on_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(make_film(tmp_path, ("SCORE",)), "--json", "--progress", "json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["cues"][0]["number"] == "1m1"
    lines = [json.loads(line) for line in captured.err.splitlines()]
    assert {"cue", "index", "count", "stage", "fraction", "left_s"} == set(lines[0])
    assert lines[-1]["stage"] == "write"


def test_a_bar_is_drawn_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(make_film(tmp_path, ("SCORE",)), "--progress", "bar") == 0
    captured = capsys.readouterr()
    assert "1m1" in captured.out
    assert "\x1b[" not in captured.out


def test_an_existing_output_needs_overwrite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "out.otio").write_text("mine", "utf-8")
    assert score(cut) == 7
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "out.otio").read_text("utf-8") == "mine"
    assert score(cut, "--overwrite") == 0


def test_partial_failure_prints_the_result_and_exits_9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    render = rendering.render_cue

    def failing(planned: rendering.CuePlan, *others: object) -> None:
        if planned.cue.number == "1m2":
            raise OutputError("the disk is full", hint="Free some space.")
        render(planned, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "render_cue", failing)
    assert score(make_film(tmp_path), "--json") == 9
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert [cue["number"] for cue in result["cues"]] == ["1m1", "1m3"]
    assert result["failed"][0]["message"] == "the disk is full"
    assert "1 of 3 cues failed: 1m2" in captured.err


def test_ctrl_c_keeps_finished_cues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    render = rendering.render_cue

    def interrupted(planned: rendering.CuePlan, *others: object) -> None:
        if planned.cue.number == "1m2":
            raise KeyboardInterrupt
        render(planned, *others)  # type: ignore[arg-type]

    cut = make_film(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render_cue", interrupted)
        assert score(cut) == 130
    assert "interrupted" in capsys.readouterr().err
    assert not (tmp_path / "out.otio").exists()
    assert score(cut, "--json") == 0
    reused = [cue["reused"] for cue in json.loads(capsys.readouterr().out)["cues"]]
    assert reused == [True, False, False]


def test_doctor_tells_versions_model_and_codecs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", "debug", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["packages"]["opentimelineio"]
    assert found["model"]["problem"] == ""
    assert len(found["model"]["checksum"]) == 64
    assert found["codecs"]["h264"]
    assert found["codecs"]["prores"]
    assert found["devices"][0].startswith("cpu")
    assert "cmx_3600" in found["adapters"]
    assert found["plugin"]


def test_doctor_tells_of_a_bad_model_without_failing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", "no such"]) == 0
    assert "neither shipped nor installed" in capsys.readouterr().out


def test_colours_only_on_a_terminal(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "otio_hpm", "spot", str(cut), "--model", "debug"],
        capture_output=True, text=True, check=True, env={**os.environ, "FORCE_COLOR": "1",
                                                         "NO_COLOR": "1"},
    )  # fmt: skip
    assert "\x1b[3" not in done.stdout


def test_names_in_brackets_are_printed_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE [red]loud[/red] :smile:",))
    assert main(["spot", str(cut), "--model", "debug"]) == 0
    assert "[red]loud[/red] :smile:" in capsys.readouterr().out


def test_control_characters_never_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",), name="\x1b]0;mine\x07")
    cut.write_text(cut.read_text("utf-8").replace('"sc01"', r'"\u001b[2J"'), "utf-8")
    assert main(["spot", str(cut), "--model", "debug"]) == 0
    assert main(["spot", str(cut) + "\x1b", "--model", "debug"]) == 3
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert r"\x1b[2J" in captured.out


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    command = f"{sys.executable} -m otio_hpm spot {cut} --model debug | head -c 1 >/dev/null"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_spot_cuts_long_texts_and_json_has_them_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"SCORE {'she turns away ' * 40}".strip()
    cut = make_film(tmp_path, (text, f"HIT at={'x' * 600}"))
    assert main(["spot", str(cut), *DEBUG[:2]]) == 0
    shown = capsys.readouterr().out
    assert "mark     'SCORE she turns away she" in shown and " ..." in shown
    assert all(len(line) < 400 for line in shown.splitlines())
    assert main(["spot", str(cut), *DEBUG[:2], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cues"][0]["marks"] == [text]
