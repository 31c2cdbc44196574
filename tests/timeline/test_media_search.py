"""Media are found by the rules in their order, and what several files may be is refused."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from coded_media import write_broadcast_sound, write_movie
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder

FILM = Fraction(24000, 1001)
HOUR = 86_400
TRACKS: list[Any] = []
"""Kept, because a clip does not keep its track."""


def finder(base: Path, *media_dirs: Path, maps: tuple[tuple[str, str], ...] = ()) -> MediaFinder:
    return MediaFinder(base, MediaSettings(media_dirs=media_dirs, path_maps=maps))


def shot(reel: str, start: int, length: int = 24, *, rate: Fraction = FILM, **more: Any) -> Any:
    """A clip as an EDL gives it: a reel and a source range, and a name that no file has."""
    span = TimeRange(RationalTime(start, float(rate)), RationalTime(length, float(rate)))
    kept = {"cmx_3600": {"reel": reel}}
    return schema.Clip(name="no file", source_range=span, metadata=kept, **more)


def sound(reel: str, start: int, length: int = 24, *, rate: Fraction = FILM, **more: Any) -> Any:
    return on_a_track_of_sound(shot(reel, start, length, rate=rate, **more))


def on_a_track_of_sound(clip: Any) -> Any:
    TRACKS.append(schema.Track(kind="Audio", children=[clip]))
    return clip


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two movies of one reel, one after the other, and one of another reel at the same time."""
    folder = tmp_path_factory.mktemp("card")
    reel = "A001C003_130101_R2EC"
    write_movie(folder / "one.mov", 48, FILM, timecode="01:00:00:00", reel=reel)
    write_movie(folder / "two.mov", 48, FILM, timecode="01:00:02:00", reel=reel)
    write_movie(folder / "else.mov", 48, FILM, timecode="01:00:00:00", reel="B001")
    return folder


def test_reel_and_source_timecode_find_what_nothing_else_names(card: Path) -> None:
    found = finder(card, card)
    media = found.media_of(shot("A001C003", HOUR + 10))
    assert media.path == card / "one.mov" and media.found_by == "reel and timecode"
    assert media.start_s == HOUR / FILM
    assert found.find_clip(shot("a001c003 130101-r2ec", HOUR + 48)) == card / "two.mov"
    assert found.find_clip(shot("b001", HOUR)) == card / "else.mov"
    assert found.find_clip(shot("B001", HOUR + 48)) is None, "not covered"
    assert found.find_clip(shot("A001C003", HOUR + 40)) is None, "covered by no one file"
    assert found.find_clip(shot("A001", HOUR)) is None, "no list cuts a name so short"
    assert found.find_clip(shot("A001C004", HOUR)) is None


def test_a_shot_may_reach_over_by_less_than_a_frame_and_prefers_what_covers_it(card: Path) -> None:
    found = finder(card, card)
    assert found.find_clip(shot("A001C003", HOUR + 48, 1)) == card / "two.mov"
    assert found.find_clip(shot("B001", HOUR + 47, 2)) == card / "else.mov"
    assert found.find_clip(shot("B001", HOUR + 47, 3)) is None


def test_rates_that_count_alike_mean_frame_numbers(card: Path) -> None:
    assert finder(card, card).find_clip(shot("B001", HOUR, rate=Fraction(24))) == card / "else.mov"


def test_a_retimed_shot_needs_what_it_plays(card: Path) -> None:
    def at(speed: float, length: int) -> Path | None:
        effect = schema.LinearTimeWarp(time_scalar=speed)
        return finder(card, card).find_clip(shot("B001", HOUR, length, effects=[effect]))

    assert at(0.5, 96) == at(-2, 24) == at(0, 500) == card / "else.mov"
    assert at(0.5, 100) is None
    assert at(-2, 26) is None


def test_a_reference_that_leads_nowhere_does_not_hide_the_reel(card: Path) -> None:
    clip = shot("B001", HOUR + 5)
    clip.media_reference = schema.ExternalReference(
        target_url="file:///D:/gone/B001.mxf",
        available_range=TimeRange(RationalTime(0, 24), RationalTime(48, 24)),
    )
    found = finder(card, card)
    assert found.media(clip.media_reference) is None
    assert found.media_of(clip).path == card / "else.mov"


@pytest.mark.parametrize("where", ["fcp_xml", "fcpxml", "AAF", "clip"])
def test_every_hosts_word_for_a_reel_is_known(card: Path, where: str) -> None:
    clip = shot("", HOUR)
    clip.metadata.clear()
    reference = schema.MissingReference()
    if where == "fcp_xml":
        reference.metadata["fcp_xml"] = {"timecode": {"reel": {"name": "B001"}}}
    elif where == "fcpxml":
        md = '<metadata>\n<md key="com.apple.proapps.studio.reel" value="B001"/></metadata>'
        clip.metadata["fcpxml"] = {"children": ["<note/>", md]}
    elif where == "AAF":
        clip.metadata["AAF"] = {"MobID": "x", "TapeName": "B001"}
    else:
        clip.metadata["AAF"] = {"UserComments": {"Tape": "B001"}}
    clip.media_reference = reference
    assert finder(card, card).find_clip(clip) == card / "else.mov"


