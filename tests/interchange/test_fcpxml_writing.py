"""FCPXML as it is written: everything where it belongs, by the XML alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from fcpxml_plain import (
    FRAME,
    clip,
    delivery,
    dissolve,
    film,
    gap,
    project,
    span,
    standing,
    time,
    written,
)
from fcpxml_rules import problems, seconds
from scored_timelines import cue, plain_cut, scored

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.interchange.fcpxml.writing import write_fcpxml

NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)


def test_the_first_picture_track_is_the_storyline_and_others_are_connected_to_what_is_beneath() -> (
    None
):
    timeline = film(
        [clip("a", 10, 48), gap(24), clip("b", 100, 48)],
        [gap(60), clip("over", 5, 24)],
        (gap(12), clip("sound", 7, 100)),
    )
    found = standing(written(timeline, start=86_400).data)
    assert [one.name for one in found.values() if one.lane == 0] == ["a", "Gap", "b"]
    where = {
        name: (one.lane, one.record_s / FRAME, one.length_s / FRAME) for name, one in found.items()
    }
    assert where == {
        "a": (0, 0, 48), "gap 1": (0, 48, 24), "b": (0, 72, 48), "over": (1, 60, 24),
        "sound": (-1, 12, 100),
    }  # fmt: skip
    assert {n: found[n].start_s / FRAME for n in ("a", "b", "over", "sound")} == {
        "a": 10, "b": 100, "over": 5, "sound": 7,
    }  # fmt: skip


@pytest.mark.parametrize("rate", [Fraction(24), FILM, Fraction(25), NTSC, Fraction(60000, 1001)])
def test_the_sequence_says_rate_start_and_counting(rate: Fraction) -> None:
    drop = rate.denominator == 1001 and rate > 25
    timeline = film([clip("a", 0, 30, rate)])
    data = written(timeline, rate, 107_892, drop_frame=drop).data
    sequence = project(data).find(".//project/sequence")
    form = project(data).find(f"resources/format[@id='{sequence.get('format')}']")
    assert 1 / seconds(form.get("frameDuration")) == rate
    assert seconds(sequence.get("tcStart")) == 107_892 / rate
    assert seconds(sequence.get("duration")) == 30 / rate
    assert sequence.get("tcFormat") == ("DF" if drop else "NDF")
    assert (sequence.get("audioLayout"), sequence.get("audioRate")) == ("stereo", "48k")
    assert form.get("name", "").startswith("FFVideoFormat1080p")


def test_sound_that_outlasts_the_picture_stands_over_a_gap() -> None:
    timeline = film([clip("a", 0, 24)], (gap(30), clip("late", 0, 20)))
    found = standing(written(timeline).data)
    assert (found["gap 1"].record_s, found["gap 1"].length_s) == (1, 26 * FRAME)
    assert found["late"].record_s == 30 * FRAME


def test_a_timeline_of_sound_alone_and_an_empty_one() -> None:
    found = standing(written(film((clip("s", 0, 24),))).data)
    assert (found["gap 1"].length_s, found["s"].lane, found["s"].record_s) == (1, -1, 0)
    assert standing(written(film()).data) == {}


def test_the_default_version_and_one_that_is_not_written() -> None:
    assert project(written(film([clip("a", 0, 24)])).data).get("version") == "1.11"
    with pytest.raises(OutputError, match=r"2\.0"):
        write_fcpxml(film([clip("a", 0, 24)]), delivery(version="2.0"))


def test_fades_of_sound_are_fades_of_its_volume() -> None:
    music = (gap(10), dissolve(0, 6), clip("m", 50, 48), dissolve(12, 0))
    found = standing(written(film([clip("a", 0, 100)], music)).data)
    amount = found["m"].element.find("adjust-volume/param[@name='amount']")
    assert amount is not None
    lengths = {one.tag: seconds(one.get("duration")) / FRAME for one in amount}
    assert lengths == {"fadeIn": 6, "fadeOut": 12}


def test_sounds_that_cross_share_a_storyline() -> None:
    music = (clip("m", 50, 48), dissolve(12, 12), clip("n", 50, 48))
    data = written(film([clip("a", 0, 100)], music)).data
    line = project(data).find(".//project/sequence/spine/asset-clip/spine")
    assert line.get("lane") == "-1"
    assert [child.tag for child in line] == ["asset-clip", "transition", "asset-clip"]
    assert [child.tag for child in line[1]] == ["filter-audio"]


def test_disabled_clips_and_tracks() -> None:
    timeline = film([clip("a", 0, 24), clip("b", 0, 24)], [clip("c", 0, 24)])
    timeline.tracks[0][1].enabled = False
    timeline.tracks[1].enabled = False
    timeline.tracks[1].name = "off"
    result = written(timeline)
    enabled = {name: one.element.get("enabled") for name, one in standing(result.data).items()}
    assert enabled == {"a": None, "b": "0", "c": "0"}
    assert any("'off'" in loss for loss in result.losses)


def test_a_nested_stack_is_a_compound_clip() -> None:
    inner = film([gap(12), clip("in", 5, 48)], (clip("heard", 0, 60),)).tracks.clone()
    inner.name, inner.source_range = "Scene", span(24, 30)
    inner.markers.append(otio.schema.Marker("inside", span(36, 0)))
    data = written(film([clip("a", 0, 24), inner])).data
    found = standing(data)["Scene"]
    assert (found.element.tag, found.record_s, found.length_s) == ("ref-clip", 1, 30 * FRAME)
    assert found.start_s == 1
    assert found.marks() == [("marker", "inside", 1 + 12 * FRAME)]
    media = project(data).find(f"resources/media[@id='{found.element.get('ref')}']")
    names = [one.get("name") for one in media.iter() if one.tag in ("gap", "asset-clip")]
    assert names == ["Gap", "heard", "in"]


def test_the_same_compound_twice_is_one_resource() -> None:
    inner = film([clip("in", 5, 48)]).tracks
    first, second = inner.clone(), inner.clone()
    first.name, second.name, second.source_range = "One", "Two", span(10, 20)
    data = written(film([first, second])).data
    assert len(project(data).findall("resources/media")) == 1


def test_compounds_without_end_are_refused() -> None:
    stack = film([clip("a", 0, 24)]).tracks.clone()
    for _ in range(30):
        outer = otio.schema.Stack(children=[otio.schema.Track(kind="Video", children=[stack])])
        stack = outer
    with pytest.raises(OutputError, match="nested"):
        write_fcpxml(film([stack]), delivery())


def test_tracks_that_are_trimmed_show_what_their_range_says() -> None:
    track = otio.schema.Track(kind="Video", source_range=span(12, 48))
    track.extend([clip("a", 100, 24), clip("b", 200, 24), clip("c", 300, 24)])
    found = standing(written(film(track)).data)
    where = {
        n: (o.record_s / FRAME, o.length_s / FRAME, o.start_s / FRAME) for n, o in found.items()
    }
    assert where == {"a": (0, 12, 112), "b": (12, 24, 200), "c": (36, 12, 300)}


def test_cuts_between_frames_are_moved_and_said_but_not_those_of_sound() -> None:
    odd = clip("odd", 0, 24)
    odd.source_range = otio.opentime.TimeRange(time(0), otio.opentime.RationalTime(1001, 1000))
    heard = clip("heard", 0, 24)
    heard.source_range = odd.source_range
    result = written(film([odd, clip("next", 0, 24)], (heard,)))
    found = standing(result.data)
    assert found["next"].record_s == 1
    assert found["heard"].length_s == Fraction(1001, 1000)
    (said,) = (loss for loss in result.losses if "between frames" in loss)
    assert "'odd'" in said and "'heard'" not in said


def test_what_the_format_has_no_place_for_is_said() -> None:
    one = clip("a", 0, 24, effects=[otio.schema.Effect(effect_name="Glow")])
    one.markers.append(otio.schema.Marker("m", span(1, 0), color="CYAN"))
    title = otio.schema.Clip(
        name="card",
        media_reference=otio.schema.GeneratorReference(generator_kind="SMPTEBars"),
        source_range=span(0, 24),
    )
    one.metadata["acme"] = {"grade": 1}
    wipe = dissolve(4, 4, transition_type="SMPTE_Wipe", name="Barn Door")
    timeline = film([one, wipe, clip("b", 100, 24), title])
    timeline.tracks.append(otio.schema.Track(name="nothing", kind="Audio"))
    timeline.tracks.append(otio.schema.Track(name="subs", kind="Subtitle", children=[gap(5)]))
    said = " ".join(written(timeline).losses)
    for words in ("'Glow' of 'a'", "'m'", "'card'", "'Barn Door'", "'nothing'", "'subs'", "acme"):
        assert words in said


def test_names_that_xml_cannot_hold() -> None:
    timeline = film([clip("a", 0, 24)], name='Fi<lm> "&" \x00\x1b\ufffe')
    timeline.tracks[0][0].name = "cl\x07ip é 雨"
    assert list(standing(written(timeline).data)) == ["clip é 雨"]


def test_lengths_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(TimelineError, match="'a'"):
        write_fcpxml(film([clip("a", 0, float("nan"))]), delivery())


def test_what_was_kept_of_a_file_is_given_back_with_ids_of_its_own() -> None:
    """The same title twice: effects are shared, text styles are not."""
    style = '<text-style-def id="ts1"><text-style font="Helvetica"/></text-style-def>'
    text = '<text><text-style ref="ts1">Two &amp; two</text-style></text>'
    blur = '<filter-video ref="r7" name="Blur"><param name="Amount" value="5"/></filter-video>'
    titles = [
        otio.schema.Clip(
            name=f"title {number}",
            source_range=span(86_400, 24),
            media_reference=otio.schema.GeneratorReference(
                metadata={"fcpxml": {"effect": {"id": "r3", "uid": "basic", "name": "Basic"}}}
            ),
            metadata={
                "fcpxml": {
                    "element": "title",
                    "attributes": {"role": "Titles.Titles-1"},
                    "note": "spelling",
                    "keywords": [{"start": "3600s", "duration": "1s", "value": "cards"}],
                    "children": [blur, style, text, '<adjust-stereo-3D depth="1"/>'],
                    "resources": {"r7": '<effect id="r7" name="Gaussian" uid="FxPlug:1"/>'},
                }
            },
        )
        for number in (1, 2)
    ]
    result = written(film(titles))
    root = project(result.data)
    assert len(root.findall("resources/effect")) == 2
    found = root.findall(".//spine/title")
    wanted = ["text", "text-style-def", "note", "keyword", "filter-video"]
    assert [[child.tag for child in one] for one in found] == [wanted, wanted]
    styles = [one.find("text-style-def").get("id") for one in found]
    assert styles[0] != styles[1]
    assert [one.find("text/text-style").get("ref") for one in found] == styles
    assert {one.get("role") for one in found} == {"Titles.Titles-1"}
    assert any("no <adjust-stereo-3D>" in loss for loss in result.losses)


def test_picture_and_sound_of_one_element_are_one_again() -> None:
    timeline = film([clip("a", 10, 48)], (clip("a", 10, 48),))
    picture, sound = timeline.tracks[0][0], timeline.tracks[1][0]
    picture.metadata["fcpxml"] = {"element": "asset-clip", "link": "1"}
    sound.metadata["fcpxml"] = {"element": "asset-clip", "link": "1"}
    together = project(written(timeline).data).findall(".//asset-clip")
    assert [(one.get("srcEnable"), one.get("lane")) for one in together] == [(None, None)]
    sound.source_range = span(11, 48)
    apart = project(written(timeline).data).findall(".//asset-clip")
    assert [one.get("srcEnable") for one in apart] == ["video", "audio"]


def test_times_beyond_all_timelines_are_refused() -> None:
    one = clip("a", 1e15, 24, available=None)
    with pytest.raises(OutputError, match="seconds"):
        write_fcpxml(film([one]), delivery())


def test_takes_that_are_not_active_are_named(tmp_path: Path) -> None:
    path = scored(tmp_path, cue("1m1", 100, 400), takes=2)
    result = written(otio.adapters.read_from_file(str(path)), start=86_400)
    assert "R1_1m1_t02.wav" in standing(result.data)
    assert any("only the active" in x and "R1_1m1_t02.wav" in x for x in result.losses)


def test_a_level_that_resolve_states_is_kept() -> None:
    one = clip("a", 0, 24)
    volume = {"Parameter ID": "volume", "Parameter Value": -6.5}
    one.effects.append(
        otio.schema.Effect(metadata={"Resolve_OTIO": {"Parameters": [volume], "Enabled": True}})
    )
    found = standing(written(film([clip("p", 0, 24)], (one,))).data)["a"]
    adjusted = found.element.find("adjust-volume")
    assert adjusted is not None and adjusted.get("amount") == "-6.5dB"


@pytest.mark.parametrize("rate", [Fraction(24), FILM, NTSC])
def test_our_music_is_an_audio_clip_with_a_role_of_its_own(tmp_path: Path, rate: Fraction) -> None:
    start = round(3600 * rate)
    path = scored(tmp_path, cue("1m1", 100, 400), cut=plain_cut(tmp_path, rate, start))
    data = written(otio.adapters.read_from_file(str(path)), rate, start).data
    found = standing(data)["R1_1m1_t01.wav"]
    assert (found.lane, found.record_s, found.length_s) == (-1, 100 / rate, 300 / rate)
    assert found.start_s == (start + 100) / rate
    assert found.element.get("audioRole") == "music.HPM"
    amount = found.element.find("adjust-volume/param")
    assert amount is not None
    fades = {one.tag: seconds(one.get("duration")) for one in amount}
    assert fades == {"fadeIn": Fraction(1, 100), "fadeOut": 1}
    asset = project(data).find(f"resources/asset[@id='{found.element.get('ref')}']")
    assert seconds(asset.get("start")) == (start + 76) / rate
    stated = [asset.get(k) for k in ("hasAudio", "audioSources", "audioChannels", "audioRate")]
    assert stated == ["1", "1", "2", "48000"]
    assert asset.get("hasVideo") is None


def test_the_rules_notice_what_is_wrong() -> None:
    """The rules themselves: each damage to a good document is found."""
    one = clip("a", 0, 48)
    one.markers.append(otio.schema.Marker("m", span(1, 0)))
    data = written(film([one, dissolve(2, 2), clip("b", 100, 24)], [clip("c", 0, 6)])).data.decode()
    damages = {
        'ref="r2"': 'ref="r99"',
        'offset="2s"': 'offset="3s"',
        'duration="1s"': 'duration="1001/1000s"',
        'lane="1"': "",
        "<marker ": "<note ",
        'tcFormat="NDF"': 'tcFormat="25"',
        "<media-rep ": "<nothing ",
        'id="r3"': 'id="r2"',
        'value="m"': "",
        "/media/a.mov": "/media/a b.mov",
        'id="r1"': 'id="1"',
        'uid="FxPlug': 'src="FxPlug',
    }
    for good, bad in damages.items():
        assert good in data, good
        assert problems(data.replace(good, bad).encode()), good


def test_what_no_document_type_has_is_not_given_back() -> None:
    """Attributes of earlier versions, and effects that a file names nowhere."""
    one = clip("a", 0, 24)
    kept = {"asset": {"name": "A", "projectRef": "r2"}, "format": {"oldness": "1"}}
    one.media_reference.metadata["fcpxml"] = kept
    mask = (
        '<filter-video-mask><mask-shape name="m" blendMode="add"/><filter-video name="Look"/>'
        "</filter-video-mask>"
    )
    hidden = '<hidden-clip-marker start="1s"/>'
    one.metadata["fcpxml"] = {"children": ['<filter-video name="Nowhere"/>', mask, hidden]}
    result = written(film([one]), version="1.13")
    root = project(result.data)
    assert root.find(".//hidden-clip-marker").attrib == {}
    assert root.find("resources/asset").get("name") == "A"
    assert root.find(".//asset-clip/filter-video") is None
    assert root.find(".//asset-clip/filter-video-mask") is None
    assert any(loss.startswith("<filter-video> refers to something") for loss in result.losses)


def test_a_compound_whose_clock_is_between_frames_is_on_frames() -> None:
    inner = otio.schema.Track(kind="Video", children=[gap(3), clip("a", 0, 24)])
    stack = otio.schema.Stack(name="s", children=[inner], source_range=span(5, 20))
    stack.metadata["fcpxml"] = {"origin": "100/7s"}
    found = standing(written(film([clip("b", 0, 24), stack])).data)
    assert (found["s"].record_s / FRAME, found["s"].length_s / FRAME) == (24, 20)
