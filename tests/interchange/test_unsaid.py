"""What formats other than .otio leave behind is said, and what comes back is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from scored_timelines import scored

from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.outputs import write
from otio_hpm.timeline.reading import read_cut

FORMATS = ("edl", "fcpxml", "xml", "aaf")


def losses(cut: Cut, suffix: str) -> str:
    path = cut.folder / f"out.{suffix}"
    found = write(cut.timeline, cut, path, Settings().delivery, overwrite=True)
    return "\n".join(found.losses)


def music(cut: Cut) -> Any:
    return next(track for track in cut.timeline.tracks if track.name == "HPM Score")


def marks(cut: Cut) -> list[Any]:
    found = [marker for clip in cut.timeline.find_clips() for marker in clip.markers]
    assert found
    return found


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_sidecars_say_again_is_no_loss(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    assert all("otio_hpm" in clip.metadata for clip in music(cut).find_clips())
    assert "otio_hpm" in cut.timeline.metadata
    said = losses(cut, suffix)
    for words in ("otio_hpm", "etadata", "edit points", "settings of marks", "links", "rounded"):
        assert words not in said


@pytest.mark.parametrize("suffix", FORMATS)
def test_settings_of_marks_in_metadata_are_named(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    marker = marks(cut)[0]
    marker.name = "SCORE the chase"
    marker.metadata["otio_hpm"]["settings"] = "style=melody"
    marker.metadata["marker_list"] = {"supersedes": ["SCORE"]}
    said = losses(cut, suffix)
    assert "settings of marks that are not in the marker's own text are left out" in said
    assert "which marks the rows of a marker list stand for is left out" in said
    assert said.count("'SCORE the chase'") >= 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_retimes_that_vary_are_named_where_they_are_left_out(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    points = "".join(f'<timept time="{at}s" value="{at * at}s"/>' for at in range(30))
    clip = cut.timeline.tracks[0][0]
    clip.metadata["fcpxml"] = {"timeMap": f"<timeMap>{points}</timeMap>", "own": "0s"}
    named = f"retimes that vary are left out: {clip.name!r}"
    assert (named in losses(cut, suffix)) == (suffix != "fcpxml")
    clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=2))
    assert named not in losses(cut, suffix)


@pytest.mark.parametrize(("name", "lost"), [("Page Peel", True), ("Cross Dissolve (3 dB)", False)])
@pytest.mark.parametrize("suffix", ["edl", "xml", "aaf"])
def test_names_of_transitions_are_named(tmp_path: Path, suffix: str, name: str, lost: bool) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    track = cut.timeline.video_tracks()[0]
    half = otio.opentime.RationalTime(2, track[0].duration().rate)
    dissolve = otio.schema.Transition(
        name=name, transition_type="SMPTE_Dissolve", in_offset=half, out_offset=half
    )
    track.insert(1, dissolve)
    assert (f"names of transitions are left out: {name!r}" in losses(cut, suffix)) == lost


@pytest.mark.parametrize("suffix", ["edl", "fcpxml", "aaf"])
def test_clips_without_a_name_are_told(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    words = "clips without a name come back under another"
    assert words not in losses(cut, suffix)
    cut.timeline.video_tracks()[0][0].name = ""
    assert words in losses(cut, suffix)


@pytest.mark.parametrize("suffix", ["edl", "fcpxml", "aaf"])
@pytest.mark.parametrize(
    "link",
    [
        {"Resolve_OTIO": {"Link Group ID": 7}},
        {"PremierePro_OTIO": {"LinkID": "7"}},
        {"fcp_xml": {"link": [{"linkclipref": "c1"}, {"linkclipref": "c2"}]}},
    ],
)
def test_links_of_picture_and_sound_are_named(
    tmp_path: Path, suffix: str, link: dict[str, Any]
) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    picture = cut.timeline.video_tracks()[0].find_clips()[0]
    for item in (picture, music(cut).find_clips()[0]):
        item.metadata.update(link)
    assert f"links between picture and sound are left out: {picture.name!r}" in losses(cut, suffix)


def test_a_fade_that_an_editor_changed_comes_back_from_an_edl(tmp_path: Path) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    fade = [one for one in music(cut) if isinstance(one, otio.schema.Transition)][-1]
    fade.in_offset = otio.opentime.RationalTime(48, 24)
    assert "edit points" not in losses(cut, "edl")
    settings = Settings().with_changes({"spotting": {"rate": cut.rate}})
    again = read_cut(tmp_path / "out.edl", settings).timeline.audio_tracks()[0]
    last = [one for one in again if isinstance(one, otio.schema.Transition)][-1]
    assert last.in_offset == fade.in_offset


@pytest.mark.parametrize("suffix", FORMATS)
def test_colours_of_clips_are_named(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    words = "colours of clips and tracks are left out: 'a'"
    assert music(cut) and "colours of clips" not in losses(cut, suffix), "ours need no word"
    for color in (otio.core.Color(1, 0, 0, 1), music(cut).color):
        cut.timeline.video_tracks()[0][0].color = color
        assert words in losses(cut, suffix)


@pytest.mark.parametrize("suffix", FORMATS)
def test_how_sources_count_is_named_where_it_is_not_written(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    words = "metadata of other systems are left out: cmx_3600"
    cut.timeline.metadata["cmx_3600"] = {"drop_frame": True}
    assert words not in losses(cut, suffix), "that of the record is written"
    cut.timeline.video_tracks()[0][0].metadata["cmx_3600"] = {"drop_frame": False}
    assert (words in losses(cut, suffix)) == (suffix in ("fcpxml", "aaf"))


@pytest.mark.parametrize("suffix", FORMATS)
def test_effects_of_what_is_no_clip_are_named(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    track = cut.timeline.video_tracks()[0]
    track.append(otio.schema.Gap(source_range=track[0].source_range))
    for item, name in ((track[-1], "Blur"), (track, "Grain"), (cut.timeline.tracks, "Look")):
        item.effects.append(otio.schema.Effect(name=name))
    said = losses(cut, suffix)
    words = "effects of tracks, gaps and the whole timeline are left out: "
    assert words + "'Look' of the timeline, 'Grain' of track 'V1', 'Blur' of a gap" in said


@pytest.mark.parametrize("suffix", ["edl", "fcpxml", "xml", "aaf"])
@pytest.mark.parametrize("outer", [False, True])
def test_clips_that_a_range_hides_are_named(tmp_path: Path, suffix: str, outer: bool) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    track = cut.timeline.video_tracks()[0]
    shown = otio.opentime.TimeRange(
        otio.opentime.RationalTime(480, 24), otio.opentime.RationalTime(20, 24)
    )
    (cut.timeline.tracks if outer else track).source_range = shown
    said = losses(cut, suffix)
    words = "clips outside the range of their track or timeline are left out: 'b'"
    assert words in said
    shown = otio.opentime.TimeRange(shown.start_time, otio.opentime.RationalTime(21, 24))
    (cut.timeline.tracks if outer else track).source_range = shown
    assert "'b'" not in "".join(
        line for line in losses(cut, suffix).split("\n") if "outside" in line
    )


@pytest.mark.parametrize("suffix", ["edl", "fcpxml", "aaf"])
def test_names_of_media_are_named_where_they_say_more(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    reference = cut.timeline.video_tracks()[0][0].media_reference
    for name, lost in (("a", False), ("a.mov", False), ("Take of the morning", True)):
        reference.name = name
        assert ("names of media are left out" in losses(cut, suffix)) == lost


@pytest.mark.parametrize(("kind", "name"), [("Custom_Transition", ""), ("SMPTE_Dissolve", "Melt")])
def test_kinds_and_names_of_fades_are_named_in_fcpxml(tmp_path: Path, kind: str, name: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    fade = next(one for one in music(cut) if isinstance(one, otio.schema.Transition))
    fade.transition_type, fade.name = kind, name
    assert f"Fades of sound have neither kinds nor names: {name or kind!r}" in losses(cut, "fcpxml")


@pytest.mark.parametrize("suffix", FORMATS)
def test_systems_whose_metadata_are_lost_are_named_once(tmp_path: Path, suffix: str) -> None:
    cut = read_cut(scored(tmp_path), Settings())
    for number, clip in enumerate(cut.timeline.video_tracks()[0].find_clips()):
        clip.media_reference.metadata["Show_Database"] = {"id": number}
        clip.metadata["AAF"] = {"reel": "all formats have reels"}
    (said,) = (line for line in losses(cut, suffix).split("\n") if "etadata" in line)
    assert said == "metadata of other systems are left out: Show_Database"
