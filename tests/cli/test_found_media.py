"""What lists name by reel and timecode alone is scored, and how it was found is said."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from coded_media import write_broadcast_sound, write_movie
from marked_film import make_film

from otio_hpm.__main__ import main

RATE = Fraction(24000, 1001)
EDL = """TITLE: Reels
FCM: NON-DROP FRAME

001  A001C003 V     C        01:00:00:10 01:00:02:10 01:00:00:00 01:00:02:00
* LOC: 01:00:00:05 RED     SCORE maestro=SR01 style=melody
002  SR01     A     C        01:00:01:00 01:00:03:00 01:00:00:00 01:00:02:00
"""
OPTIONS = ("--rate", "23.976", "--model", "debug", "--media-dir")


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A list of a shot and a maestro cue that are known by reels alone."""
    (tmp_path / "cut.edl").write_text(EDL)
    media = tmp_path / "media"
    reel = "A001C003_130101_R2EC"
    write_movie(media / "one.mov", 96, RATE, timecode="01:00:00:00", reel=reel)
    write_movie(media / "two.mov", 96, RATE, timecode="01:00:04:00", reel=reel)
    time = np.arange(4 * 48_000) / 48_000
    tone = np.sin(2 * np.pi * 440 * time) * 0.3
    first = round(86_400 * 1001 / 24000 * 48000)
    write_broadcast_sound(media / "tone.wav", first, 4, tape="SR01", samples=tone)
    return tmp_path / "cut.edl"


def test_spot_says_how_media_were_found(cut: Path, capsys: pytest.CaptureFixture[str]) -> None:
    media = cut.parent / "media"
    assert main(["spot", str(cut), *OPTIONS, str(media), "--json", "--progress", "json"]) == 0
    told = capsys.readouterr()
    (cue,) = json.loads(told.out)["cues"]
    assert cue["shots"][0]["path"] == str(media / "one.mov")
    assert cue["shots"][0]["found_by"] == cue["maestro_found_by"] == "reel and timecode"
    assert cue["maestro"] == str(media / "tone.wav")
    assert cue["offsets"] == ["one.mov: its own timecode, 01:00:00:00"]
    steps = [json.loads(line) for line in told.err.splitlines()]
    assert [step["stage"] for step in steps] == ["media"] * 4
    assert [step["fraction"] for step in steps] == [0, 1 / 3, 2 / 3, 1]
    assert main(["spot", str(cut), *OPTIONS, str(media), "--progress", "json"]) == 0
    told = capsys.readouterr()
    assert f"{media / 'one.mov'} (found by reel and timecode)" in told.out
    assert f"{media / 'tone.wav'} (found by reel and timecode)" in told.out
    assert told.err == "", "what the files say is kept"


