"""Media are found where timelines of any system say, and what is wrong with them is said."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from coded_media import write_image, write_movie, write_sound
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.image_sequence import find_images
from otio_hpm.timeline.media import MediaFinder


def finder(base: Path, *media_dirs: Path, maps: tuple[tuple[str, str], ...] = ()) -> MediaFinder:
    return MediaFinder(base, MediaSettings(media_dirs=media_dirs, path_maps=maps))


def to(url: str) -> schema.ExternalReference:
    return schema.ExternalReference(target_url=url)


def touched(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


@pytest.mark.parametrize(
    "form",
    ["{path}", "{uri}", "file://localhost{quoted}", "file:{quoted}", "{relative}", "./{relative}"],
)
@pytest.mark.parametrize("name", ["a.mov", "tow n #1 50%.mov", "ö%20ä.mov"])
def test_a_file_is_found_in_every_form_of_its_path(tmp_path, form, name):
    path = touched(tmp_path / "footage" / name)
    uri = path.as_uri()
    url = form.format(path=path, uri=uri, quoted=uri[7:], relative=f"footage/{name}")
    assert finder(tmp_path).find(to(url)) == path


def test_a_relative_path_may_be_percent_encoded(tmp_path):
    path = touched(tmp_path / "my clip.mov")
    assert finder(tmp_path).find(to("my%20clip.mov")) == path


@pytest.mark.parametrize(
    "url",
    [
        r"D:\Shows\Film\A001.mov",
        "D:/Shows/Film/A001.mov",
        "file:///D:/Shows/Film/A001.mov",
        "file://localhost/D%3a/Shows/Film/A001.mov",
        "file:///d%3A/shows/Film/A001.mov",
    ],
)
def test_path_maps_move_windows_paths(tmp_path, url):
    path = touched(tmp_path / "mnt" / "Film" / "A001.mov")
    maps = ((r"D:\Other", "/nowhere"), (r"D:\Shows", str(tmp_path / "mnt")))
    assert finder(tmp_path, maps=maps).find(to(url)) == path
    assert finder(tmp_path, maps=((r"D:\Sho", str(tmp_path / "mnt")),)).find(to(url)) is None


@pytest.mark.parametrize(
    "url", [r"\\nas\show\r1\a.mov", "//nas/show/r1/a.mov", "file://nas/show/r1/a.mov"]
)
def test_path_maps_move_server_paths(tmp_path, url):
    path = touched(tmp_path / "r1" / "a.mov")
    assert finder(tmp_path, maps=(("//nas/show", str(tmp_path)),)).find(to(url)) == path


def test_path_maps_move_volumes(tmp_path):
    path = touched(tmp_path / "a b.mov")
    found = finder(tmp_path, maps=(("/Volumes/RAID", str(tmp_path)),))
    assert found.find(to("file:///Volumes/RAID/a%20b.mov")) == path


@pytest.mark.parametrize(
    "url",
    [
        "http://host/a.mov",
        "https://host/a.mov",
        "concat:a.mov|b.mov",
        "pipe:0",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "rtsp://host/a",
        "data:video/mp4;base64,AAAA",
        "crypto+file:/etc/passwd",
    ],
)
def test_anything_but_a_local_file_is_refused(tmp_path, url):
    with pytest.raises(MediaError, match="not a local file"):
        finder(tmp_path, tmp_path).find(to(url))


def test_media_on_a_server_by_another_protocol_are_found_where_the_run_says(tmp_path):
    path = touched(tmp_path / "show" / "r1" / "a b.mov")
    for url in ("smb://nas/show/r1/a%20b.mov", "afp://nas/show/r1/a b.mov", "https://x/r1/a b.mov"):
        assert finder(tmp_path / "edit", tmp_path).find(to(url)) == path
    maps = (("smb://nas/show", str(tmp_path / "show")),)
    assert finder(tmp_path, maps=maps).find(to("smb://nas/show/r1/a%20b.mov")) == path
    with pytest.raises(MediaError, match="not a local file"):
        finder(tmp_path, maps=maps).find(to("smb://nas/other/a%20b.mov"))


def test_media_dirs_are_searched_by_name_and_the_best_tail_wins(tmp_path):
    one = touched(tmp_path / "pool" / "day1" / "A001.mov")
    two = touched(tmp_path / "pool" / "day2" / "A001.mov")
    found = finder(tmp_path / "edit", tmp_path / "pool")
    assert found.find(to("/Volumes/X/day2/A001.mov")) == two
    assert found.find(to(r"E:\DAY1\a001.MOV")) == one
    assert found.find(to("/Volumes/X/other.mov")) is None
    with pytest.raises(MediaError, match=r"day1.*day2|day2.*day1"):
        found.find(to("/Volumes/X/day3/A001.mov"))


def test_links_to_one_file_are_not_ambiguous(tmp_path):
    path = touched(tmp_path / "pool" / "a" / "x.mov")
    (tmp_path / "pool" / "b").mkdir()
    os.symlink(path, tmp_path / "pool" / "b" / "x.mov")
    os.symlink(tmp_path / "pool", tmp_path / "pool" / "loop")
    assert finder(tmp_path, tmp_path / "pool").find(to("/gone/x.mov")).samefile(path)


def test_a_media_dir_that_is_not_there_is_said(tmp_path):
    with pytest.raises(MediaError, match="nowhere"):
        finder(tmp_path, tmp_path / "nowhere").find(to("a.mov"))


def test_a_clip_of_an_edl_is_found_by_its_name_or_reel(tmp_path):
    path = touched(tmp_path / "pool" / "SC12_TK3.mxf")
    touched(tmp_path / "pool" / "sc12_tk3.wav")
    found = finder(tmp_path, tmp_path / "pool")
    assert found.find_clip(schema.Clip(name="sc12_tk3")) == path
    assert found.find_clip(schema.Clip(name="SC12_TK3.mxf")) == path
    by_reel = schema.Clip(name="x", metadata={"cmx_3600": {"reel": "SC12_TK3"}})
    assert found.find_clip(by_reel) == path
    comments = {"cmx_3600": {"comments": ["SOURCE FILE: sc12_tk3.mxf"]}}
    assert found.find_clip(schema.Clip(name="x", metadata=comments)) == path
    assert found.find_clip(schema.Clip(name="x")) is None
    named = schema.Clip(name="sc12_tk3", media_reference=to("/gone/other.mxf"))
    assert found.find_clip(named) == path
    made = schema.GeneratorReference(generator_kind="SMPTEBars")
    assert found.find_clip(schema.Clip(name="sc12_tk3", media_reference=made)) is None


def test_names_in_markers_stay_inside_the_known_folders(tmp_path):
    inside = touched(tmp_path / "edit" / "music" / "theme.wav")
    pool = touched(tmp_path / "pool" / "deep" / "temp.wav")
    outside = touched(tmp_path / "secret.wav")
    os.symlink(outside, tmp_path / "edit" / "link.wav")
    found = finder(tmp_path / "edit", tmp_path / "pool")
    assert found.find_named("music/theme.wav") == inside
    assert found.find_named(str(inside)) == inside
    assert found.find_named("temp.wav") == pool
    assert found.find_named("absent.wav") is None
    for name in ("../secret.wav", str(outside), "link.wav"):
        with pytest.raises(MediaError, match="outside"):
            found.find_named(name)


def sequence(folder: Path, count: int, policy: str = "error") -> schema.ImageSequenceReference:
    return schema.ImageSequenceReference(
        target_url_base=folder.as_uri(),
        name_prefix="shot.",
        name_suffix=".png",
        start_frame=1,
        frame_zero_padding=4,
        rate=24,
        available_range=TimeRange(RationalTime(100, 24), RationalTime(count, 24)),
        missing_frame_policy=getattr(schema.ImageSequenceReference.MissingFramePolicy, policy),
    )


def test_image_sequences_settle_their_holes_as_they_say(tmp_path):
    grey = np.full((4, 4, 3), 99, np.uint8)
    files = {n: write_image(tmp_path / "a b" / f"shot.{n:04d}.png", grey) for n in (1, 2, 4)}
    found = finder(tmp_path)
    whole = found.media(sequence(tmp_path / "a b", 2))
    assert whole.kind == "sequence" and whole.rate == 24
    assert whole.files == (files[1], files[2]) and whole.duration_s == Fraction(2, 24)
    assert found.find(sequence(tmp_path / "a b", 4, "hold")) == tuple(
        files[n] for n in (1, 2, 2, 4)
    )
    assert found.find(sequence(tmp_path / "a b", 4, "black")) == (
        files[1],
        files[2],
        None,
        files[4],
    )
    with pytest.raises(MediaError, match="0003"):
        found.find(sequence(tmp_path / "a b", 4))
    assert found.media(sequence(tmp_path / "gone", 4)) is None
    with pytest.raises(MediaError, match="1000000000 images"):
        found.find(sequence(tmp_path / "a b", 1_000_000_000))
    searched = finder(tmp_path / "edit", tmp_path)
    assert searched.find(sequence(tmp_path / "gone", 2)) == whole.files


def test_images_in_the_midst_of_a_long_sequence_are_found(tmp_path):
    grey = np.full((4, 4, 3), 99, np.uint8)
    files = [write_image(tmp_path / f"shot.{n:04d}.png", grey) for n in range(3001, 3011)]
    found = finder(tmp_path).find(sequence(tmp_path, 10_000, "black"))
    assert [image for image in found if image] == files
    assert found.index(files[0]) == 3000


def test_a_long_sequence_that_is_not_there_is_not_looked_for_at_length(tmp_path):
    looked = []
    found = find_images(sequence(tmp_path / "gone", 1_000_000), looked.append)
    assert found is None
    assert len(looked) <= 2000


def test_a_sequence_may_be_named_as_one_file(tmp_path):
    grey = np.full((4, 4, 3), 99, np.uint8)
    files = tuple(write_image(tmp_path / f"shot.{n:04d}.png", grey) for n in (98, 99, 100))
    reference = to(f"{tmp_path}/shot.[0098-0100].png")
    assert finder(tmp_path).media(reference) is None
    reference.available_range = TimeRange(RationalTime(98, 24), RationalTime(3, 24))
    found = finder(tmp_path).media(reference)
    assert found.files == files and found.rate == 24


def test_a_probe_tells_what_is_in_a_file(tmp_path):
    movie = write_movie(
        tmp_path / "a.mov", 48, Fraction(30000, 1001), timecode="01:00:00;00", sound=True
    )
    found = finder(tmp_path).probe(movie)
    assert found.kind == "movie" and found.has_audio and not found.has_alpha
    assert found.rate == Fraction(30000, 1001)
    assert found.start_timecode == "01:00:00;00"
    assert found.start_s == 107_892 * Fraction(1001, 30000)
    assert found.duration_s == 48 * Fraction(1001, 30000)
    assert (found.width, found.height) == (128, 72)
    sound = finder(tmp_path).probe(write_sound(tmp_path / "a.wav", 2))
    assert sound.kind == "audio" and sound.duration_s == 2
    still = finder(tmp_path).probe(write_image(tmp_path / "a.png", np.zeros((4, 6, 4), np.uint8)))
    assert still.kind == "still" and still.has_alpha and still.duration_s is None
    full = finder(tmp_path).probe(
        write_image(tmp_path / "b%03d.png", np.full((4, 6, 4), 255, np.uint8))
    )
    assert full.kind == "still" and not full.has_alpha


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "truncated", "folder", "playlist"])
def test_what_cannot_be_probed_is_named(tmp_path, kind):
    path = tmp_path / f"{kind}.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("not a movie\n" * 100)
    elif kind == "truncated":
        write_movie(path, 48)
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "folder":
        path.mkdir()
    elif kind == "playlist":
        write_movie(tmp_path / "real.mp4", 4)
        path.write_text("ffconcat version 1.0\nfile real.mp4\n")
    with pytest.raises(MediaError, match=rf"{kind}\.mp4"):
        finder(tmp_path).probe(path)


def test_an_unclosed_matroska_file_still_has_a_length(tmp_path):
    path = write_movie(tmp_path / "live.mkv", 48, options={"live": "1"})
    assert finder(tmp_path).probe(path).duration_s == pytest.approx(2, abs=0.05)
