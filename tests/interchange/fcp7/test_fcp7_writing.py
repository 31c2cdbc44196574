"""Written Final Cut Pro 7 XML, looked at with ElementTree: ids, links, times, media, fades."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fcp7_deliveries import RATE, delivery, film, ours, score, shot, texts, written
from fcp7_rules import TIMES, check_definitions, check_links
from hypothesis import HealthCheck, given, settings
from opentimelineio import schema
from test_fcp7_round_trips import back, span, timelines
from xmeml import FILE, clip, read, sequence, track

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7 import write_fcp7


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


@pytest.mark.parametrize("changes", [{"version": "6"}, {"rate": Fraction(15, 2)}])
def test_what_cannot_be_written_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OutputError):
        write_fcp7(film(), delivery(**changes))


def test_a_clip_without_length_is_refused() -> None:
    with pytest.raises(TimelineError, match="no length"):
        write_fcp7(film(("Video", [schema.Clip(name="x")])), delivery())


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