def test_score_uses_what_was_found_and_says_so(
    cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    media, out = cut.parent / "media", cut.with_name("out.otio")
    run = ["score", str(cut), "-o", str(out), *OPTIONS, str(media), "--steps", "1", "--overwrite"]
    assert main([*run, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    found = {Path(one["path"]).name: one["found_by"] for one in result["found_media"]}
    assert found == {"one.mov": "reel and timecode", "tone.wav": "reel and timecode"}
    sidecar = json.loads(Path(result["cues"][0]["sidecar"]).read_text("utf-8"))
    assert sidecar["cue"]["maestro"]["start_s"] == "1001/1000", "24 frames into the file"
    assert main(run) == 0
    assert f"media {media / 'one.mov'} found by reel and timecode" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["edl", "xml", "fcpxml", "aaf", "otio"])
def test_what_is_known_by_reels_alone_is_found_again_from_every_format(
    cut: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    """Nothing is rendered twice, neither from the file that is written nor from one made of it."""
    media, sources = cut.parent / "media", [cut]
    for number, kind in enumerate((suffix, "edl")):
        out = cut.with_name(f"out{number}.{kind}")
        run = ["score", str(sources[-1]), "-o", str(out), *OPTIONS, str(media), "--steps", "1"]
        assert main([*run, "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        found = {Path(one["path"]).name: one["found_by"] for one in result["found_media"]}
        by_reel = {"one.mov": "reel and timecode", "tone.wav": "reel and timecode"}
        names_files = number > 0 and suffix in ("xml", "fcpxml", "aaf")
        assert found == ({} if names_files else by_reel)
        assert [cue["reused"] for cue in result["cues"]] == [number > 0]
        (losses,) = (one["losses"] for one in result["written"] if one["path"] == str(out))
        assert not any("reel" in loss for loss in losses)
        sources.append(out)
    assert "A001C003" in sources[-1].read_text() and "SR01" in sources[-1].read_text()
    run = ["spot", str(sources[-1]), *OPTIONS, str(media), "--json"]
    assert main(run) == 0
    (cue,) = json.loads(capsys.readouterr().out)["cues"]
    assert cue["shots"][0]["path"] == str(media / "one.mov")
    assert cue["maestro"] == str(media / "tone.wav")


@pytest.mark.parametrize("suffix", ["xml", "fcpxml", "aaf"])
def test_clips_of_a_list_lead_to_the_media_that_were_found(
    cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    """What names files opens online, also where nobody gives a media folder any more."""
    media, out = cut.parent / "media", cut.with_name(f"out.{suffix}")
    run = ["score", str(cut), "-o", str(out), *OPTIONS, str(media), "--steps", "1", "--json"]
    assert main(run) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert not any("linker" in loss or "relinked" in loss for w in written for loss in w["losses"])
    assert "one.mov" not in cut.with_name("out.otio").read_text(), "there all is as it was"
    assert main(["spot", str(out), "--model", "debug", "--json"]) == 0
    (cue,) = json.loads(capsys.readouterr().out)["cues"]
    (shot,) = cue["shots"]
    assert (shot["path"], shot["found_by"]) == (str(media / "one.mov"), "")


@pytest.mark.parametrize("suffix", ["otiod", "otioz"])
def test_a_bundle_holds_the_media_that_were_found(
    cut: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    """It is scored again without a media folder."""
    media, out = cut.parent / "media", cut.with_name(f"out.{suffix}")
    run = ["score", str(cut), "-o", str(out), *OPTIONS, str(media), "--steps", "1", "--json"]
    assert main(run) == 0
    (bundle,) = (
        one for one in json.loads(capsys.readouterr().out)["written"] if one["path"] == str(out)
    )
    assert not any("not here" in loss for loss in bundle["losses"])
    media.rename(cut.with_name("away"))
    assert main(["spot", str(out), "--model", "debug", "--json"]) == 0
    (cue,) = json.loads(capsys.readouterr().out)["cues"]
    (shot,) = cue["shots"]
    assert (Path(shot["path"]).parent.name, Path(shot["path"]).name) == ("media", "one.mov")
    assert not shot["found_by"] and Path(cue["maestro"]).name == "tone.wav"


@pytest.mark.parametrize(
    ("url", "option"),
    [
        ("D:/Shows/day 1/ROLL.MP4", "--path-map=D:/Shows={}"),
        ("/gone/roll.mp4", "--media-dir={}"),
        ("away/day 1/ROLL.MP4", "--style=none"),
    ],
)
def test_a_bundle_holds_media_of_other_paths_and_spellings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, option: str
) -> None:
    cut, away = make_film(tmp_path, ("SCORE",)), tmp_path / "away"
    (away / "day 1").mkdir(parents=True)
    (tmp_path / "roll.mp4").rename(away / "day 1" / "roll.mp4")
    timeline = otio.adapters.read_from_file(str(cut))
    for clip in timeline.find_clips():
        clip.media_reference.target_url = url
    otio.adapters.write_to_file(timeline, str(cut))
    run = ["score", str(cut), "-o", str(tmp_path / "out.otiod"), option.format(away)]
    assert main([*run, "--model", "debug", "--steps", "1"]) == 0
    assert "not here" not in capsys.readouterr().out
    assert (tmp_path / "out.otiod" / "media" / "roll.mp4").is_file()
    again = otio.adapters.read_from_file(str(tmp_path / "out.otiod"))
    assert next(iter(again.find_clips())).media_reference.target_url.endswith("media/roll.mp4")


def test_files_that_may_be_meant_are_listed(cut: Path, capsys: pytest.CaptureFixture[str]) -> None:
    media = cut.parent / "media"
    (media / "copy.mov").write_bytes((media / "one.mov").read_bytes())
    run = ["score", str(cut), "-o", str(cut.with_name("out.otio")), *OPTIONS, str(media)]
    assert main(run) == 5
    told = capsys.readouterr().err
    assert "reel A001C003" in told and "copy.mov" in told and "one.mov" in told


def test_where_media_are_missing_spot_says_what_helps(
    cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cut.parent / "none").mkdir()
    cut.write_text(EDL.replace("SCORE maestro=SR01", "SCORE"))
    assert main(["spot", str(cut), *OPTIONS, str(cut.parent / "none")]) == 0
    told = capsys.readouterr()
    assert "media missing" in told.out
    assert "hint: media of 1 shot are missing; --media-dir" in told.err
    movie = cut.parent / "media" / "one.mov"
    run = ["spot", str(cut), *OPTIONS, str(cut.parent / "none"), "--picture", str(movie)]
    assert main(run) == 0
    told = capsys.readouterr()
    assert "hint" not in told.err and "media missing" not in told.out
    assert f"seen in {movie}" in told.out


def test_a_list_of_reels_runs_at_the_rate_of_its_media(
    cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    media = cut.parent / "media"
    assert main(["spot", str(cut), *OPTIONS[2:], str(media), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rate"], found["rate_source"]) == ("24000/1001", "the media, which agree")
    assert found["cues"][0]["shots"][0]["found_by"] == "reel and timecode"
    write_movie(media / "high.mov", 8, 48, timecode="05:00:00:00", reel="A001C003_140101_R2EC")
    assert main(["spot", str(cut), *OPTIONS[2:], str(media)]) == 3
    assert "--rate" in capsys.readouterr().err