def test_a_files_name_may_be_its_reel(tmp_path: Path) -> None:
    write_movie(tmp_path / "A001_C007_0101.mp4", 24, FILM, timecode="01:00:00:00")
    write_movie(tmp_path / "A001_C007_0102.mp4", 24, FILM, timecode="02:00:00:00")
    found = finder(tmp_path, tmp_path)
    assert found.find_clip(shot("A001C007", HOUR)) == tmp_path / "A001_C007_0101.mp4"
    assert found.find_clip(shot("A001C007", 2 * HOUR)) == tmp_path / "A001_C007_0102.mp4"


def test_a_file_that_names_a_reel_goes_before_one_that_is_named_like_it(tmp_path: Path) -> None:
    for name, reel in (("B002.mov", "001"), ("x.mov", "B002"), ("B003.mov", "001")):
        write_movie(tmp_path / name, 24, FILM, timecode="01:00:00:00", reel=reel)
    found = finder(tmp_path, tmp_path)
    assert found.find_clip(shot("B002", HOUR)) == tmp_path / "x.mov"
    assert found.find_clip(shot("B003", HOUR)) == tmp_path / "B003.mov"


def test_sound_is_found_by_tape_and_time_reference_at_the_exact_rate(tmp_path: Path) -> None:
    reference = round(HOUR * 1001 / 24000 * 48000)
    rolls = {
        tape: write_broadcast_sound(tmp_path / f"{n}.wav", reference, 2, tape=tape)
        for n, tape in enumerate(("SR01", "SR02", "SR02B"))
    }
    noted = write_broadcast_sound(
        tmp_path / "n.wav", reference, 2, note="sSCENE=1\r\nsTAPE=18Y06\r\n"
    )
    write_movie(tmp_path / "camera.mov", 48, FILM, timecode="01:00:00:00", reel="SR01", sound=True)
    found = finder(tmp_path, tmp_path)
    media = found.media_of(sound("SR02", HOUR + 1))
    assert media.path == rolls["SR02"] and media.start_s == Fraction(reference, 48000)
    assert found.find_clip(sound("SR01", HOUR + 1)) == rolls["SR01"], "before a movie's own sound"
    assert found.find_clip(shot("SR01", HOUR + 1)) == tmp_path / "camera.mov"
    assert found.find_clip(sound("18Y06", HOUR)) == noted
    assert found.find_clip(sound("SR02", HOUR, rate=Fraction(24))) is None, "3.6 s elsewhere"
    assert found.find_clip(shot("SR02", HOUR)) is None, "no picture"


def test_sound_that_does_not_tell_its_frame_rate_counts_as_its_clip_does(tmp_path: Path) -> None:
    path = tmp_path / "SR9A59BAB32D.mxf"
    with av.open(str(path), "w", format="mxf_opatom") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        container.metadata["timecode"] = "10:00:00:05"
        container.metadata["reel_name"] = "SR9"
        silence = np.zeros((1, 48_000), np.int16)
        frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    for rate in (Fraction(25), FILM):
        first = 36_000 * round(rate) + 5
        media = finder(tmp_path, tmp_path).media_of(sound("SR9", first, 20, rate=rate))
        assert media.path == path and media.start_s == first / rate


def test_the_rules_come_in_their_order(card: Path, tmp_path: Path) -> None:
    movie = (card / "else.mov").read_bytes()
    places = ("cut/own.mov", "new/own.mov", "pool/day/own.mov", "pool/x/reel.mov", "pool/named.mov")
    files = [tmp_path / place for place in places]
    for index, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(movie if index == 3 else b"no media")
    clip = shot("B001", HOUR)
    clip.name = "named.mxf"
    clip.media_reference = schema.ExternalReference(target_url=str(files[0]))
    maps = ((str(tmp_path / "cut"), str(tmp_path / "new")),)
    rules = ("", "path map", "file name", "reel and timecode", "clip name")
    for rule, file in zip(rules, files, strict=True):
        found = finder(tmp_path, tmp_path / "pool", maps=maps).locate(clip)
        assert (found.path, found.rule) == (file, rule)
        file.unlink()
    assert finder(tmp_path, tmp_path / "pool", maps=maps).locate(clip) is None


