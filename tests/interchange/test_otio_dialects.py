"""The .otio of each host: what is ours says what real exports say, and all else stays as it was."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from dialect_documents import Json, clips, delivery, document, kinds, ours, touched, urls, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scored_timelines import cue, plain_cut, scored, span

from otio_hpm.errors import SettingsError
from otio_hpm.interchange.dialects.reading import from_dialect
from otio_hpm.interchange.dialects.versions import versions_of_release
from otio_hpm.interchange.dialects.writer import DIALECTS, dialect_for, write_otio
from otio_hpm.interchange.exchange import Paths
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.spotting import spot_cues
from otio_hpm.timeline.writing import existing_cues

NTSC = Fraction(30000, 1001)
RATES = (Fraction(24), Fraction(25), Fraction(24000, 1001), NTSC)


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """A cut with three cues, of which two touch, at two takes each."""
    folder = tmp_path / "a film"
    path = scored(folder, cue("1m1", 48, 240), cue("1m2", 240, 400), cue("1m3", 480, 720), takes=2)
    return read_cut(path, Settings())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_that_is_not_ours_stays_as_it_was(cut: Cut, dialect: str) -> None:
    before = json.loads(cut.path.read_text("utf-8"))
    after = document(cut, dialect)
    for each in (before, after):
        each["tracks"]["children"] = [
            track for track in each["tracks"]["children"] if "otio_hpm" not in track["metadata"]
        ]
    assert after == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_timeline_that_is_written_is_not_changed(cut: Cut, dialect: str) -> None:
    before = cut.timeline.to_json_string()
    assert written(cut, dialect).data == written(cut, dialect).data
    assert cut.timeline.to_json_string() == before


def test_the_plain_form_is_what_scoring_writes(cut: Cut) -> None:
    assert written(cut, "plain").data == cut.path.read_bytes()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("paths", ["absolute", "relative"])
def test_reading_gives_the_plain_form_back(cut: Cut, dialect: str, paths: Paths) -> None:
    text = written(cut, dialect, paths).data.decode()
    back = otio.adapters.read_from_string(text, "otio_json")
    from_dialect(back, cut.path.parent, cut.rate)
    assert without_hosts(back) == without_hosts(cut.timeline)


def without_hosts(timeline: Any) -> Json:
    """A timeline as JSON without the words of hosts, which mean nothing to the package."""
    found: Json = json.loads(timeline.to_json_string())
    waiting: list[Any] = [found]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for host in ("Resolve_OTIO", "PremierePro_OTIO"):
                node.get("metadata", {}).pop(host, None) if "metadata" in node else None
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rate=st.sampled_from(RATES),
    ends=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    fades=st.tuples(
        st.fractions(0, 2, max_denominator=480), st.fractions(0, 2, max_denominator=480)
    ),
    dialect=st.sampled_from(DIALECTS),
)
def test_no_fade_is_lost_or_taken_for_an_editors(
    tmp_path_factory: pytest.TempPathFactory,
    rate: Fraction,
    ends: list[int],
    fades: tuple[Fraction, Fraction],
    dialect: str,
) -> None:
    folder = tmp_path_factory.mktemp("fades")
    cues, at = [], 0
    for index, length in enumerate(ends):
        at += 10 * (index % 2)  # some touch, some do not
        cues.append(cue(f"1m{index + 1}", at, at + length, fade_in=fades[0], fade_out=fades[1]))
        at += length
    path = scored(folder, *cues, cut=plain_cut(folder, rate, round(3600 * rate)))
    cut = read_cut(path, Settings())
    text = written(cut, dialect).data.decode()
    back = otio.adapters.read_from_string(text, "otio_json")
    from_dialect(back, folder, rate)
    assert without_hosts(back) == without_hosts(cut.timeline)
    touched = [found.touched for found in existing_cues(dataclasses.replace(cut, timeline=back))]
    assert touched == [()] * len(cues)


def test_premiere_finds_channels_and_a_link_of_its_own_for_each_clip(cut: Cut) -> None:
    cut.timeline.tracks[0][1].metadata["PremierePro_OTIO"] = {"LinkID": "41"}
    found = document(cut, "premiere")
    assert [t["metadata"]["PremierePro_OTIO"]["AudioChannels"] for t in ours(found)] == [
        {"ChannelType": "Stereo", "NumberOfChannels": 2}
    ]
    told = [clip["metadata"]["PremierePro_OTIO"] for clip in clips(found)]
    assert [one["LinkID"] for one in told] == ["42", "43", "44"]
    assert told[0]["AudioChannels"] == {
        "ChannelType": "Stereo",
        "SecondaryAssignments": [{"SecondaryChannelIndex": 0}, {"SecondaryChannelIndex": 1}],
    }
    for child in ours(found)[0]["children"]:
        if child["OTIO_SCHEMA"].startswith("Transition"):
            for side in ("in_offset", "out_offset"):
                assert child[side]["rate"] == 24 and child[side]["value"] == int(
                    child[side]["value"]
                )


def test_kdenlive_counts_from_the_first_sample_and_has_no_fades(cut: Cut) -> None:
    found = document(cut, "kdenlive")
    for clip in clips(found):
        available = clip["media_references"]["take_02"]["available_range"]
        assert available["start_time"]["value"] == 0
        assert clip["source_range"]["start_time"]["value"] == 24  # the handle
    assert kinds(found) == "GCTCGCG"
    (loss,) = written(cut, "kdenlive").losses
    assert "R1_1m1_t02.wav, R1_1m2_t02.wav, R1_1m3_t02.wav" in loss


@pytest.mark.parametrize(
    ("dialect", "absolute", "relative"),
    [
        ("plain", "file://{}/out_audio/{}", "out_audio/{}"),
        ("premiere", "file://{}/out_audio/{}", "out_audio/{}"),
        ("resolve", "{}/out_audio/{}", "out_audio/{}"),
        ("kdenlive", "{}/out_audio/{}", "out_audio/{}"),
    ],
)
def test_media_are_named_as_each_host_opens_them(
    cut: Cut, dialect: str, absolute: str, relative: str
) -> None:
    folder = str(cut.path.parent.absolute())
    if absolute.startswith("file:"):
        folder = folder.replace(" ", "%20")
    names = [f"R1_{number}_t{take:02d}.wav" for number in ("1m1", "1m2", "1m3") for take in (1, 2)]
    assert urls(document(cut, dialect)) == [absolute.format(folder, name) for name in names]
    assert urls(document(cut, dialect, "relative")) == [relative.format(name) for name in names]


def test_odd_names_come_back_from_every_spelling(tmp_path: Path) -> None:
    folder = tmp_path / "100% #1 ä"
    cut = read_cut(scored(folder), Settings())
    for dialect in DIALECTS:
        for paths in ("absolute", "relative"):
            text = written(cut, dialect, paths).data.decode()
            back = otio.adapters.read_from_string(text, "otio_json")
            from_dialect(back, folder, cut.rate)
            for clip in back.find_clips():
                if "otio_hpm" in clip.metadata:
                    assert clip.media_reference.target_url == (
                        (folder / "out_audio" / clip.name).absolute().as_uri()
                    )


def test_merged_markers_say_their_text_where_each_host_looks(cut: Cut) -> None:
    merged = otio.schema.Marker(
        name="SCORE 1m9", comment="slowly", metadata={"marker_list": {"track": "V1"}}
    )
    theirs = otio.schema.Marker(name="SCORE 1m8", comment="theirs")
    cut.timeline.tracks.markers.extend([merged, theirs])
    resolve, kdenlive = (
        document(cut, dialect)["tracks"]["markers"] for dialect in ("resolve", "kdenlive")
    )
    assert resolve[0]["metadata"]["Resolve_OTIO"] == {"Keywords": [], "Note": "slowly"}
    assert resolve[0]["name"] == "SCORE 1m9"
    assert kdenlive[0]["comment"] == "SCORE 1m9: slowly"
    assert resolve[1] == kdenlive[1] == document(cut, "plain")["tracks"]["markers"][1]


def test_an_older_release_gets_its_schemas_and_the_takes_it_cannot_hold_are_named(cut: Cut) -> None:
    found = written(cut, "resolve", **versions_of_release("0.14.0"))
    text = found.data.decode()
    assert '"OTIO_SCHEMA": "Clip.1"' in text and '"Clip.2"' not in text
    assert any("R1_1m1_t02.wav" in loss and "Clip.1" in loss for loss in found.losses)
    back = otio.adapters.read_from_string(text, "otio_json")
    assert [clip.name for clip in back.find_clips()][-1] == "R1_1m3_t02.wav"


def test_a_release_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"9\.9\.9") as error:
        versions_of_release("9.9.9")
    assert "0.14.0" in error.value.hint


@pytest.mark.parametrize(
    ("wanted", "found", "dialect"),
    [
        (None, "resolve", "resolve"),
        (None, "avid", "plain"),
        (None, "plain", "plain"),
        ("kdenlive", "resolve", "kdenlive"),
    ],
)
def test_the_dialect_is_that_of_the_input_unless_asked(
    wanted: str | None, found: str, dialect: str
) -> None:
    assert dialect_for(wanted, found) == dialect


@pytest.mark.parametrize(
    "name", ["effects.otio", "premiere_example.otio", "screening_example.otio"]
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_real_timelines_without_music_stay_as_they_are(
    fixture: Callable[[str], Path], name: str, dialect: str
) -> None:
    path = fixture(f"OpenTimelineIO/{name}")
    cut = read_cut(path, Settings())
    found = write_otio(
        cut.timeline, delivery(cut, path.with_name("x.otio")), dialect, cut.schema_versions
    )
    assert lost(json.loads(path.read_text("utf-8")), json.loads(found.data)) == []
    assert found.losses == ()


def lost(before: Any, after: Any, where: str = "") -> list[str]:
    """Where `after` does not say what `before` did; fields that are new are null or the default."""
    if isinstance(before, dict) and isinstance(after, dict):
        new = {key: after[key] for key in after.keys() - before.keys()}
        added = [
            f"{where}/{key}" for key, value in new.items() if value not in (None, True, {}, "")
        ]
        found = [lost(value, after.get(key), f"{where}/{key}") for key, value in before.items()]
        return added + [place for places in found for place in places]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = [
            lost(*pair, f"{where}/{n}") for n, pair in enumerate(zip(before, after, strict=True))
        ]
        return [place for places in found for place in places]
    if isinstance(before, float) and isinstance(after, float):  # OpenTimelineIO reads these so
        return [] if math.isclose(before, after, rel_tol=1e-14) else [where]
    return [] if before == after else [where]


def kdenlive_export(shot_start: int) -> Any:
    """A timeline as Kdenlive exports one: only its markers tell, and count from their clip."""
    rate = Fraction(25)
    timeline = otio.schema.Timeline(name="cut")
    track = otio.schema.Track(name="V1", kind="Video", source_range=span(0, 200, rate))
    reference = otio.schema.ExternalReference("/films/a.mp4", span(0, 5000, rate))
    shot = otio.schema.Clip("a.mp4", reference, span(shot_start, 200, rate))
    for at, text in ((0, "SCORE cue=1m1"), (50, "HIT door")):
        marker = otio.schema.Marker(comment=text, marked_range=span(at, 1, rate))
        marker.metadata["kdenlive"] = {"type": 4}
        shot.markers.append(marker)
    track.append(shot)
    timeline.tracks.append(track)
    return timeline


@pytest.mark.parametrize("shot_start", [0, 100, 3000])
def test_kdenlives_clip_markers_count_from_their_clip(tmp_path: Path, shot_start: int) -> None:
    otio.adapters.write_to_file(kdenlive_export(shot_start), str(tmp_path / "k.otio"))
    cut = read_cut(tmp_path / "k.otio", Settings())
    assert cut.dialect == "kdenlive"
    sheet = spot_cues(cut, Settings(), MediaFinder(tmp_path, Settings().media))
    assert [(one.number, one.start_frames, one.end_frames) for one in sheet.cues] == [
        ("1m1", 0, 200)
    ]
    assert [mark.record_frames for one in sheet.cues for mark in one.marks] == [0]
    assert sheet.cues[0].hits_frames == (50,)
    assert sheet.ignored == ()


@pytest.mark.parametrize(
    "told",
    [
        {"shots": "abc"},
        {"shots": [7, {"name": "a", "locator": 3}]},
        {"shots": [{"name": "a", "locator": ["tracks", -1, 10**9]}]},
        {"shots": [{"name": "a", "locator": ["tracks", "__class__"]}]},
        {"sidecar": 5, "marks": None},
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_odd_in_our_own_metadata_is_no_failure(
    cut: Cut, dialect: str, told: dict[str, Any]
) -> None:
    for clip in cut.timeline.find_clips():
        if "otio_hpm" in clip.metadata:
            for key, value in told.items():
                clip.metadata["otio_hpm"][key] = value
            clip.media_reference.target_url = f"file:///{'x' * 5000}%00"
    found = document(cut, dialect)
    assert len(clips(found)) == 3
    assert len(touched(cut, found)) == 3
