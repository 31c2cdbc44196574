"""The .otio of Resolve: the words of its own exports, its faders, and what is an edit in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from dialect_documents import clips, document, kinds, ours, touched
from scored_timelines import cue, scored

from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """A cut with three cues, of which two touch, at two takes each."""
    folder = tmp_path / "a film"
    path = scored(folder, cue("1m1", 48, 240), cue("1m2", 240, 400), cue("1m3", 480, 720), takes=2)
    return read_cut(path, Settings())


def test_resolve_finds_the_words_of_its_own_exports(
    cut: Cut, fixture: Callable[[str], Path]
) -> None:
    theirs = json.loads(fixture("OpenTimelineIO/effects.otio").read_text("utf-8"))
    audio = [track for track in theirs["tracks"]["children"] if track["kind"] == "Audio"]
    heard = [c for track in audio for c in track["children"] if c["OTIO_SCHEMA"] == "Clip.2"]
    volume = next(
        effect
        for clip in heard
        for effect in clip["effects"]
        if effect["metadata"]["Resolve_OTIO"]["Effect Name"].endswith("and Fades")
        and effect["metadata"]["Resolve_OTIO"]["Parameters"]
    )
    found = document(cut, "resolve")
    for track in ours(found):
        assert track["metadata"]["Resolve_OTIO"] == audio[0]["metadata"]["Resolve_OTIO"]
    for clip in clips(found):
        assert clip["metadata"]["Resolve_OTIO"] == heard[0]["metadata"]["Resolve_OTIO"]
    effect = clips(found)[0]["effects"][0]
    told, model = (one["metadata"]["Resolve_OTIO"] for one in (effect, volume))
    assert effect["effect_name"] == volume["effect_name"]
    assert {**told, "Parameters": None} == {**model, "Parameters": None}
    level = copy.deepcopy(model["Parameters"][0])
    assert told["Parameters"][0] == {**level, "Parameter Value": 0.0}
    assert [set(one) - {"Key Frames"} for one in told["Parameters"]] == [
        set(level) - {"Key Frames"}
    ] * len(told["Parameters"])


def test_resolve_has_faders_against_silence_and_a_crossfade_between(cut: Cut) -> None:
    assert kinds(document(cut, "plain")) == "GTCTCTGTCTG"
    found = document(cut, "resolve")
    assert kinds(found) == "GCTCGCG"
    faders = [
        {
            one["Parameter ID"]: one["Parameter Value"]
            for one in clip["effects"][0]["metadata"]["Resolve_OTIO"]["Parameters"]
        }
        for clip in clips(found)
    ]
    assert faders == [
        {"volume": 0.0, "faderIn": 1.0},  # 10 ms are less than a frame
        {"volume": 0.0, "faderOut": 24.0},
        {"volume": 0.0, "faderIn": 1.0, "faderOut": 24.0},
    ]
    crossfade = next(
        one for one in ours(found)[0]["children"] if one["OTIO_SCHEMA"].startswith("Transition")
    )
    assert crossfade["metadata"]["Resolve_OTIO"]["Transition Type"] == "Cross Fade 0DB"
    assert crossfade["in_offset"]["value"] == 24


def test_a_fader_that_an_editor_moves_is_an_edit(cut: Cut) -> None:
    found = document(cut, "resolve")
    effect = clips(found)[2]["effects"][0]["metadata"]["Resolve_OTIO"]
    next(one for one in effect["Parameters"] if one["Parameter ID"] == "faderOut")[
        "Parameter Value"
    ] = 60.0
    assert touched(cut, found) == [(), (), ("given other fades",)]


def test_a_level_that_an_editor_sets_is_an_edit(cut: Cut) -> None:
    found = document(cut, "resolve")
    effect = clips(found)[1]["effects"][0]["metadata"]["Resolve_OTIO"]
    effect["Parameters"][0]["Parameter Value"] = -6.0
    assert touched(cut, found) == [(), ("given effects",), ()]


def test_what_resolve_gives_to_every_clip_is_no_edit(
    cut: Cut, fixture: Callable[[str], Path]
) -> None:
    theirs = json.loads(fixture("OpenTimelineIO/effects.otio").read_text("utf-8"))
    found = document(cut, "resolve")
    neutral = [
        effect
        for track in theirs["tracks"]["children"]
        for child in track["children"]
        for effect in child.get("effects", ())
        if "Fairlight" in effect["metadata"]["Resolve_OTIO"]["Effect Name"]
        and all(
            one["Parameter Value"] == one["Default Parameter Value"] and not one.get("Key Frames")
            for one in effect["metadata"]["Resolve_OTIO"]["Parameters"]
        )
    ]
    assert neutral
    for clip in clips(found):
        clip["effects"].extend(neutral)
    assert touched(cut, found) == [(), (), ()]


@pytest.mark.parametrize(("group", "linked"), [({"Link Group ID": 7}, 7), ({}, None)])
def test_a_cue_joins_the_link_group_of_its_shot(
    cut: Cut, group: dict[str, int], linked: int | None
) -> None:
    cut.timeline.tracks[0][0].metadata["Resolve_OTIO"] = group
    found = document(cut, "resolve")
    assert [c["metadata"]["Resolve_OTIO"].get("Link Group ID") for c in clips(found)] == [
        linked
    ] * 3
    assert found["tracks"]["children"][0]["children"][0]["metadata"]["Resolve_OTIO"] == group
