"""OpenTimelineIO's own tools find media through the linker `hpm_linker`."""

from __future__ import annotations

import logging
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from coded_media import write_broadcast_sound, write_image, write_movie
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

RATE = Fraction(24000, 1001)
EDL = """TITLE: Reels
FCM: NON-DROP FRAME

001  A001C003 V     C        01:00:00:10 01:00:01:10 01:00:00:00 01:00:01:00
002  SR01     A     C        01:00:00:10 01:00:01:10 01:00:00:00 01:00:01:00
003  A009C003 V     C        01:00:00:00 01:00:01:00 01:00:01:00 01:00:02:00
"""


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list that knows reels alone, and media of two of them."""
    folder = tmp_path_factory.mktemp("reels")
    (folder / "cut.edl").write_text(EDL)
    reel = "A001C003_130101_R2EC"
    write_movie(folder / "media" / "one.mov", 48, RATE, timecode="01:00:00:00", reel=reel)
    first = round(86_405 * 1001 / 24000 * 48000) + 7
    write_broadcast_sound(folder / "media" / "two.wav", first, 2, tape="SR01")
    return folder


def linked(path: Path, **arguments: Any) -> list[Any]:
    """The media references of a timeline's clips, as the linker leaves them."""
    timeline = otio.adapters.read_from_file(
        str(path), media_linker_name="hpm_linker", media_linker_argument_map=arguments
    )
    return [clip.media_reference for clip in timeline.find_clips()]


def saved(folder: Path, *references: Any) -> Path:
    clips = [
        schema.Clip(
            name=f"clip {number}",
            media_reference=reference,
            source_range=TimeRange(RationalTime(0, 24), RationalTime(24, 24)),
        )
        for number, reference in enumerate(references)
    ]
    timeline = schema.Timeline(name="cut")
    timeline.tracks.append(schema.Track(name="V1", children=clips))
    folder.mkdir(parents=True, exist_ok=True)
    otio.adapters.write_to_file(timeline, str(folder / "cut.otio"))
    return folder / "cut.otio"


def to(url: str, **more: Any) -> Any:
    return schema.ExternalReference(target_url=url, **more)


