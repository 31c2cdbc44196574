"""What clips of FCPXML that hold others become: nested stacks, angles and choices."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
from fcpxml_files import SYNC, at, pictures, read, sounds, source, timeline


def test_a_clip_around_one_picture_and_its_sounds(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<clip name="c" start="3602s" duration="2s"><video ref="a1" offset="3600s" duration="100s" '
        'role="video.A"><audio ref="a1" lane="-1" offset="3600s" duration="3s" role="dialogue.L" '
        'srcCh="1"/></video><marker start="3603s" value="m"/></clip>',
    )
    picture, sound = pictures(made)[0][0], sounds(made)[0][0]
    assert source(picture) == (3602.0, 2.0)
    assert source(sound) == (3602.0, 1.0)
    assert picture.metadata["fcpxml"]["source"]["role"] == "video.A"
    assert sounds(made)[0].name == "L"
    assert picture.markers[0].marked_range.start_time.to_seconds() == 3603


def test_a_synchronised_clip_is_nested(tmp_path: Path) -> None:
    made = timeline(tmp_path, SYNC)
    (below, above), (sound,) = pictures(made), sounds(made)
    nested = below[0]
    assert source(nested) == (2.0, 3.0)
    assert nested[0][0].name == "in"
    assert nested.markers[0].marked_range.start_time.to_seconds() == 4
    assert nested.metadata["fcpxml"]["origin"] == "3600s"
    assert at(sound[0][0][1]) == (2.0, 4.0)
    title = above[1]
    assert at(title) == (1.0, 1.0)
    assert title.media_reference.generator_kind == "title"
    assert title.media_reference.parameters["text"] == "Hi"


COMPOUND = (
    '<media id="m1" name="inside"><sequence format="r1" duration="8s" tcStart="100s"><spine>'
    '<asset-clip ref="a1" name="in" offset="100s" duration="8s" audioRole="d">'
    '<marker start="3601s" value="deep"/></asset-clip></spine></sequence></media>'
)


def test_a_compound_clip_is_nested_once_for_picture_and_once_for_sound(tmp_path: Path) -> None:
    spine = (
        '<ref-clip ref="m1" name="r" offset="10s" start="102s" duration="2s"/>'
        '<ref-clip ref="m1" name="q" offset="12s" srcEnable="video" enabled="0"/>'
    )
    made = timeline(tmp_path, spine, COMPOUND)
    first, second = pictures(made)[0]
    assert (source(first), source(second)) == ((2.0, 2.0), (0.0, 8.0))
    assert (first.enabled, second.enabled) == (True, False)
    assert [track.kind for track in first] == ["Video"]
    assert [track.kind for track in sounds(made)[0][0]] == ["Audio"]
    assert second[0][0].markers[0].name == "deep"
    assert len(sounds(made)[0]) == 1


MULTICAM = (
    '<media id="m2"><multicam format="r1" tcStart="0s"><mc-angle name="A" angleID="A">'
    '<asset-clip ref="a1" name="cam a" offset="0s" duration="9s" audioRole="d"/></mc-angle>'
    '<mc-angle name="B" angleID="B"><gap offset="0s" duration="2s"/>'
    '<asset-clip ref="a1" name="cam b" offset="2s" duration="7s" audioRole="d"/></mc-angle>'
    "</multicam></media>"
)


def test_a_multicam_clip_shows_its_active_angle(tmp_path: Path) -> None:
    spine = (
        '<mc-clip ref="m2" start="3s" duration="2s"><mc-source angleID="B" srcEnable="video"/>'
        '<mc-source angleID="A" srcEnable="audio"/></mc-clip>'
    )
    made = timeline(tmp_path, spine, MULTICAM)
    seen, heard = pictures(made)[0][0], sounds(made)[0][0]
    assert [item.name for item in seen[0]] == ["", "cam b"]
    assert [item.name for item in heard[0]] == ["cam a"]
    assert source(seen) == (3.0, 2.0)
    assert [one["angleID"] for one in seen.metadata["fcpxml"]["angles"]] == ["B", "A"]


def test_an_audition_shows_its_first_choice(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        '<audition offset="10s"><video ref="a2" name="one" duration="2s"/>'
        '<video ref="a2" name="two" duration="3s"/></audition>'
        '<video ref="a2" name="next" duration="1s"/>',
    )
    one, following = pictures(made)[0]
    assert (one.name, at(following)[0]) == ("one", 2.0)
    assert 'name="two"' in one.metadata["fcpxml"]["audition"][0]


def test_a_multicam_whose_angles_count_from_zero(tmp_path: Path) -> None:
    multicam = (
        '<media id="m1" name="mc"><multicam format="r1" tcStart="3600s"><mc-angle angleID="x">'
        '<asset-clip ref="a2" name="inside" offset="0s" duration="50s"/></mc-angle>'
        "</multicam></media>"
    )
    clip = '<mc-clip ref="m1" start="3605s" duration="2s"><mc-source angleID="x"/></mc-clip>'
    made = timeline(tmp_path, clip, multicam)
    (stack,) = pictures(made)[0]
    assert source(stack) == (5.0, 2.0)
    assert at(stack[0][0]) == (0.0, 50.0)


def test_what_an_element_inside_a_clip_says_is_kept_with_the_clip(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<clip duration="2s"><adjust-crop mode="fit"/><video ref="a2" duration="9s">'
        '<adjust-crop mode="pan"/><adjust-stabilization type="smoothCam"/>'
        '<filter-video ref="e1" name="Look"/></video></clip>',
    )
    kept = pictures(found.sequences[0].timeline)[0][0].metadata["fcpxml"]
    assert [text.partition(" ")[0] for text in kept["children"]] == [
        "<adjust-crop",
        "<adjust-stabilization",
        "<filter-video",
    ]
    assert 'mode="fit"' in kept["children"][0]
    assert "e1" in kept["resources"]
    assert found.warnings == ("line 13: <adjust-crop> in <video> gives way to that of its clip",)


def test_what_one_of_several_sounds_in_a_clip_says_is_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<clip duration="2s"><video ref="a2" duration="9s"><audio ref="a3" lane="-1" offset="0s" '
        'duration="9s"><adjust-volume amount="-6dB"/></audio></video></clip>',
    )
    assert "<adjust-volume> in <audio> is left out" in found.warnings[0]


def test_a_compound_that_is_only_heard_is_sound(tmp_path: Path) -> None:
    media = (
        '<media id="m1"><sequence format="r1"><spine><video ref="a2" duration="5s"/></spine>'
        "</sequence></media>"
    )
    lane = '<ref-clip ref="m1" lane="-1" offset="0s" duration="2s" srcEnable="audio"/>'
    made = timeline(tmp_path, f'<asset-clip ref="a2" duration="4s">{lane}</asset-clip>', media)
    (stack,) = sounds(made)[0]
    assert isinstance(stack, otio.schema.Stack)
    assert len(pictures(made)) == 1
