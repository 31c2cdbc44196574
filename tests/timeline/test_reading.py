"""Timeline files in, cuts out; what cannot be read is explained."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from counted_work import Work, work_of
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import SettingsError, TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut

NTSC = Fraction(30000, 1001)


def asked(**spotting: Any) -> Settings:
    return Settings().with_changes({"spotting": spotting})


def clip(name: str = "shot", frames: float = 48, rate: float = 24) -> Any:
    reach = TimeRange(RationalTime(0, rate), RationalTime(frames, rate))
    return otio.schema.Clip(name=name, source_range=reach)


def timeline(*clips: Any, name: str = "cut", start: Any = None) -> Any:
    made = otio.schema.Timeline(name=name, global_start_time=start)
    made.tracks.append(otio.schema.Track(kind="Video", children=list(clips)))
    return made


def written(folder: Path, thing: Any, name: str = "cut.otio") -> Path:
    path = folder / name
    text = thing if isinstance(thing, str) else otio.adapters.write_to_string(thing, "otio_json")
    path.write_text(text, "utf-8")
    return path


def read(folder: Path, thing: Any, **spotting: Any) -> Cut:
    return read_cut(written(folder, thing), asked(**spotting))


def refused(path: Path, **spotting: Any) -> str:
    with pytest.raises(TimelineError) as error:
        read_cut(path, asked(**spotting))
    assert path.name in error.value.message
    return f"{error.value.message} | {error.value.hint}"


def test_a_plain_timeline(tmp_path: Path) -> None:
    made = timeline(clip(), clip(frames=12), start=RationalTime(86400, 24))
    cut = read(tmp_path, made)
    assert (cut.rate, cut.start_frames, cut.duration_frames) == (24, 86400, 60)
    assert cut.timecode(13) == "01:00:00:13"
    assert (cut.dialect, cut.drop_frame, cut.warnings) == ("plain", False, ())
    assert cut.schema_versions["Clip"] == 2
    assert cut.timeline.is_equivalent_to(made)


def test_the_longest_track_counts_and_its_own_range_trims(tmp_path: Path) -> None:
    made = timeline(clip(), clip())
    made.tracks.append(otio.schema.Track(kind="Audio", children=[clip(frames=100)]))
    assert read(tmp_path, made).duration_frames == 100
    made.tracks.source_range = TimeRange(RationalTime(10, 24), RationalTime(50, 24))
    assert read(tmp_path, made).duration_frames == 50


@pytest.mark.parametrize(("start", "told"), [(-86243, True), (-30, False), (47, False), (48, True)])
def test_a_track_whose_range_shows_nothing_is_told(tmp_path: Path, start: int, told: bool) -> None:
    made = timeline(clip())
    made.tracks[0].name = "V"
    made.tracks[0].source_range = TimeRange(RationalTime(start, 24), RationalTime(48, 24))
    said = "track 'V' shows nothing: its range is outside of what is on it"
    assert (said in read(tmp_path, made).warnings) == told


def test_transitions_take_no_time(tmp_path: Path) -> None:
    half = RationalTime(6, 24)
    made = timeline(clip(), otio.schema.Transition(in_offset=half, out_offset=half), clip())
    assert read(tmp_path, made).duration_frames == 96


def test_an_untrimmed_clip_is_as_long_as_its_media(tmp_path: Path) -> None:
    reach = TimeRange(RationalTime(100, 24), RationalTime(30, 24))
    untrimmed = otio.schema.Clip(
        media_reference=otio.schema.ExternalReference("a.mov", available_range=reach)
    )
    assert read(tmp_path, timeline(clip(), untrimmed)).duration_frames == 78


def test_times_in_other_clocks_are_exact(tmp_path: Path) -> None:
    """A thousand clips of one frame at 23.976, written in 1/24000 s."""
    made = timeline(*[clip(frames=1001, rate=24000) for _ in range(1000)])
    assert read(tmp_path, made, rate=Fraction(24000, 1001)).duration_frames == 1000


@pytest.mark.parametrize("kind", ["Stack", "Track", "Clip"])
def test_a_lesser_top_object_is_wrapped(tmp_path: Path, kind: str) -> None:
    track = otio.schema.Track(name="lonely", children=[clip("lonely")])
    things = {
        "Stack": otio.schema.Stack(name="lonely", children=[track.deepcopy()]),
        "Track": track,
        "Clip": clip("lonely"),
    }
    cut = read(tmp_path, things[kind])
    assert cut.timeline.name == "lonely"
    assert cut.timeline.tracks[0][0].name == "lonely"
    assert cut.duration_frames == 48


@pytest.fixture
def several(tmp_path: Path) -> Path:
    cuts = [timeline(clip(frames=n), name=name) for n, name in ((24, "one"), (48, "two"))]
    return written(tmp_path, otio.schema.SerializableCollection("reel", [clip(), *cuts]))


@pytest.mark.parametrize(("wanted", "frames"), [("one", 24), ("two", 48), ("1", 24), ("2", 48)])
def test_one_of_several_timelines(several: Path, wanted: str, frames: int) -> None:
    assert read_cut(several, asked(timeline=wanted)).duration_frames == frames


@pytest.mark.parametrize("wanted", [None, "three", "0", "3", ""])
def test_several_timelines_are_listed(several: Path, wanted: str | None) -> None:
    said = refused(several, timeline=wanted)
    assert "1 'one', 2 'two'" in said


def test_a_collection_of_one_needs_no_choice(tmp_path: Path) -> None:
    collection = otio.schema.SerializableCollection("reel", [timeline(clip())])
    assert read(tmp_path, collection).duration_frames == 48


def test_a_wrong_choice_is_refused_even_of_one(tmp_path: Path) -> None:
    assert "no timeline is named 'x'" in refused(written(tmp_path, timeline(clip())), timeline="x")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "binary"),
        (b"not a timeline", "not a whole .otio file"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "tracks": {', "not a whole .otio file"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x"}', "not a whole .otio file"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": null}', "no tracks"),
        (b'{"OTIO_SCHEMA": "Clip.7"}', "Clip.7, newer than OpenTimelineIO"),
        (b'{"a": 1}', "holds no timeline"),
        (b"[1, 2]", "holds no timeline"),
        (b"[" * 300_000, "nested"),
        (b'{"OTIO_SCHEMA": "Marker.3"', "not a whole .otio file"),
    ],
)
def test_a_bad_file_is_explained(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "bad.otio"
    path.write_bytes(data)
    assert said in refused(path)


def test_a_truncated_real_timeline_is_explained(tmp_path: Path) -> None:
    text = timeline(clip(), clip()).to_json_string()
    for length in range(1, len(text) - 1, 97):
        assert refused(written(tmp_path, text[:length]))


def test_what_is_no_file_is_explained(tmp_path: Path) -> None:
    assert "no timeline at" in refused(tmp_path / "none.otio")
    (tmp_path / "folder.otio").mkdir()
    assert "is a folder" in refused(tmp_path / "folder.otio")


@pytest.mark.parametrize("name", ["cut.mov", "cut"])
def test_another_format_names_what_is_read(tmp_path: Path, name: str) -> None:
    said = refused(written(tmp_path, "x", name))
    assert "read here: .otio" in said and ".edl" in said and ".aaf" in said


@pytest.mark.parametrize("text", ["x", "<html/>", "<!-- <xmeml> --><opml/>", ""])
def test_xml_that_is_no_timeline_names_what_would_be(tmp_path: Path, text: str) -> None:
    said = refused(written(tmp_path, text, "cut.xml"))
    assert "no timeline that is read" in said and "<xmeml>" in said and "<fcpxml>" in said


def test_the_suffix_may_be_capital_and_the_text_marked(tmp_path: Path) -> None:
    path = tmp_path / "CUT.OTIO"
    path.write_bytes(b"\xef\xbb\xbf" + timeline(clip()).to_json_string().encode())
    assert read_cut(path, Settings()).duration_frames == 48


def test_impossible_times_name_the_item(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="clip 'back' has a negative length"):
        read(tmp_path, timeline(clip("back", frames=-1)))
    with pytest.raises(TimelineError, match="clip 'nowhere' has a time that is not a number"):
        read(tmp_path, timeline(clip(), clip("nowhere", frames=float("nan"))))
    with pytest.raises(TimelineError, match="timeline 'cut' has a time that is not a number"):
        read(tmp_path, timeline(clip(), start=RationalTime(float("inf"), 24)))
    with pytest.raises(TimelineError, match="clip 'endless' has no length"):
        read(tmp_path, timeline(clip(), otio.schema.Clip("endless")))


@pytest.mark.parametrize(
    ("frames", "tc", "drop", "warned"),
    [
        (107892, None, True, False),
        (108000, None, False, False),
        (107892, "ndf", False, False),
        (108000, "df", True, False),
        (0, None, False, True),
        (17, None, False, True),
    ],
)
def test_drop_frame_is_asked_for_or_told_by_the_start(
    tmp_path: Path, frames: int, tc: str | None, drop: bool, warned: bool
) -> None:
    made = timeline(clip(rate=30000 / 1001), start=RationalTime(frames, 30000 / 1001))
    cut = read(tmp_path, made, tc=tc)
    assert (cut.rate, cut.drop_frame, bool(cut.warnings)) == (NTSC, drop, warned)
    assert cut.start_frames == frames


@pytest.mark.parametrize("start", [-1, 1e15])
def test_a_start_that_is_no_timecode_is_refused(tmp_path: Path, start: float) -> None:
    with pytest.raises(TimelineError, match=r"'cut' starts at .* s, which is no timecode"):
        read(tmp_path, timeline(clip(), start=RationalTime(start, 24)))


def test_drop_frame_where_there_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no drop-frame timecode at 25"):
        read(tmp_path, timeline(clip(rate=25)), tc="df")


def test_the_start_keeps_its_timecode_at_a_rate_of_the_same_base(tmp_path: Path) -> None:
    cut = read(
        tmp_path, timeline(clip(), start=RationalTime(86400, 24)), rate=Fraction(24000, 1001)
    )
    assert cut.timecode(0) == "01:00:00:00"
    assert "own rate is 24" in cut.warnings[0]


def test_a_long_timeline_is_read_in_one_pass(tmp_path: Path) -> None:
    def work(count: int) -> Work:
        path = written(tmp_path, timeline(*[clip(str(n)) for n in range(count)]))
        assert read_cut(path, Settings()).duration_frames == count * 48
        return work_of(lambda: read_cut(path, Settings()))

    few, many = work(200), work(400)
    assert many.lines < 2.1 * few.lines
    assert many.walks == few.walks


OTIO_FILES = {
    "OpenTimelineIO/effects.otio": (24, "01:00:00:00", "resolve"),
    "OpenTimelineIO/premiere_example.otio": (30, "00:00:00:00", "plain"),
    "OpenTimelineIO/screening_example.otio": (24, "00:00:00:00", "plain"),
    "OpenTimelineIO/nested_example.otio": (24, "00:00:00:00", "plain"),
    "OpenTimelineIO/big_int.otio": (24, "00:00:00:00", "plain"),
    "OpenTimelineIO/transition.otio": (24, "00:00:00:00", "plain"),
    "OpenTimelineIO-history/premiere_example_oldschema.otio": (30, "00:00:00:00", "plain"),
    "otio-aaf-adapter/precheckfail.otio": (24, "01:00:00:00", "avid"),
    "otio-fcp-adapter/img_seq_media_reference.otio": (24, "01:00:00:00", "plain"),
}


@pytest.mark.parametrize("name", OTIO_FILES)
def test_timelines_of_real_systems(fixture: Callable[[str], Path], name: str) -> None:
    cut = read_cut(fixture(name), Settings())
    assert (cut.rate, cut.timecode(0), cut.dialect) == OTIO_FILES[name]
    longest = max(track.duration() for track in cut.timeline.tracks)
    assert cut.duration_frames == round(longest.rescaled_to(float(cut.rate)).value)


def test_the_versions_a_file_was_written_with(fixture: Callable[[str], Path]) -> None:
    new = read_cut(fixture("OpenTimelineIO/premiere_example.otio"), Settings())
    old = read_cut(fixture("OpenTimelineIO/simple_cut.otio"), Settings())
    assert (new.schema_versions["Marker"], new.schema_versions["Clip"]) == (3, 2)
    assert old.schema_versions["Clip"] == 1


def test_reading_never_changes_the_file(fixture: Callable[[str], Path], tmp_path: Path) -> None:
    original = fixture("OpenTimelineIO/premiere_example.otio").read_bytes()
    path = tmp_path / "copy.otio"
    path.write_bytes(original)
    read_cut(path, Settings())
    assert path.read_bytes() == original
    assert [p.name for p in tmp_path.iterdir()] == ["copy.otio"]
    assert json.loads(original)["OTIO_SCHEMA"] == "Timeline.1"
