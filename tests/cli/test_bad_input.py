"""Whatever is wrong is said in a sentence, with an exit code, before the model loads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from coded_media import write_sound
from marked_film import make_film, save

import otio_hpm.scoring.job as job
from otio_hpm import files
from otio_hpm.__main__ import main
from otio_hpm.model.checkpoint import model_folder

Change = Callable[[Path, Any], Any]


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the model is a failure here."""

    def load(name: str, device: str) -> NoReturn:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(job.score, "__kwdefaults__", {**job.score.__kwdefaults__, "load": load})


def refused(
    capsys: pytest.CaptureFixture[str], code: int, words: str, cut: Path, *more: str
) -> None:
    """Scoring ends with `code` and one message that holds `words`, and writes nothing."""
    before = listing(cut.parent)
    output = str(cut.parent / "out.otio")
    options = ["score", str(cut), "-o", output, "--model", "debug", "--device", "cpu", *more]
    found = main(options)
    captured = capsys.readouterr()
    assert words in captured.err
    assert found == code
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.startswith("otio-hpm: ")
    assert listing(cut.parent) == before


def listing(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def changed(folder: Path, change: Callable[[Any], None], mark: str = "SCORE") -> Path:
    """A film of one shot whose timeline is changed by hand."""
    path = make_film(folder, (mark,))
    timeline = otio.adapters.read_from_file(str(path))
    change(timeline)
    return save(timeline, path)


def url(text: str) -> Callable[[Any], None]:
    """Points the only clip elsewhere."""

    def change(timeline: Any) -> None:
        timeline.tracks[0][0].media_reference = otio.schema.ExternalReference(text)

    return change


def test_no_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, 4, "has no marks", make_film(tmp_path, (None,)))


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("SCORE tempo=120", "tempo"),
        ("SCORE strength=9", "strength"),
        ("SCORE style=loud", "style"),
        ("SCORE loudness=loud", "loudness"),
        ("SCORE maestro=nowhere.wav", "nowhere.wav"),
        ("SCORE sketch=nowhere.mid", "nowhere.mid"),
        ("SCORE sketch=../../etc/passwd", "passwd"),
        ("SCORE dynamics=loud", "dynamics"),
        ("SCORE maestro=../../etc/passwd", "passwd"),
    ],
)
def test_a_mark_that_is_not_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mark: str, words: str
) -> None:
    cut = make_film(tmp_path, (None, mark))
    refused(capsys, 4, words, cut)
    refused(capsys, 4, "01:00:02:0", cut)


def test_a_mark_with_a_negative_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def change(timeline: Any) -> None:
        marker = timeline.tracks[0][0].markers[0]
        duration = otio.opentime.RationalTime(-5, 24)
        marker.marked_range = otio.opentime.TimeRange(marker.marked_range.start_time, duration)

    refused(capsys, 4, "negative", changed(tmp_path, change))


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/a.mov",
        "concat:a.mp4|b.mp4",
        "rtsp://camera/1",
        "pipe:0",
        "subfile,,start,0,end,9,,:roll.mp4",
    ],
)
def test_a_protocol_instead_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    refused(capsys, 5, text.split(":")[0], changed(tmp_path, url(text)))


def test_missing_media(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "roll.mp4").unlink()
    refused(capsys, 5, "01:00:00:00", cut)


@pytest.mark.parametrize("content", [b"", b"no movie at all", bytes(4096)])
def test_media_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "roll.mp4").write_bytes(content)
    refused(capsys, 5, "roll.mp4", cut)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_media(tmp_path: Path, capsys: pytest.CaptureFixture[str], share: float) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    movie = tmp_path / "roll.mp4"
    content = movie.read_bytes()
    movie.write_bytes(content[: round(share * len(content))])
    refused(capsys, 5, "roll.mp4", cut)


def test_media_without_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = write_sound(tmp_path / "sound.wav", 3)
    refused(capsys, 5, "sound.wav", changed(tmp_path, url(sound.as_uri())))


def test_a_range_outside_the_media(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def change(timeline: Any) -> None:
        clip = timeline.tracks[0][0]
        clip.markers[0].marked_range = otio.opentime.TimeRange(otio.opentime.RationalTime(900, 24))
        clip.source_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(900, 24), otio.opentime.RationalTime(48, 24)
        )

    refused(capsys, 5, "roll.mp4", changed(tmp_path, change))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b"\x00\x01\x02" * 99, b'{"OTIO_SCHEMA": "Clip.2"}', b"words"]
)
def test_a_file_that_is_no_timeline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    cut = tmp_path / "cut.otio"
    cut.write_bytes(content)
    refused(capsys, 3, "cut.otio", cut)


