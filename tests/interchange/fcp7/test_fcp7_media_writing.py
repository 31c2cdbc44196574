"""Files in written Final Cut Pro 7 XML: their paths, reels, clocks and lengths."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import pytest
from fcp7_deliveries import RATE, delivery, film, ours, score, shot, texts, written
from fcp7_rules import check_definitions
from opentimelineio import opentime, schema
from test_fcp7_round_trips import back, span
from xmeml import FILE, clip, read, sequence, track

from otio_hpm.interchange.exchange import Paths
from otio_hpm.timeline.clip_source import first_reel, reels


def test_clips_that_tell_reels_alone_have_a_file_for_each_reel() -> None:
    clips = [
        schema.Clip(
            name=name,
            source_range=span(90_000 * index, 25, RATE),
            metadata={"cmx_3600": {"reel": reel}} if reel else {},
        )
        for index, (name, reel) in enumerate(
            [("one", "A001"), ("two", "A002"), ("three", "A001"), ("four", ""), ("five", "")]
        )
    ]
    timeline = film(("Video", clips))
    root = written(timeline)
    files = [file for file in root.iter("file") if len(file)]
    assert [file.findtext("name") for file in files] == ["A001", "A002", "four", "five"]
    told = [file.findtext("timecode/reel/name") for file in files]
    assert told == ["A001", "A002", None, None]
    found = list(back(timeline, delivery())[0].timeline.find_clips())
    assert [next(iter(reels(one)), "") for one in found] == ["A001", "A002", "A001", "", ""]
    assert [one.source_range for one in found] == [one.source_range for one in clips]


def test_clips_of_one_file_keep_their_own_reels() -> None:
    file = schema.ExternalReference("file:///media/m.mov", span(0, 500, RATE))
    file.metadata["fcp_xml"] = {"timecode": {"reel": {"name": "B2"}, "source": "source"}}
    told = ["", "A1", "B2", "A1", ""]
    pictures, sounds = (
        [
            schema.Clip(name="m", source_range=span(100 * index, 25, RATE), media_reference=file)
            for index in range(len(told))
        ]
        for _ in range(2)
    )
    for one, reel in zip(pictures + sounds, told + told, strict=True):
        one.metadata["cmx_3600"] = {"reel": reel} if reel else {}
    timeline = film(("Video", pictures), ("Audio", sounds))
    root = written(timeline)
    check_definitions(root)
    files = [one for one in root.iter("file") if len(one)]
    assert [one.findtext("timecode/reel/name") for one in files] == ["B2", "A1"]
    assert {one.findtext("timecode/source") for one in files} == {"source"}
    found = list(back(timeline, delivery())[0].timeline.find_clips())
    assert [first_reel(one) for one in found] == ["B2", "A1", "B2", "A1", "B2"] * 2


@pytest.mark.parametrize(("media", "said"), [(24, "24"), (15, "15"), (50, "50")])
def test_a_source_between_frames_counts_at_the_rate_of_its_media(media: int, said: str) -> None:
    """Such times are fractions of a second; 1/20 s does not say 20 frames per second."""
    half = opentime.RationalTime(1659, 20)
    one = shot()
    one.media_reference.available_range = span(0, 10_000, Fraction(media))
    one.source_range = opentime.TimeRange(half, opentime.RationalTime(48, 24))
    item = written(film(("Video", [one]))).find(".//clipitem")
    assert item is not None
    assert texts(item, "rate/timebase", "file/rate/timebase") == [said, said]
    first = math.floor(82.95 * media + 0.5)
    assert texts(item, "in", "out") == [str(first), str(first + 2 * media)]


def test_media_of_whole_seconds_count_at_the_rate_of_what_shows_them() -> None:
    one = shot()
    one.media_reference.available_range = opentime.TimeRange(
        opentime.RationalTime(3600, 1), opentime.RationalTime(100, 1)
    )
    one.source_range = span(24 * 3610 + 5, 48, RATE)
    item = written(film(("Video", [one]))).find(".//clipitem")
    assert item is not None
    assert texts(item, "rate/timebase", "file/rate/timebase", "file/duration", "in") == [
        "24", "24", "2400", "245",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "paths", "wanted"),
    [
        ("C:\\films\\a b#1.wav", "absolute", "file://localhost/C%3a/films/a%20b%231.wav"),
        ("file:///D:/x/%C3%A4.mov", "relative", "file://localhost/D%3a/x/%C3%A4.mov"),
        ("file://localhost/C%3a/x/100%25.mov", "absolute", "file://localhost/C%3a/x/100%25.mov"),
        ("\\\\nas\\films\\a.mov", "absolute", "file://nas/films/a.mov"),
        ("file:///Volumes/My%20Disk/a.mov", "absolute", "file://localhost/Volumes/My%20Disk/a.mov"),
        ("/films/cut/a&b.wav", "absolute", "file://localhost/films/cut/a%26b.wav"),
        ("audio/a.wav", "absolute", "file://localhost/films/cut/audio/a.wav"),
        ("/films/cut/audio/a b.wav", "relative", "audio/a%20b.wav"),
        ("/films/media/a.wav", "relative", "../media/a.wav"),
        ("http://host/a.mov", "absolute", "http://host/a.mov"),
    ],
)
def test_pathurls(url: str, paths: Paths, wanted: str) -> None:
    root = written(film(("Video", [shot(url)])), paths=paths)
    assert root.findtext(".//file/pathurl") == wanted


def test_a_file_is_defined_once_with_its_clock_and_characteristics() -> None:
    cue = ours(1, 48, 96)
    timeline = film(("Video", [shot(first=3600, start=10), shot(first=3600, start=100)]))
    timeline.tracks.append(score(schema.Gap(source_range=span(0, 48, RATE)), cue))
    root = written(timeline)
    picture, sound = [file for file in root.iter("file") if len(file)]
    assert texts(picture, "duration", "timecode/frame", "timecode/string") == [
        "1000", "3600", "00:02:30:00",
    ]  # fmt: skip
    assert picture.find("media/video") is not None and picture.find("media/audio") is None
    said = ("samplecharacteristics/depth", "samplecharacteristics/samplerate", "channelcount")
    audio = sound.find("media/audio")
    assert audio is not None and texts(audio, *said) == ["24", "48000", "2"]
    assert texts(sound, "duration", "timecode/frame") == ["144", str(86400 + 24)]
    first = root.find(".//audio/track/clipitem")
    assert first is not None and texts(first, "start", "end", "in", "out") == [
        "48", "144", "24", "120",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "string"), [("", "01:00:00;00"), ("DF", "01:00:00;00"), ("NDF", "00:59:56:12")]
)
@pytest.mark.parametrize("listed", [False, True])
def test_timecode_of_media_counts_as_they_say_else_as_the_timeline(
    said: str, string: str, listed: bool
) -> None:
    rate = Fraction(30000, 1001)
    made = shot()
    made.source_range = span(107892, 30, rate)
    made.media_reference.available_range = span(107892, 300, rate)
    if said and listed:
        made.metadata["cmx_3600"] = {"drop_frame": said == "DF"}
    elif said:
        made.media_reference.metadata["fcp_xml"] = {"timecode": {"displayformat": said}}
    clock = written(film(("Video", [made])), rate, drop_frame=True).find(".//file/timecode")
    assert clock is not None and texts(clock, "string", "frame", "displayformat") == [
        string, "107892", said or "DF",
    ]  # fmt: skip


def test_a_semicolon_alone_says_that_media_count_drop_frame(tmp_path: Path) -> None:
    rate = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
    counted = f"<timecode>{rate}<string>01:00:00;00</string><frame>107892</frame></timecode>"
    file = f'<file id="f"><name>a</name>{rate}<duration>500</duration>{counted}</file>'
    found = read(tmp_path, sequence(track(clip(0, 48, 10, 58, file)), rate=rate)).sequences[0]
    clock = written(found.timeline, Fraction(30000, 1001)).find(".//file/timecode")
    assert clock is not None and clock.findtext("string") == "01:00:00;00"


def test_a_file_of_unknown_length_keeps_its_start(tmp_path: Path) -> None:
    item = clip(0, 48, 10, 58, FILE.replace("<duration>500</duration>", ""))
    root = written(read(tmp_path, sequence(track(item))).sequences[0].timeline)
    shown = root.find(".//clipitem")
    assert shown is not None and texts(shown, "in", "out", "file/timecode/frame") == [
        "10", "58", "86400",
    ]  # fmt: skip


@pytest.mark.parametrize("order", [(24, 25), (25, 24)])
def test_clips_of_other_rates_leave_the_start_of_their_file(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    rate = "<rate><timebase>{}</timebase><ntsc>FALSE</ntsc></rate>"
    own = rate.format(25)
    clock = "<timecode><frame>90001</frame></timecode>"
    file = f'<file id="f"><pathurl>file:///a.mov</pathurl>{own}{clock}</file>'
    clips = [
        clip(50 * n, 50 * n + 24, 10, 34, rate.format(base) + (file, '<file id="f"/>')[n])
        for n, base in enumerate(order)
    ]
    found = read(tmp_path, sequence(track(*clips), rate=own)).sequences[0].timeline
    root = written(found, Fraction(25))
    assert root.findtext(".//file/timecode/frame") == "90001"
    inside = [int(one.findtext("in") or "") for one in root.iterfind(".//clipitem")]
    assert dict(zip(order, inside, strict=True))[25] == 10