def test_otioconvert_brings_reels_online(reels: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.otio"
    script = "import sys; from opentimelineio.console.otioconvert import main; sys.exit(main())"
    options = ["-i", reels / "cut.edl", "-I", "hpm_edl", "-a", "rate=23.976", "-o", out]
    linker = ["-m", "hpm_linker", "-M", f"media_dir={reels / 'media'}"]
    subprocess.run([sys.executable, "-c", script, *options, *linker], check=True)
    clips = list(otio.adapters.read_from_file(str(out)).find_clips())
    found = {clip.metadata["cmx_3600"]["reel"]: clip.media_reference for clip in clips}
    picture, sound = found["A001C003"], found["SR01"]
    assert picture.target_url == (reels / "media" / "one.mov").as_uri()
    assert picture.available_range.start_time.value == 86_400
    assert picture.available_range.duration.value == 48
    assert picture.metadata["hpm_linker"] == {"found_by": "reel and timecode"}
    assert sound.target_url == (reels / "media" / "two.wav").as_uri()
    assert sound.available_range.start_time.rate == 48_000, "not on a frame"
    assert sound.available_range.start_time.value == round(86_405 * 1001 / 24000 * 48000) + 7
    assert found["A009C003"].is_missing_reference


def test_what_is_there_stays_as_it_is_and_what_moved_keeps_what_is_known(tmp_path: Path) -> None:
    here, moved = tmp_path / "here.mov", tmp_path / "new" / "moved.mov"
    moved.parent.mkdir()
    here.write_bytes(b"x")
    moved.write_bytes(b"x")
    known = TimeRange(RationalTime(100, 24), RationalTime(48, 24))
    kept = {"host": {"id": 7}}
    path = saved(
        tmp_path / "cut",
        to(here.as_uri(), available_range=known, metadata=kept),
        to("file:///D:/old/moved.mov", available_range=known, metadata=kept),
        to("file:///gone/nowhere.mov"),
        schema.GeneratorReference(generator_kind="black"),
    )
    one, two, three, four = linked(path, path_map=f"D:\\old={moved.parent}")
    assert (one.target_url, "hpm_linker" in one.metadata) == (here.as_uri(), False)
    assert two.target_url == moved.as_uri() and two.available_range == known
    assert dict(two.metadata["host"]) == kept["host"]
    assert two.metadata["hpm_linker"]["found_by"] == "path map"
    assert three.target_url == "file:///gone/nowhere.mov"
    assert four.generator_kind == "black"


@pytest.mark.parametrize("separate", [";".join, list, "; ".join], ids=["text", "list", "spaced"])
def test_several_folders_and_maps_may_be_given(tmp_path: Path, separate: Any) -> None:
    names = ["a.mov", "b.mov", "c.mov", "d.mov"]
    folders = [tmp_path / f"folder {name[0]}" for name in names]
    for folder, name in zip(folders, names, strict=True):
        folder.mkdir()
        (folder / name).write_bytes(b"x")
    path = saved(tmp_path / "cut", *(to(f"/old/{name[0]}/{name}") for name in names))
    found = linked(
        path,
        media_dir=separate([str(folder) for folder in folders[:2]]),
        path_map=separate([f"/old/{folder.name[-1]}={folder}" for folder in folders[2:]]),
    )
    there = zip(folders, names, strict=True)
    assert [one.target_url for one in found] == [(f / name).as_uri() for f, name in there]


def test_tools_that_give_no_arguments_have_them_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.mov").write_bytes(b"x")
    path = saved(tmp_path / "cut", to("/gone/a.mov"))
    monkeypatch.setenv("OTIO_DEFAULT_MEDIA_LINKER", "hpm_linker")
    monkeypatch.setenv("OTIO_HPM_MEDIA_DIR", str(tmp_path / "media"))
    (clip,) = otio.adapters.read_from_file(str(path)).find_clips()
    assert clip.media_reference.target_url == (tmp_path / "media" / "a.mov").as_uri()


def test_otiotool_reads_a_list_whose_rate_the_environment_tells(
    reels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import sys; from opentimelineio.console.otiotool import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "-i", str(reels / "cut.edl"), "--list-clips"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode and "frame rate of cut.edl is not known" in refused.stderr
    monkeypatch.setenv("OTIO_HPM_RATE", "23.976")
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert listed.stdout.count("CLIP:") == 3


def test_image_sequences_are_moved_whole(tmp_path: Path) -> None:
    import numpy as np

    for number in (1, 2, 3):
        write_image(tmp_path / "new" / f"s.{number:04d}.png", np.zeros((4, 4, 3), np.uint8))
    known = TimeRange(RationalTime(1, 24), RationalTime(3, 24))
    sequence = schema.ImageSequenceReference(
        target_url_base="file:///old/", name_prefix="s.", name_suffix=".png", start_frame=1,
        frame_zero_padding=4, rate=24, available_range=known,
    )  # fmt: skip
    path = saved(tmp_path / "cut", sequence, to("/old/s.[0001-0003].png", available_range=known))
    one, two = linked(path, media_dir=str(tmp_path / "new"))
    assert one.target_url_base == (tmp_path / "new").as_uri() + "/"
    assert two.target_url.endswith("/new/s.%5B0001-0003%5D.png")
    assert two.available_range == known


def test_relative_paths_start_where_they_are_said_to(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"x")
    path = saved(tmp_path / "cut", to("./a.mov"), to("gone/a.mov"))
    one, two = linked(path, base_dir=str(tmp_path), media_dir=str(tmp_path))
    assert one.target_url == "./a.mov"
    assert two.target_url == (tmp_path / "a.mov").as_uri()


def test_what_several_files_may_be_is_an_error_that_lists_them(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.mov").write_bytes(b"x")
    path = saved(tmp_path / "cut", to("/gone/a.mov"))
    with pytest.raises(otio.exceptions.OTIOError, match=r"one/a\.mov.*two/a\.mov"):
        linked(path, media_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({"media_dri": "x"}, "media_dri"), ({"path_map": "/old"}, "OLD=NEW")],
)
def test_arguments_that_mean_nothing_are_refused(
    tmp_path: Path, arguments: dict[str, str], reason: str
) -> None:
    with pytest.raises(otio.exceptions.OTIOError, match=reason):
        linked(saved(tmp_path, to("/gone/a.mov")), **arguments)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(otio.exceptions.OTIOError, match="nowhere is not there"):
        linked(saved(tmp_path, to("/gone/a.mov")), media_dir=str(tmp_path / "nowhere"))


def test_what_is_no_local_file_is_left_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = saved(tmp_path, to("http://host/a.mov"))
    with caplog.at_level(logging.WARNING):
        (one,) = linked(path, media_dir=str(tmp_path))
    assert one.target_url == "http://host/a.mov"
    assert any("clip 0" in record.getMessage() for record in caplog.records)