def test_no_file_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, 3, "nowhere.otio", tmp_path / "nowhere.otio")
    (tmp_path / "folder.otio").mkdir()
    refused(capsys, 3, "folder", tmp_path / "folder.otio")


def test_a_newer_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    cut.write_text(cut.read_text("utf-8").replace('"Clip.2"', '"Clip.9"'), "utf-8")
    refused(capsys, 3, "Clip", cut)


def test_several_timelines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timeline = otio.adapters.read_from_file(str(make_film(tmp_path, ("SCORE",))))
    other = timeline.deepcopy()
    other.name = "second"
    collection = otio.schema.SerializableCollection("both", [timeline, other])
    refused(capsys, 3, "second", save(collection, tmp_path / "both.otio"))


def test_an_unknown_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    text = cut.read_text("utf-8").replace('"rate": 24.0', '"rate": 48000.0')
    cut.write_text(text, "utf-8")
    (tmp_path / "roll.mp4").unlink()
    refused(capsys, 3, "rate", cut)


def test_a_silent_maestro_and_one_that_is_no_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    soundfile.write(tmp_path / "silence.wav", np.zeros(48_000), 48_000)
    (tmp_path / "words.wav").write_text("la la la", "utf-8")
    refused(capsys, 6, "silence.wav", cut, "--maestro", str(tmp_path / "silence.wav"))
    refused(capsys, 6, "words.wav", cut, "--maestro", str(tmp_path / "words.wav"))
    refused(capsys, 6, "nowhere.wav", cut, "--maestro", "nowhere.wav")
    refused(capsys, 6, "http", cut, "--maestro", "http://example.com/a.wav")


def test_a_model_with_wrong_checksums(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path / "film", ("SCORE",))
    folder = tmp_path / "model"
    shutil.copytree(model_folder("debug"), folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    refused(capsys, 8, "checksum", cut, "--model", str(folder))
    refused(capsys, 8, "no such model", cut, "--model", "no such model")


def test_a_device_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import torch

    if torch.backends.mps.is_available():
        pytest.skip("there is one")
    refused(capsys, 8, "mps", make_film(tmp_path, ("SCORE",)), "--device", "mps")


def test_settings_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    refused(capsys, 2, "overlap", cut, "--overlap", "10")
    refused(capsys, 2, "window", cut, "--window", "0")
    refused(capsys, 2, "strength", cut, "--strength", "1.5")
    refused(capsys, 2, "LUFS", cut, "--loudness", "12")
    refused(capsys, 2, "handles", cut, "--handles", "-1")
    refused(capsys, 2, "handles", cut, "--handles", "99999")
    refused(capsys, 2, "guidance", cut, "--guidance", "inf")
    refused(capsys, 2, "regular expression", cut, "--mark", "(")
    refused(capsys, 2, "1m9", cut, "--only", "1m9")
    refused(capsys, 2, "nowhere.toml", cut, "--settings", str(tmp_path / "nowhere.toml"))


def test_a_cue_that_no_file_can_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def endless(timeline: Any) -> None:
        timeline.tracks[0][0].source_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(500_000, 24)
        )
        timeline.tracks[0][0].markers[0].marked_range = timeline.tracks[0][0].source_range

    (tmp_path / "roll.mp4").unlink(missing_ok=True)
    cut = changed(tmp_path, endless)
    (tmp_path / "roll.mp4").unlink()
    refused(capsys, 7, "4 GiB", cut, "--missing", "black")


def test_outputs_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    refused(capsys, 7, "never changed", cut, "-o", str(cut), "--overwrite")
    refused(capsys, 7, "does not exist", cut, "-o", str(tmp_path / "nowhere" / "out.otio"))
    refused(capsys, 7, ".fcpxml", cut, "-o", str(tmp_path / "out.mp4"))
    (tmp_path / "folder.otio").mkdir()
    refused(capsys, 7, "is a folder", cut, "-o", str(tmp_path / "folder.otio"), "--overwrite")
    (tmp_path / "out_audio").write_text("in the way", "utf-8")
    refused(capsys, 7, "is a file", cut)


def test_a_full_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda folder: usage)
    refused(capsys, 7, "1 MB left", cut)


def test_a_folder_that_may_not_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.tempfile, "TemporaryFile", closed)
    refused(capsys, 7, "Permission denied", make_film(tmp_path, ("SCORE",)))
