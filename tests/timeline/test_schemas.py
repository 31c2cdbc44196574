"""Newer markers are read, and written back as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.otio_file import read_otio
from otio_hpm.timeline.schemas import (
    check_depth,
    check_versions,
    lower_markers,
    restore_markers,
    schema_versions,
)


def _marker(color: object) -> str:
    marker = otio.schema.Marker(name='say "Inf" or Infinity', metadata={"note": "kept"})
    document = json.loads(marker.to_json_string())
    return json.dumps({**document, "OTIO_SCHEMA": "Marker.3", "color": color})


def _lowered(color: object) -> Any:
    return otio.core.deserialize_json_from_string(lower_markers(_marker(color)))


@pytest.mark.parametrize(
    ("rgb", "name", "expected"),
    [
        ((1.0, 0.0, 1.0), "PINK", "PINK"),
        ((0.9, 0.1, 0.0), "Coral", "RED"),
        ((0.1, 0.2, 0.8), "", "BLUE"),
        ((0.95, 0.95, 0.95), "", "WHITE"),
    ],
)
def test_a_colour_gets_its_name_or_the_nearest(
    rgb: tuple[float, ...], name: str, expected: str
) -> None:
    color = {"OTIO_SCHEMA": "Color.1", **dict(zip("rgb", rgb, strict=True)), "a": 1.0, "name": name}
    assert _lowered(color).color == expected


def test_a_marker_without_colour_is_read() -> None:
    assert _lowered(None).color == ""


def test_a_lowered_marker_is_written_as_it_was() -> None:
    color = {"OTIO_SCHEMA": "Color.1", "r": 0.25, "g": 0.5, "b": 0.75, "a": 1.0, "name": "Coral"}
    written = json.loads(restore_markers(_lowered(color).to_json_string()))
    assert written["OTIO_SCHEMA"] == "Marker.3"
    assert written["color"] == color
    assert written["metadata"] == {"note": "kept"}
    assert written["name"] == 'say "Inf" or Infinity'


def test_a_marker_that_was_old_stays_old() -> None:
    written = json.loads(restore_markers(otio.schema.Marker(color="CYAN").to_json_string()))
    assert (written["OTIO_SCHEMA"], written["color"]) == ("Marker.2", "CYAN")


def test_infinities_beside_a_new_marker_are_kept() -> None:
    text = '{"OTIO_SCHEMA": "Marker.3", "metadata": {"a": Inf, "b": -Infinity}, "color": null}'
    assert json.loads(lower_markers(text))["metadata"]["a"] == float("inf")


@pytest.mark.parametrize("name", ["premiere_example.otio", "screening_example.otio"])
def test_real_files_with_new_markers_lose_nothing(
    fixture: Callable[[str], Path], name: str
) -> None:
    text = fixture(f"OpenTimelineIO/{name}").read_text("utf-8")
    timeline = otio.core.deserialize_json_from_string(lower_markers(text))
    written = json.loads(restore_markers(timeline.to_json_string()))
    assert not list(_lost(json.loads(text), written, ""))


def _lost(before: Any, after: Any, where: str) -> Any:
    """Places where something of `before` is missing or different in `after`."""
    if isinstance(before, dict):
        for key, value in before.items():
            yield from _lost(value, after.get(key), f"{where}/{key}")
    elif isinstance(before, list):
        for index, value in enumerate(before):
            yield from _lost(value, after[index], f"{where}/{index}")
    elif before != after:
        yield where


def test_versions_are_those_of_the_text() -> None:
    text = (
        '{"OTIO_SCHEMA":"Timeline.1", "a": {"OTIO_SCHEMA" : "Clip.1"}, "b": "OTIO_SCHEMA: Clip.9"}'
    )
    assert schema_versions(text) == {"Clip": 1, "Timeline": 1}


def test_a_newer_schema_is_named() -> None:
    check_versions({"Clip": 2, "Marker": 3, "SomeStudio": 9}, "cut.otio")
    with pytest.raises(TimelineError, match=r"cut\.otio uses Clip\.7"):
        check_versions({"Clip": 7, "Marker": 3}, "cut.otio")


def test_text_too_deep_to_parse_is_refused() -> None:
    check_depth('{"a": "' + "[" * 1000 + '"}', "cut.otio")
    with pytest.raises(TimelineError, match="nested"):
        check_depth('{"a": "]]]"}' + "[" * 100_000, "cut.otio")


def _clip(**fields: Any) -> str:
    clip = otio.schema.Clip("a", media_reference=otio.schema.ExternalReference("a.mov"))
    document = json.loads(clip.to_json_string())
    return json.dumps({**document, **fields})


@pytest.mark.parametrize("schema", ["Clip.1", "Clip.0", "Clip.-1", "Clip.01"])
def test_an_old_clip_with_media_of_a_new_one_is_refused(schema: str) -> None:
    """OpenTimelineIO 0.18 crashes on it."""
    with pytest.raises(TimelineError, match=f"clip 'a' is a {schema}"):
        read_otio(_clip(OTIO_SCHEMA=schema), "in.otio", None)
    with pytest.raises(TimelineError, match=f"clip 'a' is a {schema}"):
        read_otio(_clip(OTIO_SCHEMA=schema).replace("Clip", r"\u0043lip"), "in.otio", None)


def test_an_old_clip_with_media_in_a_list_is_refused() -> None:
    media = [json.loads(otio.schema.ExternalReference("a.mov").to_json_string())]
    text = _clip(OTIO_SCHEMA="Clip.1", media_references=None, media_reference=media)
    with pytest.raises(TimelineError, match="has one media reference"):
        read_otio(text, "in.otio", None)


def test_an_old_clip_is_read() -> None:
    media = json.loads(otio.schema.ExternalReference("a.mov").to_json_string())
    text = _clip(OTIO_SCHEMA="Clip.1", media_references=None, media_reference=media)
    timeline, versions = read_otio(text, "in.otio", None)
    assert timeline.tracks[0][0].media_reference.target_url == "a.mov"
    assert versions["Clip"] == 1


def test_what_is_said_twice_is_refused() -> None:
    """OpenTimelineIO 0.18 crashes on it."""
    media = otio.schema.ExternalReference("a.mov").to_json_string()
    text = _clip().replace('"metadata": {}', f'"metadata": {{"a": 1, "a": {media}}}', 1)
    with pytest.raises(TimelineError, match="says 'a' twice"):
        read_otio(text, "in.otio", None)


def test_a_version_of_any_length_is_newer() -> None:
    with pytest.raises(TimelineError, match="newer than OpenTimelineIO"):
        read_otio(_clip(OTIO_SCHEMA=f"Clip.{'9' * 5000}"), "in.otio", None)
