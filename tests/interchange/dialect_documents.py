"""Scored timelines as each host's .otio, and what is ours in them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from scored_timelines import cue, scored

from otio_hpm.interchange.dialects.reading import from_dialect
from otio_hpm.interchange.dialects.writer import write_otio
from otio_hpm.interchange.exchange import Delivery, Paths, Written
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import existing_cues


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """A cut with three cues, of which two touch, at two takes each."""
    folder = tmp_path / "a film"
    path = scored(folder, cue("1m1", 48, 240), cue("1m2", 240, 400), cue("1m3", 480, 720), takes=2)
    return read_cut(path, Settings())


Json = dict[str, Any]


def delivery(cut: Cut, path: Path, paths: Paths = "absolute") -> Delivery:
    return Delivery(
        path=path, rate=cut.rate, start_frames=cut.start_frames, drop_frame=False, paths=paths
    )


def written(cut: Cut, dialect: str, paths: Paths = "absolute", **versions: int) -> Written:
    wanted = delivery(cut, cut.path.with_name("delivered.otio"), paths)
    return write_otio(cut.timeline, wanted, dialect, versions or cut.schema_versions)


def document(cut: Cut, dialect: str, paths: Paths = "absolute") -> Json:
    found: Json = json.loads(written(cut, dialect, paths).data)
    return found


def ours(document: Json) -> list[Json]:
    return [t for t in document["tracks"]["children"] if "otio_hpm" in t["metadata"]]


def clips(document: Json) -> list[Json]:
    return [
        child
        for track in ours(document)
        for child in track["children"]
        if child["OTIO_SCHEMA"].startswith("Clip")
    ]


def urls(document: Json) -> list[str]:
    references = [clip["media_references"].values() for clip in clips(document)]
    return [reference["target_url"] for each in references for reference in each]


def kinds(document: Json) -> str:
    """The children of our first track, a letter each."""
    return "".join(child["OTIO_SCHEMA"][0] for child in ours(document)[0]["children"])


def touched(cut: Cut, found: Json) -> list[tuple[str, ...]]:
    back = otio.adapters.read_from_string(json.dumps(found), "otio_json")
    from_dialect(back, cut.path.parent, cut.rate)
    return [one.touched for one in existing_cues(dataclasses.replace(cut, timeline=back))]
