"""Timelines written as FCPXML and read again: everything where it was, or named as lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from fcpxml_plain import clip, delivery, dissolve, film, gap, span
from fcpxml_rules import problems
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otio_hpm.interchange.fcpxml.reading import read_fcpxml
from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.interchange.fcpxml.writing import VERSIONS, write_fcpxml
from otio_hpm.interchange.fcpxml.writing_times import counts_alike
from otio_hpm.interchange.xml_text import legal
from otio_hpm.timeline.exact import seconds

RATES = (
    Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50),
    Fraction(60000, 1001),
)  # fmt: skip
OTHERS = (Fraction(24), Fraction(25), Fraction(30), Fraction(50))
"""Of media in a sequence of another rate."""
SPEEDS = (2.0, 0.5, -1.0, -0.25, 1 / 3, 1.7, 0.0)
WORDS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8),
    st.just("a very long name " * 200),
)
"""Parts of names, with whatever people and programs put into them."""
NEAR_S = Fraction(1, 10**7)
"""Two retimes of one clip may differ in the last bits of a float speed."""
QUICK = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Fact:
    """What must come back of one item, marker or transition."""

    kind: str
    name: str
    times: tuple[Fraction, ...]
    words: tuple[Any, ...] = ()

    def near(self, other: Fact) -> bool:
        alike = (self.kind, self.name, self.words) == (other.kind, other.name, other.words)
        return alike and all(
            abs(a - b) <= NEAR_S for a, b in zip(self.times, other.times, strict=True)
        )


def facts_of(timeline: Any, depth: int = 0) -> Iterator[Fact]:
    """Items with record position, length and source; markers and transitions by record time."""
    if not depth:
        yield from outer_marks(timeline)
    for track in timeline if depth else timeline.tracks:
        position_s = Fraction(0)
        for item in track:
            if isinstance(item, otio.schema.Transition):
                edges = position_s - seconds(item.in_offset), position_s + seconds(item.out_offset)
                yield Fact(f"{track.kind} transition", item.name, edges)
                continue
            length_s = seconds(item.duration())
            start_s = seconds(item.trimmed_range().start_time)
            speed = speed_of(item)
            if not isinstance(item, otio.schema.Gap):
                times = position_s, length_s, start_s, speed
                yield Fact(f"{depth} {track.kind}", item.name, times, (item.enabled,))
            for marker in item.markers:
                marked = marker.marked_range
                origin_s = start_s if speed >= 0 else start_s - speed * length_s
                after_s = (seconds(marked.start_time) - origin_s) / (speed or 1)
                end_s = after_s + seconds(marked.duration) / (speed or 1)
                times = position_s + after_s, position_s + end_s
                yield Fact("marker", marker.name, times, (marker.comment,))
            if isinstance(item, otio.schema.Stack):
                yield from facts_of(item, depth + 1)
            position_s += length_s


def outer_marks(timeline: Any) -> Iterator[Fact]:
    """The markers of the timeline itself, and the tracks of sound that hold something."""
    for marker in timeline.tracks.markers:
        first_s = seconds(marker.marked_range.start_time)
        last_s = first_s + seconds(marker.marked_range.duration)
        yield Fact("outer", marker.name, (first_s, last_s), (marker.comment,))
    for track in timeline.tracks:
        heard = (one for one in track if isinstance(one, otio.schema.Clip | otio.schema.Stack))
        if track.kind == "Audio" and next(heard, None) is not None:
            yield Fact("sound", track.name, ())


def speed_of(item: Any) -> Fraction:
    warps = [one for one in item.effects if isinstance(one, otio.schema.LinearTimeWarp)]
    return Fraction(warps[0].time_scalar) if warps else Fraction(1)


@st.composite
def timelines(draw: st.DrawFn) -> tuple[Any, Fraction, int]:
    """A timeline of picture, sound, nested stacks, transitions, retimes and markers."""
    rate = draw(st.sampled_from(RATES))
    said = draw(WORDS)
    names = iter(f"{said}n{number}" for number in range(1000))
    pictures = [draw(tracks(names, rate, "Video", 1)) for _ in range(draw(st.integers(0, 3)))]
    sounds = [draw(tracks(names, rate, "Audio", 0)) for _ in range(draw(st.integers(0, 2)))]
    for track in sounds:
        track.name = draw(st.sampled_from(("", "Dialogue", "dialogue", "A2", "M&E 5.1", "Ton")))
    timeline = film(*pictures, *sounds)
    for number in range(draw(st.integers(0, 2)) if pictures else 0):
        marked = span(draw(st.integers(0, 40)), draw(st.sampled_from((0, 1, 2, 300))), rate)
        timeline.tracks.markers.append(otio.schema.Marker(f"o{number}", marked, comment=said))
    start = draw(st.sampled_from((0, 1, round(3600 * rate), round(3590 * round(rate)))))
    return timeline, rate, start


@st.composite
def tracks(draw: st.DrawFn, names: Iterator[str], rate: Fraction, kind: str, depth: int) -> Any:
    track = otio.schema.Track(kind=kind)
    before = 0
    for _ in range(draw(st.integers(0, 5))):
        length = draw(st.integers(8, 60))
        is_nested = depth and not draw(st.integers(0, 7))
        if not draw(st.integers(0, 3)):
            item = gap(length, rate)
        elif is_nested:
            inner = [draw(tracks(names, rate, "Video", depth - 1))]
            item = otio.schema.Stack(name=next(names), children=inner)
            whole = round(seconds(item.duration()) * rate)
            length = draw(st.integers(8, whole)) if whole > 8 else whole
            item.source_range = span(draw(st.integers(0, whole - length)), length, rate)
        else:
            item = draw(clips(next(names), rate, length))
        if before and not draw(st.integers(0, 3)):
            most = min(before, length) // 2
            offsets = draw(st.integers(0, most)), draw(st.integers(0, most))
            if sum(offsets):
                track.append(dissolve(*offsets, rate, name=next(names)))
        track.append(item)
        before = length
    return track


@st.composite
def clips(draw: st.DrawFn, name: str, rate: Fraction, length: int) -> Any:
    start = draw(st.integers(0, 500))
    first = draw(st.sampled_from((0, round(3600 * rate))))
    item = clip(name, start + first, length, rate, available=span(first, 1000, rate))
    other = draw(st.sampled_from((None, None, None, *OTHERS)))
    if other and not any(counts_alike(other, one) for one in (rate, rate / 2, rate * 2)):
        item.media_reference.available_range = span(0, 10**6, other)
        item.source_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, float(other)), item.source_range.duration
        )
        item.enabled = draw(st.booleans())
        return item
    item.enabled = draw(st.booleans())
    speed = draw(st.sampled_from((*SPEEDS, *[None] * 10)))
    if speed is not None:
        frozen = otio.schema.FreezeFrame()
        item.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed) if speed else frozen)
    for number in range(draw(st.integers(0, 2))):
        at = start + first + draw(st.integers(0, length - 1))
        words = draw(st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=5))
        marked = span(at, draw(st.sampled_from((0, 1, 5))), rate)
        item.markers.append(otio.schema.Marker(f"{name} m{number}", marked, comment=words))
    return item


def written_and_read(
    timeline: Any, rate: Fraction, start: int, folder: Path, version: str = ""
) -> tuple[Any, tuple[str, ...]]:
    """A timeline written, held to the rules, and read again; what was said to be lost."""
    path = folder / "cut.fcpxml"
    drop = rate.denominator == 1001 and rate > 25
    wanted = delivery(rate, start, version=version, path=path, drop_frame=drop)
    result = write_fcpxml(timeline, wanted)
    assert problems(result.data) == []
    path.write_bytes(result.data)
    (sequence,) = read_fcpxml(path).sequences
    assert sequence.rate is not None and sequence.rate[0] == rate
    assert sequence.drop_frame is not None and sequence.drop_frame[0] == drop
    assert seconds(sequence.timeline.global_start_time) == start / rate
    return sequence.timeline, result.losses


@QUICK
@given(made=timelines())
def test_everything_comes_back_or_is_named_as_lost(
    made: tuple[Any, Fraction, int], tmp_path: Path
) -> None:
    timeline, rate, start = made
    back, losses = written_and_read(timeline, rate, start, tmp_path)
    found = list(facts_of(back))
    for fact in facts_of(timeline):
        if any(fact.near(other) for other in found):
            continue
        nameless = replace(fact, name="")
        if fact.kind == "Audio transition" and any(nameless.near(other) for other in found):
            continue  # a fade of a clip has no name
        if legal(fact.name) != fact.name:
            assert any("Control characters" in loss for loss in losses)
            continue
        assert any(repr(fact.name) in loss for loss in losses), (fact, losses)
    known = {legal(fact.name) for fact in facts_of(timeline) if fact.kind != "sound"}
    names = {fact.name for fact in found if fact.kind != "sound"}
    assert names <= known | {"Cross Dissolve", "Audio Crossfade", ""}


@given(rate=st.sampled_from(RATES), starts=st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
@QUICK
def test_sound_between_frames_comes_back_to_the_sample(
    rate: Fraction, starts: list[int], tmp_path: Path
) -> None:
    rational = otio.opentime.RationalTime
    pieces: list[Any] = []
    for number, samples in enumerate(starts):
        pieces.append(otio.schema.Gap(duration=rational(samples % 5000 + 1, 48_000)))
        one = clip(f"s{number}", 0, 1, rate)
        one.source_range = otio.opentime.TimeRange(
            rational(samples, 48_000), rational(samples % 9000 + 1, 48_000)
        )
        pieces.append(one)
    timeline = film([clip("p", 0, 48, rate)], tuple(pieces))
    timeline.tracks[1].name = "Sound"
    back, _ = written_and_read(timeline, rate, 0, tmp_path)
    assert set(facts_of(timeline)) == set(facts_of(back))


@given(
    rate=st.sampled_from(RATES),
    ranges=st.lists(st.tuples(st.integers(0, 90), st.integers(2, 300)), max_size=4),
    speed=st.sampled_from((1.0, 2.0, 0.5)),
)
@QUICK
def test_ranges_of_the_timeline_come_back_as_its_own(
    rate: Fraction, ranges: list[tuple[int, int]], speed: float, tmp_path: Path
) -> None:
    """However long they are against the clips they stand on."""
    fast = clip("b", 20, 40, rate)
    if speed != 1:
        fast.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    timeline = film([clip("a", 10, 30, rate), fast, gap(30, rate)])
    for number, (first, length) in enumerate(ranges):
        marked = span(first, length, rate)
        timeline.tracks.markers.append(otio.schema.Marker(f"SCORE {number}", marked, comment="x y"))
    back, _ = written_and_read(timeline, rate, 0, tmp_path)
    assert set(outer_marks(back)) == set(outer_marks(timeline))
    assert not any(item.markers for item in back.tracks[0])


def test_sound_tracks_come_back_by_name(tmp_path: Path) -> None:
    def sound(name: str, number: int) -> Any:
        one = clip(f"{name}{number}", 0, 24)
        place = gap(24 * number + 1)
        return otio.schema.Track(name=name, kind="Audio", children=[place, one])

    names = ("Dialogue", "dialogue", "Music", "", "", "M&E 5.1", "A1")
    tracks = [sound(name, number) for number, name in enumerate(names)]
    back, losses = written_and_read(film([clip("p", 0, 48)], *tracks), Fraction(24), 0, tmp_path)
    found = [track.name for track in back.tracks if track.kind == "Audio"]
    assert found == ["Dialogue", "dialogue 2", "Music", "A4", "A5", "M&E 5 1", "A1"]
    (said,) = [loss for loss in losses if loss.startswith("Sound tracks need names")]
    assert "'dialogue' is written as 'dialogue 2'" in said and "'A1'" not in said


@pytest.mark.parametrize(
    ("own", "value"), [("0s", 2), ("1/2s", 2), ("3/2s", 3), ("5/2s", 3), ("2s", 4)]
)
def test_a_ramp_is_given_back_where_it_was(own: str, value: int, tmp_path: Path) -> None:
    """Also where it is frozen, or comes by the same media again."""
    points = ((0, 2), (1, 2), (2, 4), (3, 2), (4, 2))
    said = "".join(f'<timept time="{at}s" value="{source}s"/>' for at, source in points)
    made = clip("a", 24 * value, 30)
    made.metadata["fcpxml"] = {"timeMap": f"<timeMap>{said}</timeMap>", "own": own}
    made.markers.append(otio.schema.Marker("m", span(24 * value + 6, 2)))
    back, losses = written_and_read(film([made]), Fraction(24), 0, tmp_path)
    again = back.tracks[0][0]
    assert again.markers[0].marked_range == made.markers[0].marked_range
    assert not any("do not fit" in loss for loss in losses)
    assert seconds(again.source_range.start_time) == value
    kept = again.metadata["fcpxml"]
    assert (kept["own"], kept["timeMap"].count("<timept")) == (own, len(points))


FIXTURES = (
    "24", "25i", "29.97d", "50", "59.94", "360Video", "AuditionMarkers3", "BasicMarkers",
    "Complex", "CompoundClips", "CutSample", "HiddenMarkers", "Keywords", "MulticamMarkers",
    "Occlusion", "Occlusion3", "PhotoshopSample2", "SyncClip", "SyncClipRoles2", "TitlesRoles",
    "TimelineWithSecondaryStoryline",
)  # fmt: skip


@pytest.mark.parametrize("name", FIXTURES)
def test_files_of_final_cut_are_given_back(name: str, fixture: Any, tmp_path: Path) -> None:
    """In every version: the same items, markers and transitions, by the rules."""
    for version in (VERSIONS[0], "1.11", VERSIONS[-1]):
        _check_given_back(fixture(f"OpenFCPXMLKit/{name}.fcpxml"), version, tmp_path)


def _check_given_back(path: Path, version: str, folder: Path) -> None:
    (sequence,) = read_fcpxml(path).sequences
    assert sequence.rate and sequence.drop_frame
    rate, timeline = sequence.rate[0], sequence.timeline
    start = round(seconds(timeline.global_start_time) * rate)
    out = folder / f"{version}.fcpxml"
    result = write_fcpxml(timeline, delivery(rate, start, version=version, path=out))
    assert problems(result.data) == []
    out.write_bytes(result.data)
    (again,) = read_fcpxml(out).sequences
    found = list(facts_of(again.timeline))
    for fact in facts_of(timeline):
        moved = any("between frames" in x and f"'{fact.name}'" in x for x in result.losses)
        assert moved or any(fact.near(other) for other in found), fact


SPLIT = """<fcpxml version="1.11"><resources>
<format id="r1" frameDuration="100/2400s" width="1920" height="1080"/>
<asset id="r2" name="a" start="3600s" duration="100s" hasVideo="1" format="r1" hasAudio="1"
 audioSources="1" audioChannels="2"><media-rep kind="original-media" src="file:///m/a.mov"/>
