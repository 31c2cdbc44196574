"""What a written edit decision list says, line by line, and what it says that it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
import scored_timelines
from edl_timelines import clip, events, gap, lines, marker, span, timeline
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import OutputError
from otio_hpm.interchange.edl_writing import write_edl
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.settings import Settings
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk
from otio_hpm.timeline.writing import write_scored
from otio_hpm.timing import parse_timecode

NTSC = Fraction(30000, 1001)


def test_the_head_says_title_and_counting() -> None:
    delivery = Delivery(path=Path("x.edl"), rate=NTSC, start_frames=107892, drop_frame=True)
    written = write_edl(timeline([clip()], name="my film"), delivery)
    head = written.data.decode().splitlines()
    assert head[:3] == ["TITLE: my film", "FCM: DROP FRAME", ""]
    assert head[3].endswith("00:00:00;00 00:00:02;00 01:00:00;00 01:00:02;00")
    assert "does not say its rate: import it at 29.97" in written.losses[0]


def test_gaps_are_positions() -> None:
    text, lost = lines(timeline([gap(24), clip("a"), gap(12), clip("b", 100)]))
    assert [event[-2:] for event in events(text)] == [
        ["01:00:01:00", "01:00:03:00"],
        ["01:00:03:12", "01:00:05:12"],
    ]
    assert "the list begins with its first event, not with the timeline: 01:00:01:00" in lost


@pytest.mark.parametrize(
    ("scalar", "fps", "source_out", "said"),
    [
        (2.0, "048.0", "00:00:04:00", ""),
        (-0.5, "-012.0", "00:00:01:00", ""),
        (0.0, "000.0", "00:00:00:01", ""),
        (1.234, "029.6", "00:00:02:11", "speeds are rounded to a tenth"),
        (1.001, "024.0", "00:00:02:00", "speeds are rounded to a tenth"),
    ],
)
def test_speeds(scalar: float, fps: str, source_out: str, said: str) -> None:
    effect = schema.LinearTimeWarp(time_scalar=scalar) if scalar else schema.FreezeFrame()
    text, lost = lines(timeline([clip("a", effects=[effect])]))
    assert events(text)[0][5] == source_out
    assert text[1].split() == ["M2", "AX", fps, "00:00:00:00"]
    assert said in lost
    assert bool(said) == ("speeds" in lost)


def test_both_ends_of_what_a_retimed_clip_plays_are_the_nearest_frames() -> None:
    half = schema.LinearTimeWarp(time_scalar=-0.5)
    text, _ = lines(timeline([clip("a", 10.5, 47, effects=[half])]))  # from 10.5 to 34
    assert events(text)[0][4:6] == ["00:00:00:11", "00:00:01:10"]


def test_a_moment_backwards_is_where_its_own_frame_begins_to_be_seen() -> None:
    made = clip("a", effects=[schema.LinearTimeWarp(time_scalar=-0.5)])
    made.source_range = TimeRange(RationalTime(96, 48), RationalTime(48, 24))
    made.markers.append(schema.Marker(name="m", marked_range=span(100, 0, 48)))
    # it plays 24 frames, from that of 2 s on; of the marker's at 100/48 s the end is 21.5 frames
    # of 24 before the end, 43 frames of record time
    assert "* LOC: 01:00:01:19 RED     m" in lines(timeline([made]))[0]


def test_sound_has_four_channels_and_one_picture_track() -> None:
    tracks = [[clip(f"{kind}{n}")] for n, kind in enumerate("VVAAAAA")]
    text, lost = lines(timeline(*tracks, kinds="VVAAAAA"))
    assert [event[2] for event in events(text)] == ["V", "A", "A2", "NONE", "NONE"]
    assert [line.split() for line in text if line.startswith("AUD")] == [["AUD", "3"], ["AUD", "4"]]
    assert "left out are: video track '', audio track ''" in lost


def test_what_cannot_be_said_is_named() -> None:
    nested = schema.Stack(name="nest", children=[schema.Track(children=[clip("inside")])])
    title = schema.Clip(
        name="title",
        source_range=span(0, 24),
        media_reference=schema.GeneratorReference(generator_kind="Text"),
    )
    blurred = clip("blurred", effects=[schema.Effect(effect_name="Blur"), schema.TimeEffect()])
    off = clip("off")
    off.enabled = False
    text, lost = lines(timeline([nested, title, blurred, off, clip("tiny", 0, 0.2), clip("end")]))
    assert len(events(text)) == 4
    for words in (
        "nested sequences are one event each, without what is in them: 'nest'",
        "generated pictures are events of an auxiliary source: 'title'",
        "effects on clips are left out: 'blurred'",
        "retimes that vary are left out: 'blurred'",
        "disabled clips are left out: 'off'",
        "clips shorter than a frame are left out: 'tiny'",
    ):
        assert words in lost
    assert events(text)[-1][-2] == "01:00:07:00"


def test_a_clip_beyond_timecode_is_named() -> None:
    text, lost = lines(timeline([clip("a"), clip("late", 24 * 3600 * 100)]))
    assert len(events(text)) == 1
    assert "timecode cannot count to are left out: 'late'" in lost
    made = timeline([clip("a")])
    made.tracks.markers.append(marker("late", 24 * 3600 * 100, metadata={"cmx_3600": {}}))
    text, lost = lines(made)
    assert "markers at times that timecode cannot count to are left out: 'late'" in lost
    assert "LOC" not in "".join(text)
    text, lost = lines(timeline([clip("early", -24)]))
    assert events(text)[0][4:6] == ["00:00:00:00", "00:00:02:00"]
    assert "before 00:00:00:00 are written as that: 'early'" in lost


def test_a_clip_without_length_is_refused() -> None:
    with pytest.raises(OutputError, match="'a' has no length"):
        lines(timeline([schema.Clip(name="a")]))


def test_markers_stand_under_the_clips_at_their_times() -> None:
    first, second = clip("a", 100), clip("b", 200)
    first.markers.append(marker("on a", 110, color="CYAN"))
    first.markers.append(marker("hidden", 90))
    second.markers.append(marker("long", 224, 12, comment="and noted"))
    first.markers.append(marker("odd", 120, color="OCHRE"))
    sound = clip("s", 0, 96)
    made = timeline([first, second, gap(24)], [sound])
    made.tracks[1].markers.append(marker("on track", 60))
    made.tracks.markers.append(marker("on film", 10, color="GREEN"))
    made.tracks.markers.append(marker("after", 110))
    text, lost = lines(made)
    under = text.index("* LOC: 01:00:00:10 CYAN    on a")
    assert text[1] == "* FROM CLIP NAME:  a"
    assert text[under - 2 : under + 2] == [
        "* LOC: 01:00:00:10 GREEN   on film",
        "* HPM MARKER: TIMELINE",
        "* LOC: 01:00:00:10 CYAN    on a",
        "* LOC: 01:00:00:20 RED     odd",
    ]
    assert text[-7:] == [
        "* FROM CLIP NAME:  b",
        "* LOC: 01:00:02:12 RED     on track",
        "* HPM MARKER: TIMELINE",
        "* LOC: 01:00:03:00 RED     long and noted",
        "* HPM MARKER: TO 01:00:03:12",
        "* LOC: 01:00:04:14 RED     after",
        "* HPM MARKER: TIMELINE",
    ]
    for words in (
        "markers outside the part of their clip that is seen are left out: 'hidden'",
        "comments of markers are joined to their names: 'long'",
        "no word for are red: OCHRE",
        "markers of tracks and gaps become the timeline's: 'on track'",
    ):
        assert words in lost


def test_timeline_markers_in_timecode_stand_where_they_mean() -> None:
    made = timeline([clip("a", 0, 240)])
    made.tracks.markers.append(marker("x", 86_400 + 30))
    text, _ = lines(made)
    assert "* LOC: 01:00:01:06 RED     x" in text


def test_ranges_of_timeline_and_track_cut_what_is_written() -> None:
    made = timeline([clip("a", 0, 48), clip("b", 100, 48), clip("c", 200, 48)])
    made.tracks.source_range = span(24, 72)
    text, _ = lines(made)
    assert [event[4:] for event in events(text)] == [
        ["00:00:01:00", "00:00:02:00", "01:00:00:00", "01:00:01:00"],
        ["00:00:04:04", "00:00:06:04", "01:00:01:00", "01:00:03:00"],
    ]
    made.tracks.source_range = None
    made.tracks[0].source_range = span(60, 24)
    text, _ = lines(made)
    assert [event[4:] for event in events(text)] == [
        ["00:00:04:16", "00:00:05:16", "01:00:00:00", "01:00:01:00"],
    ]


def test_our_music_is_on_two_channels_with_its_own_timecode(tmp_path: Path) -> None:
    cut = scored_timelines.plain_cut(tmp_path, start=90_000)
    made = scored_timelines.take(cut, scored_timelines.cue("1m1", 100, 340), tmp_path / "out_audio")
    write_scored(cut, [made], tmp_path / "out.otio", music_only=False, overwrite=True)
    scored = otio.adapters.read_from_file(str(tmp_path / "out.otio"))
    text, lost = lines(scored, start_frames=90_000)
    first = next(i for i, line in enumerate(text) if " AA " in line)
    ours = text[first].split()
    times = [parse_timecode(time, Fraction(24)) for time in ours[-4:]]
    shown = next(c for c in scored.find_clips() if "otio_hpm" in c.metadata)
    media = shown.media_reference.available_range  # its start is the time in the bext chunk
    assert times[2:] == [90_100, 90_340 - 24]  # less the fade, which is an event of its own
    assert times[0] - media.start_time.value == 24  # the handle
    assert times[:2] == times[2:]
    assert text[first + 1 : first + 3] == [
        "* FROM CLIP NAME:  R1_1m1_t01.wav",
        "* SOURCE FILE: R1_1m1_t01.wav",
    ]
    assert ours[1] == "R11m1t01"
    assert "'HPM Score' is on AA" in lost
    path = tmp_path / "back.edl"
    path.write_text("\n".join(["FCM: NON-DROP FRAME", *text]), "utf-8")
    back = read_cut(path, Settings().with_changes({"spotting": {"rate": Fraction(24)}}))
    tracks = [place.track for place in walk(back) if place.item.name == "R1_1m1_t01.wav"]
    assert tracks == ["A1", "A2"]


def test_other_sound_stands_below_our_music() -> None:
    ours = clip("m", metadata={"otio_hpm": {"cue": "1m1"}})
    text, _ = lines(timeline([], [clip("s")], [ours], kinds="VAA"))
    assert [line.split()[2] for line in text if line[:1].isdigit()] == ["A", "NONE"]
    assert "AUD  3    4" in text


def test_our_music_gets_no_markers_that_are_not_its_own() -> None:
    ours = clip("m", 0, 96, metadata={"otio_hpm": {"cue": "1m1"}})
    ours.markers.append(marker("own", 12))
    made = timeline([], [ours], kinds="VA")
    made.tracks.markers.append(marker("SCORE", 24))
    text, _ = lines(made)
    assert text[0] == "* LOC: 01:00:01:00 RED     SCORE"
    assert text[-1] == "* LOC: 01:00:00:12 RED     own"
    made.tracks[0].append(clip("picture", 0, 96))
    text, _ = lines(made)
    assert text[:3] == [text[0], "* FROM CLIP NAME:  picture", "* LOC: 01:00:01:00 RED     SCORE"]


@pytest.mark.parametrize(
    "name",
    [
        "OpenTimelineIO-history/sample_cdl_edl.edl",
        "marker-edl/avid_loc_otio593.edl",
        "otio-cmx3600-adapter/cdl.edl",
        "otio-cmx3600-adapter/dissolve_test_3.edl",
        "otio-cmx3600-adapter/dissolve_test_4.edl",
        "otio-cmx3600-adapter/gap_test.edl",
        "otio-cmx3600-adapter/nucoda_example.edl",
        "otio-cmx3600-adapter/screening_example.edl",
        "otio-cmx3600-adapter/speed_effects_small.edl",
        "otio-cmx3600-adapter/transition_duration.edl",
    ],
)
def test_real_lists_come_back_event_for_event(
    fixture: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    source = fixture(name)
    settings = Settings().with_changes({"spotting": {"rate": Fraction(24)}})
    cut = read_cut(source, settings)
    text, _ = lines(cut.timeline, start_frames=cut.start_frames)
    pattern = re.compile(r"^\d+ .*?([CD])(?: +(\d+))? +(\S+) \S+ (\S+:\S+) (\S+:\S+) *$", re.M)
    kept = [found[0:1] + found[2:] for found in pattern.findall("\n".join(text))]
    assert [f for f in kept if f[2] != f[3]] == [
        found[0:1] + found[2:]
        for found in pattern.findall(source.read_text("utf-8"))
        if found[3] != found[4]
    ]
    located = re.compile(r"LOC: (\S+) +(\S+) *(.*?) *$", re.M)
    assert located.findall("\n".join(text)) == located.findall(source.read_text("utf-8"))


def test_the_adapter_reads_and_writes(tmp_path: Path) -> None:
    path = tmp_path / "x.edl"
    made = timeline([clip("a", url="/m/a.mov")])
    made.global_start_time = RationalTime(86_400, 24)
    otio.adapters.write_to_file(made, str(path), adapter_name="hpm_edl")
    back = otio.adapters.read_from_file(str(path), adapter_name="hpm_edl", rate="24")
    assert back.global_start_time == RationalTime(86_400, 24)
    assert back.tracks[0][0].media_reference.target_url == "/m/a.mov"
    with pytest.raises(otio.exceptions.OTIOError, match=r"candidates: .*25"):
        otio.adapters.read_from_file(str(path), adapter_name="hpm_edl")
    with pytest.raises(otio.exceptions.OTIOError, match="no frame rate"):
        otio.adapters.read_from_file(str(path), adapter_name="hpm_edl", rate="fast")
    with pytest.raises(otio.exceptions.OTIOError, match="only one timeline"):
        otio.adapters.write_to_file(schema.SerializableCollection(), str(path), "hpm_edl")