def test_all_candidates_are_listed_up_to_ten(card: Path, tmp_path: Path) -> None:
    movie = (card / "else.mov").read_bytes()
    for number in range(12):
        (tmp_path / f"{number:02d}.mov").write_bytes(movie)
    with pytest.raises(MediaError) as caught:
        finder(tmp_path, tmp_path).find_clip(shot("B001", HOUR))
    assert "reel B001" in caught.value.message and "12 files" in caught.value.message
    assert all(f"{number:02d}.mov" in caught.value.message for number in range(10))
    assert caught.value.message.endswith("and 2 more")
    assert "--media-dir" in caught.value.hint


def test_a_name_finds_its_suffix_and_its_kind(tmp_path: Path) -> None:
    movie, wave = tmp_path / "SC1_TK2.mxf", tmp_path / "SC1_TK2.wav"
    for file in (movie, wave):
        file.write_bytes(b"x")
    found = finder(tmp_path, tmp_path)
    assert found.find_clip(schema.Clip(name="sc1_tk2.MOV")) == movie
    assert found.find_clip(on_a_track_of_sound(schema.Clip(name="sc1_tk2"))) == wave


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_paths_spelled_on_another_system_lead_to_their_files(
    tmp_path: Path, form: Any, case: Any
) -> None:
    file = tmp_path / unicodedata.normalize("NFD", "Épisode") / "Séquence é.mov"
    file.parent.mkdir()
    file.write_bytes(b"x")
    said = case(unicodedata.normalize(form, "Épisode/Séquence é.mov"))
    reference = schema.ExternalReference(target_url=f"{tmp_path}/{said}")
    assert finder(tmp_path).find(reference) == file
    moved = schema.ExternalReference(target_url=f"file:///D:/Film/{said}")
    found = finder(tmp_path, maps=(("d:/film", str(tmp_path)),))
    assert found.find(moved) == file
    assert finder(tmp_path / "edit", tmp_path).find(moved) == file


def test_two_files_that_differ_in_case_alone_are_told_apart_or_not_taken(tmp_path: Path) -> None:
    for name in ("a.mov", "A.mov"):
        (tmp_path / name).write_bytes(b"x")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("names that differ in case are one file here")
    found = finder(tmp_path)
    assert found.find(schema.ExternalReference(target_url="A.mov")) == tmp_path / "A.mov"
    assert found.find(schema.ExternalReference(target_url="a.MOV")) is None


@settings(max_examples=60, deadline=None)
@given(start=st.integers(-30, 60), length=st.integers(1, 60))
def test_a_shot_is_found_just_where_the_file_covers_it_to_within_a_frame(
    card: Path, start: int, length: int
) -> None:
    found = finder(card, card).find_clip(shot("B001", HOUR + start, length))
    covered = start >= -1 and start + length <= 49
    assert (found is not None) == covered


def test_an_aaf_names_the_tape_of_its_media(card: Path, tmp_path: Path) -> None:
    clip = shot("B001", HOUR + 5)
    clip.media_reference = schema.ExternalReference(
        target_url="file:///gone/OMFI/59BAB32D.mxf",
        available_range=TimeRange(RationalTime(HOUR, float(FILM)), RationalTime(48, float(FILM))),
    )
    timeline = schema.Timeline(name="cut")
    timeline.tracks.append(schema.Track(kind="Video", children=[clip]))
    path = tmp_path / "cut.aaf"
    otio.adapters.write_to_file(timeline, str(path), adapter_name="hpm_aaf")
    (back,) = otio.adapters.read_from_file(str(path), adapter_name="hpm_aaf").find_clips()
    assert back.metadata["AAF"]["TapeName"] == "B001"
    media = finder(card, card).media_of(back)
    assert (media.path, media.found_by) == (card / "else.mov", "reel and timecode")


def test_files_of_one_name_are_told_apart_by_the_range_that_the_timeline_states(
    tmp_path: Path,
) -> None:
    for day, code in enumerate(("01:00:00:00", "05:10:00:12"), 1):
        write_movie(tmp_path / f"day{day}" / "c0001.mp4", 48, FILM, timecode=code)

    def found(start: int, length: int = 48) -> Any:
        span = TimeRange(RationalTime(start, float(FILM)), RationalTime(length, float(FILM)))
        reference = schema.ExternalReference("F:/CARD/C0001.MP4", available_range=span)
        return finder(tmp_path, tmp_path).media_of(schema.Clip("a", reference))

    media = found(HOUR)
    assert (media.path.parent.name, media.found_by) == ("day1", "file name and timecode")
    assert found((5 * 3600 + 600) * 24 + 12).path.parent.name == "day2"
    for start, length in ((0, 48), (HOUR, 60), (HOUR + 10, 48)):
        with pytest.raises(MediaError, match=r"day1.*day2"):
            found(start, length)


def test_a_reel_may_have_the_ending_of_a_file(tmp_path: Path) -> None:
    write_movie(tmp_path / "C0001.mp4", 24, FILM, timecode="01:00:00:00")
    assert finder(tmp_path, tmp_path).find_clip(shot("C0001.MP4", HOUR)) == tmp_path / "C0001.mp4"
