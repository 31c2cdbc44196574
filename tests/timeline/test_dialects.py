"""The system that wrote a timeline is known by its metadata."""

from __future__ import annotations

import opentimelineio as otio
import pytest

from otio_hpm.timeline.dialects import dialect_of, stated_counting

KEYS = {
    "Resolve_OTIO": "resolve",
    "PremierePro_OTIO": "premiere",
    "kdenlive": "kdenlive",
    "AAF": "avid",
}


def _levels() -> tuple[otio.schema.Timeline, list[otio.core.SerializableObjectWithMetadata]]:
    clip = otio.schema.Clip()
    track = otio.schema.Track(children=[otio.schema.Gap(), clip])
    timeline = otio.schema.Timeline()
    timeline.tracks.append(track)
    return timeline, [timeline, timeline.tracks, track, clip]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("level", range(4))
def test_metadata_at_any_level_tells(key: str, level: int) -> None:
    timeline, levels = _levels()
    levels[level].metadata[key] = {}
    assert dialect_of(timeline) == KEYS[key]


def test_the_outermost_wins() -> None:
    timeline, levels = _levels()
    levels[3].metadata["AAF"] = {}
    levels[1].metadata["Resolve_OTIO"] = {}
    assert dialect_of(timeline) == "resolve"


def test_others_are_plain() -> None:
    timeline, levels = _levels()
    levels[0].metadata["my_studio"] = {}
    assert dialect_of(timeline) == "plain"


@pytest.mark.parametrize(("shown", "drop"), [("DF", True), ("NDF", False)])
def test_final_cut_pro_states_its_counting(shown: str, drop: bool) -> None:
    timeline, _ = _levels()
    timeline.metadata["fcp_xml"] = {"timecode": {"displayformat": shown}}
    stated = stated_counting(timeline)
    assert stated is not None
    assert stated.drop_frame is drop


def test_nothing_stated_is_none() -> None:
    timeline, _ = _levels()
    assert stated_counting(timeline) is None
    timeline.metadata["fcp_xml"] = {"timecode": "DF"}
    assert stated_counting(timeline) is None
