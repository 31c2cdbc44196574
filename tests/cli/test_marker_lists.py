"""Spotting saved as markers, edited and brought back: the command line from end to end."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from marked_film import make_film, save

from otio_hpm.__main__ import main

DEBUG = ["--model", "debug"]
Rows = list[dict[str, str]]


def spotted(capsys: pytest.CaptureFixture[str], cut: Path, *more: str) -> dict[str, Any]:
    assert main(["spot", str(cut), *DEBUG, "--json", *more]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def refused(capsys: pytest.CaptureFixture[str], cut: Path, *more: str) -> tuple[int, str]:
    code = main(["spot", str(cut), *DEBUG, *more])
    return code, capsys.readouterr().err


def film(folder: Path) -> Path:
    """Three marked shots, a HIT and a LEVEL."""
    cut = make_film(folder, ("SCORE tender", "SCORE cue=1m9 seed=3", None))
    timeline = otio.adapters.read_from_file(str(cut))
    for text, at in (("HIT the door", 60), ("LEVEL -6 dB", 70)):
        reach = otio.opentime.TimeRange(otio.opentime.RationalTime(at, 24))
        timeline.tracks.markers.append(otio.schema.Marker(text, marked_range=reach))
    return save(timeline, cut)


def stripped(cut: Path) -> Path:
    """The same timeline, without its markers."""
    timeline = otio.adapters.read_from_file(str(cut))
    for item in (timeline.tracks, *timeline.tracks, *timeline.find_clips()):
        del item.markers[:]
    return save(timeline, cut.with_name("stripped.otio"))


def what_counts(document: dict[str, Any]) -> list[Any]:
    keys = ("number", "timecode_in", "timecode_out", "note", "style", "hits", "levels", "shots")
    return [[cue[key] for key in keys] for cue in document["cues"]]


def edit(sheet: Path, dialect: dict[str, Any], encoding: str, **changes: Any) -> None:
    """Change the sheet as a spreadsheet program would write it."""
    rows: Rows = list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines()))
    for row in rows:
        row.update(changes.get(row["settings"].split(" ")[0].replace("=", "_"), {}))
    with sheet.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), **dialect)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("ending", [".csv", ".edl", ".txt"])
def test_saved_markers_bring_the_same_cues_to_a_timeline_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    cut, saved = film(tmp_path), tmp_path / f"spotting{ending}"
    before = cut.read_bytes()
    first = spotted(capsys, cut, "--save-markers", str(saved))
    assert first["saved"] == str(saved) and first["marker_lists"] == []
    again = spotted(capsys, stripped(cut), "--markers", str(saved))
    assert what_counts(again) == what_counts(first)
    assert [cue["number"] for cue in first["cues"]] == ["1m1", "1m9"]
    assert first["cues"][1]["hits"] == ["01:00:02:12"] and first["cues"][1]["levels"]
    assert not again["warnings"] and "4 markers from spotting" in again["marker_lists"][0]
    assert cut.read_bytes() == before


def test_the_sheet_has_a_row_for_all_that_was_spotted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "spotting.csv"
    spotted(capsys, film(tmp_path), "--save-markers", str(sheet))
    rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines()))
    assert rows == [
        ["name", "note", "in", "out", "colour", "settings"],
        ["SCORE", "tender", "01:00:00:00", "01:00:02:00", "RED", "cue=1m1"],
        ["SCORE", "", "01:00:02:00", "01:00:04:00", "RED", "cue=1m9 seed=3"],
        ["HIT the door", "", "01:00:02:12", "01:00:02:12", "RED", ""],
        ["LEVEL -6 dB", "", "01:00:02:22", "01:00:02:22", "RED", ""],
    ]


@pytest.mark.parametrize("marked", [True, False])
def test_an_edited_sheet_is_the_spotting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], marked: bool
) -> None:
    cut, sheet = film(tmp_path), tmp_path / "spotting.csv"
    spotted(capsys, cut, "--save-markers", str(sheet))
    edit(
        sheet,
        {"delimiter": ";", "quoting": csv.QUOTE_ALL},
        "utf-16",
        cue_1m1={"out": "01:00:01:12", "settings": "cue=1m1 style=none", "note": "louder; später"},
        cue_1m9={"out": "01:00:05:00", "settings": "cue=1m5"},
    )
    found = spotted(capsys, cut if marked else stripped(cut), "--markers", str(sheet))
    told = [(c["number"], c["timecode_in"], c["timecode_out"], c["style"]) for c in found["cues"]]
    assert told == [
        ("1m1", "01:00:00:00", "01:00:01:12", "none"),
        ("1m5", "01:00:02:00", "01:00:05:00", "auto"),
    ]
    assert found["cues"][0]["note"] == "louder; später"
    assert found["cues"][1]["hits"] == ["01:00:02:12"]


def test_an_existing_file_is_replaced_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, sheet = film(tmp_path), tmp_path / "spotting.csv"
    sheet.write_text("mine", "utf-8")
    code, told = refused(capsys, cut, "--save-markers", str(sheet))
    assert code == 7 and "exists already" in told and sheet.read_text("utf-8") == "mine"
    spotted(capsys, cut, "--save-markers", str(sheet), "--overwrite")
    assert "SCORE" in sheet.read_text("utf-8")
    assert not list(tmp_path.glob(".*.part"))


def test_what_cannot_be_saved_or_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = film(tmp_path)
    assert refused(capsys, cut, "--save-markers", str(tmp_path / "x.xml"))[0] == 2
    code, told = refused(capsys, cut, "--save-markers", str(tmp_path / "none" / "x.csv"))
    assert code == 7 and "does not exist" in told
    code, told = refused(capsys, cut, "--markers", str(cut))
    assert code == 3 and "cut.otio is no list of markers; line 1" in told
    code, told = refused(capsys, cut, "--markers", str(tmp_path / "none.csv"))
    assert code == 3 and "none.csv" in told


def test_lists_may_be_named_in_a_settings_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = stripped(film(tmp_path))
    named = tmp_path / "markers.txt"
    named.write_text("Ann\t01:00:04:10\tV1\tred\tSCORE\n", "utf-8")
    (tmp_path / "hpm.toml").write_text(f'[spotting]\nmarkers = ["{named}"]\n', "utf-8")
    found = spotted(capsys, cut, "--settings", str(tmp_path / "hpm.toml"))
    assert [cue["timecode_in"] for cue in found["cues"]] == ["01:00:04:00"]


def test_scoring_keeps_the_merged_markers_and_does_not_double_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, named = stripped(film(tmp_path)), tmp_path / "markers.edl"
    named.write_text(
        "TITLE: x\nFCM: NON-DROP FRAME\n\n"
        "001  001      V     C        01:00:00:10 01:00:00:11 01:00:00:10 01:00:00:11\n"
        "cue=1m4 tender |C:ResolveColorLavender |M:SCORE |D:1\n",
        "utf-8",
    )
    out = tmp_path / "out.otio"
    options = [*DEBUG, "--device", "cpu", "--steps", "1", "--markers", str(named)]
    assert main(["score", str(cut), "-o", str(out), *options]) == 0
    assert "1 marker from markers.edl, a marker EDL of DaVinci Resolve" in capsys.readouterr().out
    merged = otio.adapters.read_from_file(str(out)).tracks.markers
    assert [(m.name, m.comment, m.color) for m in merged] == [("SCORE", "cue=1m4 tender", "PURPLE")]
    assert merged[0].metadata["marker_list"] == {"color": "Lavender"}
    assert merged[0].metadata["otio_hpm"]["cue"] == "1m4"
    again = spotted(capsys, out, "--markers", str(named))
    assert "1 there already" in again["marker_lists"][0]
    assert [cue["marks"] for cue in again["cues"]] == [["SCORE cue=1m4 tender"]]


def markers_of(timeline: Path) -> dict[str, list[str]]:
    """What each thing on a timeline that has markers says of them in its file, by its name."""
    found: dict[str, list[str]] = {}

    def look(thing: Any) -> None:
        if isinstance(thing, dict):
            if thing.get("markers"):
                key = f"{thing['OTIO_SCHEMA']} {thing['name']}"
                found[key] = [json.dumps(one, sort_keys=True) for one in thing["markers"]]
            thing = list(thing.values())
        for part in thing if isinstance(thing, list) else ():
            look(part)

    look(json.loads(timeline.read_text("utf-8")))
    return found


def test_marks_that_a_sheet_supersedes_are_written_as_they_were_and_nothing_is_rendered_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, sheet = film(tmp_path), tmp_path / "sheet.csv"
    sheet.write_text(
        "name,note,in,out,settings\n"
        "SCORE,slow,01:00:00:00,01:00:04:00,cue=1m4\n"
        "LEVEL -9,,01:00:02:22,,\n",
        "utf-8",
    )
    out, options = tmp_path / "out.otio", [*DEBUG, "--device", "cpu", "--steps", "1", "--json"]
    scored = ["score", str(cut), "-o", str(out), "-o", str(tmp_path / "out.xml"), *options]
    assert main([*scored, "--markers", str(sheet)]) == 0
    first = json.loads(capsys.readouterr().out)
    assert [cue["number"] for cue in first["cues"]] == ["1m4"]
    theirs = {"SCORE tender", "SCORE cue=1m9 seed=3", "LEVEL -6 dB"}
    assert "3 of the timeline's own give way" in first["marker_lists"][0]
    for told in (spotted(capsys, cut, "--markers", str(sheet)), spotted(capsys, out)):
        assert {one["text"] for one in told["ignored"]} == theirs
        assert all("sheet" in one["reason"] for one in told["ignored"])

    before, after = markers_of(cut), markers_of(out)
    assert before.keys() == after.keys()
    assert all(after[key][: len(said)] == said for key, said in before.items())
    assert sum(map(len, after.values())) == sum(map(len, before.values())) + 2
    assert all(text in (tmp_path / "out.xml").read_text("utf-8") for text in theirs)

    audio = {path: path.read_bytes() for path in (tmp_path / "out_audio").iterdir()}
    for index, more in enumerate(([], ["--markers", str(sheet)])):
        again = tmp_path / f"again{index}.otio"
        assert main(["score", str(out), "-o", str(again), *options, *more]) == 0
        result = json.loads(capsys.readouterr().out)
        assert [(cue["number"], cue["reused"]) for cue in result["cues"]] == [("1m4", True)]
        assert not (tmp_path / f"again{index}_audio").exists()
        assert markers_of(again) == after
    assert audio == {path: path.read_bytes() for path in (tmp_path / "out_audio").iterdir()}
