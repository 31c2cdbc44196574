"""Moving our audio: the timeline plays it from its new place, and nothing is lost on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import opentimelineio as otio
import pytest
from scored_timelines import BESIDE, cue, scored

from otio_hpm.__main__ import main
from otio_hpm.errors import HpmError, MediaError, OutputError
from otio_hpm.scoring import moving, relinked_timeline
from otio_hpm.scoring import relink as module
from otio_hpm.scoring.relink import relink

NAMES = tuple(f"R1_{number}_t{take:02d}.wav" for number in ("1m1", "1m2") for take in (1, 2))
Held = dict[str, str]


def held(folder: Path) -> Held:
    """Every file below a folder and a digest of its content; what tools left behind as well."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def all_of(name: str) -> list[str]:
    """The names of a take's files."""
    return [name, *(name.removesuffix(".wav") + suffix for suffix in BESIDE)]


def played(path: Path) -> list[Path]:
    """The files that the references of our clips lead to, by plain JSON."""
    document = json.loads(path.read_text("utf-8"))
    found = []
    for track in document["tracks"]["children"]:
        for child in track["children"] if "otio_hpm" in track["metadata"] else ():
            for reference in child.get("media_references", {}).values():
                url = reference["target_url"]
                local = unquote(urlsplit(url).path) if url.startswith("file:") else url
                found.append(Path(os.path.normpath(path.parent / local)))
    return found


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A scored timeline whose two cues have two takes each, in a folder of its own."""
    return scored(tmp_path / "film", takes=2)


def test_all_takes_move_with_what_lies_beside_them(film: Path, tmp_path: Path) -> None:
    before = held(film.parent / "out_audio")
    target = tmp_path / "deliveries" / "reel 1"
    done = relink(film, target, overwrite=True)
    assert held(target) == before
    assert sorted(before) == sorted(name for take in NAMES for name in all_of(take))
    assert not (film.parent / "out_audio").exists()
    assert sorted(played(film)) == [target / name for name in NAMES]
    assert done.copied == done.removed == len(before)
    assert [path.name for path in done.audio] == list(NAMES)


def test_the_timeline_says_where_sidecars_and_audio_are(film: Path, tmp_path: Path) -> None:
    relink(film, tmp_path / "moved", overwrite=True)
    timeline = otio.adapters.read_from_file(str(film))
    assert timeline.metadata["otio_hpm"]["audio_folder"] == "../moved"
    told = [
        clip.metadata["otio_hpm"]["sidecar"]
        for clip in timeline.find_clips()
        if "otio_hpm" in clip.metadata
    ]
    assert told == ["../moved/R1_1m1_t02.json", "../moved/R1_1m2_t02.json"]


def test_nothing_but_places_changes(film: Path, tmp_path: Path) -> None:
    before = film.read_text("utf-8")
    relink(film, tmp_path / "moved", overwrite=True)
    old, new = (film.parent / "out_audio").absolute().as_uri(), (tmp_path / "moved").as_uri()
    expected = before.replace(old, new).replace('"out_audio', '"../moved')
    assert film.read_text("utf-8") == expected


def test_another_output_leaves_the_timeline(film: Path, tmp_path: Path) -> None:
    before = film.read_bytes()
    done = relink(film, tmp_path / "moved", tmp_path / "new.otio")
    assert film.read_bytes() == before
    assert sorted(played(tmp_path / "new.otio")) == [tmp_path / "moved" / name for name in NAMES]
    assert any("out.otio still names the old places" in words for words in done.warnings)


def test_copying_leaves_the_old_files(film: Path, tmp_path: Path) -> None:
    before = held(film.parent / "out_audio")
    done = relink(film, tmp_path / "moved", tmp_path / "new.otio", copy=True)
    assert held(film.parent / "out_audio") == held(tmp_path / "moved") == before
    assert done.removed == 0 and done.warnings == ()


def test_moving_twice_does_nothing_more(film: Path, tmp_path: Path) -> None:
    relink(film, tmp_path / "moved", overwrite=True)
    text, files = film.read_bytes(), held(tmp_path / "moved")
    done = relink(film, tmp_path / "moved", overwrite=True)
    assert (film.read_bytes(), held(tmp_path / "moved")) == (text, files)
    assert (done.copied, done.removed) == (0, 0)


def test_audio_that_was_moved_by_hand_is_found_where_it_is_to_be(
    film: Path, tmp_path: Path
) -> None:
    (film.parent / "out_audio").rename(tmp_path / "by hand")
    done = relink(film, tmp_path / "by hand", overwrite=True)
    assert sorted(played(film)) == [tmp_path / "by hand" / name for name in NAMES]
    assert (done.copied, done.removed) == (0, 0)


def test_a_clip_of_the_editors_that_plays_our_file_follows(film: Path, tmp_path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(film))
    wav = film.parent / "out_audio" / NAMES[0]
    reference = otio.schema.ExternalReference(target_url=f"out_audio/{wav.name}")
    clip = otio.schema.Clip(name="sting", media_reference=reference)
    clip.source_range = timeline.tracks[0][0].source_range
    timeline.tracks.append(otio.schema.Track(name="A9", kind="Audio", children=[clip]))
    otio.adapters.write_to_file(timeline, str(film))
    relink(film, tmp_path / "moved", overwrite=True)
    after = otio.adapters.read_from_file(str(film))
    theirs = next(clip for clip in after.find_clips() if clip.name in ("sting", wav.name))
    assert theirs.media_reference.target_url == (tmp_path / "moved" / wav.name).as_uri()


def test_what_is_missing_stays_as_it_is_and_is_told(film: Path, tmp_path: Path) -> None:
    gone = film.parent / "out_audio" / NAMES[0]
    gone.unlink()
    done = relink(film, tmp_path / "moved", overwrite=True)
    assert gone in played(film)
    assert any(gone.name in words for words in done.warnings)
    assert sorted(path.name for path in done.audio) == list(NAMES[1:])


def test_a_sketch_of_the_composers_beside_the_audio_stays(film: Path, tmp_path: Path) -> None:
    mine = film.parent / "out_audio" / "mine.mid"
    mine.write_bytes(b"mine")
    relink(film, tmp_path / "moved", overwrite=True)
    assert held(film.parent / "out_audio") == {"mine.mid": hashlib.sha256(b"mine").hexdigest()}


Failing = Callable[[pytest.MonkeyPatch, Path], None]


def full_disk(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    files: list[Path] = []

    def room_for_five(*_: Any) -> None:
        files.append(target)
        if len(files) > 5:
            raise OutputError("no room")

    monkeypatch.setattr(moving, "check_room", room_for_five)


def broken_copy(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    real = moving.sha256_of

    def other(path: Path) -> str:
        return "0" if path == target / NAMES[2] else real(path)

    monkeypatch.setattr(moving, "sha256_of", other)


def unwritable_timeline(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OutputError("cannot be written")

    monkeypatch.setattr(relinked_timeline, "write", refuse)


def timeline_that_leads_elsewhere(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    monkeypatch.setattr(relinked_timeline, "_mend", lambda *_: None)
    monkeypatch.setattr(relinked_timeline, "_active", lambda *_: iter([target / NAMES[1]]))


def unpublished(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OutputError("cannot be renamed")

    monkeypatch.setattr(module, "publish", refuse)


def interrupted(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_relinked", stop)


@pytest.mark.parametrize(
    "fail",
    [
        full_disk,
        broken_copy,
        unwritable_timeline,
        timeline_that_leads_elsewhere,
        unpublished,
        interrupted,
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_whatever_fails_all_is_as_it_was(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: Failing, there: bool
) -> None:
    target = tmp_path / "deliveries" / "reel"
    if there:
        target.mkdir(parents=True)
        shutil.copy(film.parent / "out_audio" / NAMES[0], target)
    before = held(tmp_path)
    fail(monkeypatch, target)
    with pytest.raises((HpmError, KeyboardInterrupt)):
        relink(film, target, overwrite=True)
    assert held(tmp_path) == before
    assert target.exists() is there


def test_a_file_in_the_way_is_never_replaced(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "moved"
    target.mkdir()
    (target / NAMES[3]).write_bytes(b"another")
    before = held(tmp_path)
    with pytest.raises(OutputError, match=NAMES[3]):
        relink(film, target, overwrite=True)
    assert held(tmp_path) == before


def test_a_file_that_changes_while_it_moves_is_kept(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film.parent / "out_audio" / NAMES[0]
    real = module.publish

    def change(*arguments: Any, **more: Any) -> None:
        real(*arguments, **more)
        source.write_bytes(b"rendered anew")

    monkeypatch.setattr(module, "publish", change)
    done = relink(film, tmp_path / "moved", overwrite=True)
    assert source.read_bytes() == b"rendered anew"
    assert any(f"{source} has changed" in words for words in done.warnings)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "--overwrite"),
        ({"output": "in.otioz"}, "-o OUT.otio"),
        ({"output": "in.otio"}, "--overwrite"),
        ({"output": "in.docx"}, ""),
    ],
)
def test_what_may_not_be_written_is_refused_before_anything_moves(
    film: Path, tmp_path: Path, arguments: dict[str, str], words: str
) -> None:
    before = held(tmp_path)
    output = film.parent / arguments["output"] if arguments else None
    with pytest.raises(OutputError) as error:
        relink(film, tmp_path / "moved", output)
    assert words in error.value.hint
    assert held(tmp_path) == before


def test_a_collection_is_not_written_over_with_one_of_its_timelines(
    film: Path, tmp_path: Path
) -> None:
    timeline = otio.adapters.read_from_file(str(film))
    collection = otio.schema.SerializableCollection(children=[timeline])
    otio.adapters.write_to_file(collection, str(film))
    before = held(tmp_path)
    with pytest.raises(OutputError, match="more than one timeline"):
        relink(film, tmp_path / "moved", overwrite=True)
    assert held(tmp_path) == before
    relink(film, tmp_path / "moved", tmp_path / "new.otio")
    assert sorted(played(tmp_path / "new.otio")) == [tmp_path / "moved" / name for name in NAMES]


def test_a_timeline_without_our_music_is_refused(film: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no audio of ours"):
        relink(film.with_name("in.otio"), tmp_path / "moved", overwrite=True)


@pytest.mark.parametrize("dialect", ["resolve", "premiere", "kdenlive"])
def test_the_dialect_stays(film: Path, tmp_path: Path, dialect: str) -> None:
    where, there = str(tmp_path / "moved"), str(tmp_path / "there")
    assert main(["relink", str(film), "--to", where, "--overwrite", "--dialect", dialect]) == 0
    again = ["relink", str(film), "--to", there, "--overwrite", "--relative", "--dialect", dialect]
    assert main(again) == 0
    assert sorted(played(film)) == [tmp_path / "there" / name for name in NAMES]


def test_the_command_tells_what_it_did(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "moved"
    assert main(["relink", str(film), "--to", str(target), "-o", str(film), "--json"]) == 7
    capsys.readouterr()
    assert main(["relink", str(film), "--to", str(target), "--overwrite", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["audio"] == [str(target / name) for name in NAMES]
    assert (told["copied"], told["removed"]) == (16, 16)


def test_cues_that_share_a_take_move_it_once(tmp_path: Path) -> None:
    film = scored(tmp_path / "film", cue("1m1", 0, 100))
    timeline = otio.adapters.read_from_file(str(film))
    track = timeline.tracks[-1]
    track.append(next(clip for clip in track if "otio_hpm" in clip.metadata).deepcopy())
    otio.adapters.write_to_file(timeline, str(film))
    done = relink(film, tmp_path / "moved", overwrite=True)
    assert (len(done.audio), done.copied) == (1, 4)
