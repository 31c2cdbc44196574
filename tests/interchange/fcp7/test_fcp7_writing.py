"""Written Final Cut Pro 7 XML, looked at with ElementTree: ids, links, times, media, fades."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from opentimelineio import opentime, schema
from test_fcp7_round_trips import back, span, timelines
from xmeml import FILE, clip, read, sequence, track

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.interchange.exchange import Delivery, Paths
from otio_hpm.interchange.fcp7 import write_fcp7
from otio_hpm.timeline.clip_source import first_reel, reels

RATE = Fraction(24)
TIMES = ("start", "end", "in", "out", "duration", "frame", "when", "trackindex", "clipindex")


def delivery(rate: Fraction = RATE, paths: Paths = "absolute", **changes: Any) -> Delivery:
    given = {"path": Path("/films/cut/out.xml"), "start_frames": 86400, "drop_frame": False}
    return Delivery(rate=rate, paths=paths, **{**given, **changes})


def written(timeline: Any, *arguments: Any, **changes: Any) -> ET.Element:
    return ET.fromstring(write_fcp7(timeline, delivery(*arguments, **changes)).data)


def film(*tracks: tuple[str, list[Any]]) -> Any:
    timeline = schema.Timeline(name="film")
    for kind, children in tracks:
        timeline.tracks.append(schema.Track(name=kind[:1], kind=kind, children=children))
    return timeline


def shot(url: str = "/m/a.mov", start: int = 0, length: int = 48, first: int = 0) -> Any:
    reference = schema.ExternalReference(target_url=url, available_range=span(first, 1000, RATE))
    return schema.Clip(
        name="shot", media_reference=reference, source_range=span(first + start, length, RATE)
    )


def ours(number: int, start: int, length: int) -> Any:
    """A clip as scoring writes it."""
    name = f"R1_1m{number}_t01.wav"
    reference = schema.ExternalReference(
        target_url=f"file:///films/cut/audio/{name}",
        available_range=span(86400 + start - 24, length + 48, RATE),
    )
    return schema.Clip(
        name=name, media_reference=reference, source_range=span(86400 + start, length, RATE),
        metadata={"otio_hpm": {"cue": f"1m{number}"}},
    )  # fmt: skip


def fade(before: float, after: float) -> Any:
    return schema.Transition(
        transition_type="SMPTE_Dissolve",
        in_offset=opentime.RationalTime(before, 24),
        out_offset=opentime.RationalTime(after, 24),
    )


def score(*children: Any) -> Any:
    metadata = {"otio_hpm": {"role": "score", "lane": 0}}
    return schema.Track(name="HPM Score", kind="Audio", children=children, metadata=metadata)


def texts(element: ET.Element, *tags: str) -> list[str | None]:
    return [element.findtext(tag) for tag in tags]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(timelines())
def test_every_file_is_whole(made: tuple[Any, Delivery]) -> None:
    root = ET.fromstring(write_fcp7(*made).data)
    check_definitions(root)
    for one in root.iter("sequence"):
        if len(one):
            check_links(one)
    for tag in TIMES:
        assert all(int(one.text or "") >= -1 for one in root.iter(tag))
    for item in root.iter("clipitem"):
        start, end, first, last = (int(item.findtext(tag, "")) for tag in TIMES[:4])
        assert last > first >= 0
        assert -1 in (start, end) or end > start >= 0


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


def check_definitions(root: ET.Element) -> None:
    """One definition for each id of a file, sequence and clip, before all references to it."""
    for tag in ("file", "sequence", "clipitem", "generatoritem"):
        seen: set[str] = set()
        for element in root.iter(tag):
            identifier = element.get("id", "")
            assert bool(len(element)) == (identifier not in seen), (tag, identifier)
            seen.add(identifier)
    for file in root.iter("file"):
        if len(file):
            assert file.find("duration") is not None and file.find("rate") is not None


def check_links(sequence: ET.Element) -> None:
    """Links name a clip where it is, and all of a group name the same."""
    places: dict[str, tuple[str, int, int]] = {}
    links: dict[str, list[str]] = {}
    for mediatype in ("video", "audio"):
        for number, lane in enumerate(sequence.findall(f"media/{mediatype}/track"), start=1):
            clips = [one for one in lane if one.tag in ("clipitem", "generatoritem")]
            for index, item in enumerate(clips, start=1):
                places[item.get("id", "")] = (mediatype, number, index)
                links[item.get("id", "")] = [
                    link.findtext("linkclipref", "") for link in item.findall("link")
                ]
                for link in item.findall("link"):
                    said = texts(link, "mediatype", "trackindex", "clipindex")
                    links.setdefault("said", []).append(
                        f"{link.findtext('linkclipref')} {said[0]} {said[1]} {said[2]}"
                    )
    for said in links.pop("said", []):
        identifier, *place = said.split()
        mediatype, number, index = places[identifier]
        assert place == [mediatype, str(number), str(index)]
    for identifier, group in links.items():
        assert not group or (identifier in group and len(group) > 1)
        assert all(links[other] == group for other in group)


def test_formats_clock_and_version() -> None:
    rate = Fraction(30000, 1001)
    root = written(film(("Video", [shot()])), rate, drop_frame=True, start_frames=107892)
    one = root.find("sequence")
    assert one is not None and root.get("version") == "4"
    assert texts(one, "rate/timebase", "rate/ntsc") == ["30", "TRUE"]
    assert texts(one, "timecode/string", "timecode/frame", "timecode/displayformat") == [
        "01:00:00;00", "107892", "DF",
    ]  # fmt: skip
    video, audio = (one.find(f"media/{kind}/format/samplecharacteristics") for kind in
                    ("video", "audio"))  # fmt: skip
    assert video is not None and audio is not None
    assert texts(video, "rate/timebase", "rate/ntsc") == ["30", "TRUE"]
    assert texts(video, "width", "height") == ["1920", "1080"]
    assert texts(audio, "depth", "samplerate") == ["24", "48000"]
    assert written(film(), version="5").get("version") == "5"


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


@pytest.mark.parametrize("changes", [{"version": "6"}, {"rate": Fraction(15, 2)}])
def test_what_cannot_be_written_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OutputError):
        write_fcp7(film(), delivery(**changes))


def test_a_clip_without_length_is_refused() -> None:
    with pytest.raises(TimelineError, match="no length"):
        write_fcp7(film(("Video", [schema.Clip(name="x")])), delivery())


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


def test_stereo_is_two_exploded_tracks_that_are_linked() -> None:
    timeline = film()
    timeline.tracks.append(score(ours(1, 0, 96)))
    lanes = written(timeline).findall(".//audio/track")
    assert [
        (
            lane.get("premiereTrackType"), lane.get("currentExplodedTrackIndex"),
            lane.get("totalExplodedTrackCount"), lane.get("MZ.TrackName"),
            lane.findtext("outputchannelindex"),
            lane.findtext("clipitem/sourcetrack/mediatype"),
            lane.findtext("clipitem/sourcetrack/trackindex"),
        )
        for lane in lanes
    ] == [
        ("Stereo", "0", "2", "HPM Score", "1", "audio", "1"),
        ("Stereo", "1", "2", "HPM Score", "2", "audio", "2"),
    ]  # fmt: skip
    items = [lane.find("clipitem") for lane in lanes]
    assert [item.get("premiereChannelType") for item in items if item is not None] == ["stereo"] * 2
    for item in items:
        assert item is not None
        links = [texts(link, "mediatype", "trackindex", "groupindex")
                 for link in item.findall("link")]  # fmt: skip
        assert links == [["audio", "1", "1"], ["audio", "2", "1"]]


def test_picture_is_linked_to_its_sound_and_not_to_ours() -> None:
    sound = film(("Video", [shot()]), ("Audio", [shot()]))
    sound.tracks.append(score(ours(1, 0, 48)))
    root = written(sound)
    picture = root.find(".//video/track/clipitem")
    assert picture is not None
    kinds = [link.findtext("mediatype") for link in picture.findall("link")]
    assert kinds == ["video", "audio", "audio"]
    check_links(root[0])


def test_ours_have_a_label_of_their_own_until_an_editor_gives_another() -> None:
    plain, relabelled = ours(1, 0, 48), ours(2, 48, 48)
    relabelled.metadata["fcp_xml"] = {"labels": {"label2": "Rose"}}
    timeline = film(("Video", [shot()]))
    timeline.tracks.append(score(plain, relabelled))
    root = written(timeline)
    (lane, _) = root.findall(".//audio/track")
    labels = [item.findtext("labels/label2") for item in lane.findall("clipitem")]
    assert labels == ["Mango", "Rose"]
    assert root.find(".//video/track/clipitem/labels") is None


@pytest.mark.parametrize(
    ("key", "name"), [("PremierePro_OTIO", "LinkID"), ("Resolve_OTIO", "Link Group ID")]
)
def test_links_of_other_hosts(key: str, name: str) -> None:
    picture, sound = shot("/m/a.mov"), shot("/m/other.wav", start=7)
    for item in (picture, sound):
        item.metadata[key] = {name: 3}
    root = written(film(("Video", [picture]), ("Audio", [sound])))
    assert len(root.findall(".//video/track/clipitem/link")) == 3


def test_fades_of_ours_are_the_host_s_cross_fades() -> None:
    timeline = film()
    timeline.tracks.append(
        score(
            schema.Gap(source_range=span(0, 48, RATE)), fade(0, 12), ours(1, 48, 96), fade(10, 6),
            ours(2, 144, 96), fade(24, 0),
        )
    )  # fmt: skip
    root = written(timeline)
    for lane in root.findall(".//audio/track"):
        assert [child.tag for child in lane][1:6] == [
            "transitionitem", "clipitem", "transitionitem", "clipitem", "transitionitem",
        ]  # fmt: skip
        found = [texts(one, "start", "end", "alignment") for one in lane.iter("transitionitem")]
        assert found == [
            ["48", "60", "start-black"], ["134", "150", "center"], ["216", "240", "end-black"],
        ]  # fmt: skip
        effects = {one.findtext("effect/name") for one in lane.iter("transitionitem")}
        assert effects == {"Cross Fade (+3dB)"}
        edges = [texts(one, "start", "end", "in", "out") for one in lane.iter("clipitem")]
        assert edges == [["-1", "-1", "24", "126"], ["-1", "-1", "14", "120"]]


def test_a_fade_shorter_than_half_a_frame_is_named() -> None:
    timeline = film()
    timeline.tracks.append(score(fade(0, 0.25), ours(1, 0, 96), fade(7.75, 0)))
    found = write_fcp7(timeline, delivery())
    assert "fades shorter than half a frame are left out: at record frame 0" in found.losses
    assert "fades are rounded to whole frames: at record frame 96" in found.losses
    starts = {one.findtext("start") for one in ET.fromstring(found.data).iter("transitionitem")}
    assert starts == {"88"}


def test_a_fade_longer_than_all_that_stands_before_it_is_named() -> None:
    timeline = film()
    timeline.tracks.append(score(ours(1, 0, 4), fade(9, 0)))
    found = write_fcp7(timeline, delivery())
    assert "fades are cut where the timeline begins: at record frame 4" in found.losses
    starts = {one.findtext("start") for one in ET.fromstring(found.data).iter("transitionitem")}
    assert starts == {"0"}


def test_levels_of_resolve_are_audio_levels() -> None:
    item = shot()
    parameters = [{"Parameter ID": "volume", "Parameter Value": -6.0}]
    item.effects.append(
        schema.Effect(
            effect_name="Resolve Effect",
            metadata={"Resolve_OTIO": {"Enabled": True, "Parameters": parameters}},
        )
    )
    root = written(film(("Audio", [item])))
    effect = root.find(".//clipitem/filter/effect")
    assert effect is not None and effect.findtext("effectid") == "audiolevels"
    level = float(effect.findtext("parameter/value", ""))
    assert 20 * math.log10(level) == pytest.approx(-6.0, abs=1e-3)


def test_filters_and_transitions_of_the_input_are_kept(tmp_path: Path) -> None:
    blur = (
        "<filter><enabled>FALSE</enabled><start>3</start><effect><name>Blur</name>"
        "<effectid>blur</effectid><parameter authoringApp='X'><parameterid>r</parameterid>"
        "<value>5</value></parameter></effect></filter>"
    )
    wipe = (
        "<transitionitem><start>45</start><end>55</end><alignment>center</alignment><effect>"
        "<name>Iris</name><effectid>Iris Wipe</effectid><effectcategory>Wipe</effectcategory>"
        "</effect></transitionitem>"
    )
    label = "<labels><label2>Iris</label2></labels>"
    content = sequence(
        track(clip(0, -1, 0, 55, FILE + blur + label), wipe, clip(-1, 90, 5, 50)),
        "<labels><label2>Forest</label2></labels>",
    )
    timeline = read(tmp_path, content).sequences[0].timeline
    root = written(timeline)
    kept = root.find(".//clipitem/filter")
    assert kept is not None
    said = ("enabled", "start", "effect/name", "effect/effectid", "effect/parameter/value")
    assert texts(kept, *said) == ["FALSE", "3", "Blur", "blur", "5"]
    assert kept.find("effect/parameter[@authoringApp='X']") is not None
    assert texts(root, ".//transitionitem/effect/effectid", ".//clipitem/labels/label2") == [
        "Iris Wipe", "Iris",
    ]  # fmt: skip
    assert root.findtext("sequence/labels/label2") == "Forest"


def test_picture_and_sound_of_a_nested_sequence_are_one_again(tmp_path: Path) -> None:
    inner = sequence(track(clip(0, 80, 0, 80)), audio=track(clip(5, 80, 0, 75)), name="inner")
    outer = sequence(
        track(clip(10, 60, 20, 70, inner)),
        audio=track(clip(10, 60, 20, 70, '<sequence id="inner"/>')),
    )
    timeline = read(tmp_path, outer).sequences[0].timeline
    root = written(timeline)
    nested = [one for one in root.iter("sequence") if len(one)][1:]
    assert [one.findtext("name") for one in nested] == ["inner"]
    assert len(nested[0].findall("media/video/track/clipitem")) == 1
    assert len(nested[0].findall("media/audio/track/clipitem")) == 1
    again, _, warnings = back(timeline, delivery())
    assert warnings == ()
    assert [len(list(one[1])) for one in again.timeline.tracks] == [1, 1]


def test_what_has_no_place_is_named() -> None:
    item = shot()
    item.effects.append(schema.Effect(name="Glow", effect_name="glow"))
    item.metadata["Resolve_OTIO"] = {"Locked": True}
    other = item.media_reference.deepcopy()
    item.set_media_references({"DEFAULT_MEDIA": item.media_reference, "b": other}, "b")
    gap = schema.Gap(source_range=span(0, 24, RATE))
    gap.markers.append(schema.Marker(name="in a gap", marked_range=span(4, 0, RATE)))
    timeline = film(("Video", [item, gap, shot()]), ("Subtitle", []))
    timeline.tracks.markers.append(
        schema.Marker(name="pink", color="PINK", marked_range=span(1, 0, RATE))
    )
    found = write_fcp7(timeline, delivery())
    wanted = ["'Glow' of 'shot'", "Resolve_OTIO", "only the active", "'in a gap' of a gap", "'S'",
              "PINK"]  # fmt: skip
    for words in wanted:
        assert any(words in loss for loss in found.losses), (words, found.losses)
    marks = ET.fromstring(found.data).findall("sequence/marker")
    assert [texts(one, "name", "in", "out") for one in marks] == [
        ["pink", "1", "-1"], ["in a gap", "52", "-1"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "first", "named"),
    [(24, 31, False), (25, 30, False), (25, 31, True), (48, 30, False), (48, 31, True)],
)
def test_a_retimed_clip_between_frames_of_other_footage_is_named(
    rate: int, first: int, named: bool
) -> None:
    other = Fraction(rate)
    media = schema.ExternalReference(target_url="/m/a.mov", available_range=span(0, 1000, other))
    item = schema.Clip(
        name="fast", media_reference=media, source_range=span(first, rate, other),
        effects=[schema.LinearTimeWarp(time_scalar=1.5)],
    )  # fmt: skip
    losses = write_fcp7(film(("Video", [item])), delivery()).losses
    words = "retimed clips in footage of another rate may be a frame or two off: 'fast'"
    assert (words in losses) is named


def test_an_image_sequence_without_a_rate_is_named_by_its_first_image() -> None:
    images = schema.ImageSequenceReference(
        target_url_base="/m", name_prefix="a.", name_suffix=".png", start_frame=7,
        frame_zero_padding=4,
    )  # fmt: skip
    one = schema.Clip(name="a", media_reference=images, source_range=span(0, 48, RATE))
    root = written(film(("Video", [one])))
    assert root.findtext(".//file/pathurl", "").endswith("/m/a.0007.png")


def test_a_clip_of_changing_speed_is_given_back_with_its_markers(tmp_path: Path) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
        for when, value in ((0, 0), (30, 30), (100, 200))
    )
    remap = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
        "<parameter><parameterid>variablespeed</parameterid><value>1</value></parameter>"
        "<parameter><parameterid>speed</parameterid><value>100</value></parameter>"
        f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter></effect></filter>"
    )
    more = f"{FILE}{remap}<marker><name>HIT</name><in>55</in><out>-1</out></marker>"
    found = read(tmp_path, sequence(track(clip(0, 50, 10, 60, more))))
    item = written(found.sequences[0].timeline).find(".//clipitem")
    assert item is not None
    assert [item.findtext(name) for name in ("in", "out", "marker/in")] == ["10", "60", "55"]
    assert len(item.findall(".//keyframe")) == 3
    words = "speeds that change do not fit what their clips show"
    made = found.sequences[0].timeline
    assert words not in "".join(write_fcp7(made, delivery()).losses)
    late = made.tracks[0][0].source_range.start_time.value + 400  # the graph ends at frame 200
    made.tracks[0][0].source_range = span(late, 50, RATE)
    assert words in "".join(write_fcp7(made, delivery()).losses)