</asset></resources><library><event><project name="Film">
<sequence format="r1" duration="12s" tcStart="3600s"><spine>
<asset-clip ref="r2" name="one" offset="3600s" start="3600s" duration="4s" audioStart="3600s"
 audioDuration="3s" audioRole="dialogue"/>
<asset-clip ref="r2" name="two" offset="3604s" start="3610s" duration="4s" audioStart="3609s"
 audioDuration="6s" audioRole="dialogue"/>
<asset-clip ref="r2" name="three" offset="3608s" start="3620s" duration="4s"
 audioStart="148802/41s" audioDuration="2s" audioRole="dialogue"/>
</spine></sequence></project></event></library></fcpxml>
"""


def written_split(edit: Callable[[Any], None], folder: Path) -> tuple[list[Any], tuple[str, ...]]:
    """The clips of a file of split edits after a change, and what was lost."""
    path = folder / "split.fcpxml"
    path.write_text(SPLIT, "utf-8")
    (sequence,) = read_fcpxml(path).sequences
    edit(sequence.timeline)
    result = write_fcpxml(sequence.timeline, delivery(start=86_400, path=path))
    assert problems(result.data) == []
    return list(ElementTree.fromstring(result.data).iter("asset-clip")), result.losses


def extent(element: Any) -> dict[str, Fraction]:
    keys = ("offset", "start", "duration", "audioStart", "audioDuration")
    found = {key: element.get(key) for key in keys}
    return {key: parse_time(text) for key, text in found.items() if text}


def test_split_edits_are_given_back(tmp_path: Path) -> None:
    clips, losses = written_split(lambda timeline: None, tmp_path)
    wanted = ElementTree.fromstring(SPLIT).iter("asset-clip")
    assert [extent(one) for one in clips] == [extent(one) for one in wanted]
    assert not any("links" in loss for loss in losses)


def test_compounds_keep_the_name_they_have_in_their_event(fixture: Any, tmp_path: Path) -> None:
    path = fixture("OpenFCPXMLKit/25i.fcpxml")
    (sequence,) = read_fcpxml(path).sequences
    result = write_fcpxml(sequence.timeline, delivery(Fraction(25), path=tmp_path / "a.fcpxml"))
    names = [[one.get("name") for one in ElementTree.fromstring(data).iter("media")]
             for data in (path.read_bytes(), result.data)]  # fmt: skip
    assert names[0] == names[1] == ["29.97_CC"]


def test_sound_that_is_out_of_step_is_apart_and_named(tmp_path: Path) -> None:
    def slip(timeline: Any) -> None:
        sound = next(one for one in timeline.audio_tracks()[0] if one.name == "two")
        sound.source_range = span(24 * 3609 + 2, 24 * 6)

    clips, losses = written_split(slip, tmp_path)
    two = [extent(one) for one in clips if one.get("name") == "two"]
    assert not any("audioStart" in one for one in two)
    assert {one["start"] for one in two} == {3610, 3609 + Fraction(2, 24)}
    assert "links between picture and sound are left out: 'two'" in losses


def test_links_that_are_lost_are_named_in_their_order(tmp_path: Path) -> None:
    def slip(timeline: Any) -> None:
        for sound in timeline.audio_tracks()[0].find_clips():
            sound.source_range = span(24 * 3650, sound.source_range.duration.value)

    losses = written_split(slip, tmp_path)[1]
    assert "links between picture and sound are left out: 'one', 'two', 'three'" in losses
