"""Timelines onto which lists of markers are merged."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from opentimelineio import adapters
from small_timelines import clip, cut_of, track

from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.listed_markers import with_listed_markers

SHEET = "name,note,in,out,colour,settings\n"


def merged(cut: Cut, folder: Path, *contents: str, **asked: Any) -> Cut:
    paths = []
    for index, content in enumerate(contents):
        paths.append(folder / f"list{index}.txt")
        paths[-1].write_text(content, "utf-8")
    return with_listed_markers(cut, SpottingSettings(markers=tuple(paths), **asked))


def film(*markers: Any, **more: Any) -> Cut:
    """Three shots of two seconds, over them a title that covers half of the first."""
    shots = (clip("a", 0, 48), clip("b", 0, 48), clip("c", 0, 48))
    return cut_of(track(*shots), track(clip("s", 0, 144), kind="Audio"), markers=markers, **more)


def scored_again(cut: Cut) -> Cut:
    """The timeline as another system may give it back: through its file."""
    text = cut.timeline.to_json_string()
    timeline = adapters.read_from_string(text, "otio_json")
    return dataclasses.replace(cut, timeline=timeline, marker_lists=(), warnings=())


def texts(cut: Cut) -> list[str]:
    items = (cut.timeline.tracks, *cut.timeline.tracks, *cut.timeline.find_clips())
    return [f"{one.name} {one.comment}".strip() for item in items for one in item.markers]


def essence(cue: Cue, *, in_text: bool = False) -> tuple[Any, ...]:
    """All of a cue that decides its music."""
    return (
        cue.number,
        cue.reel,
        cue.start_frames,
        cue.end_frames,
        cue.options,
        cue.maestro,
        cue.sketch,
        " ".join(cue.note.split()) if in_text else cue.note,
        cue.hits_frames,
        cue.levels,
    )


def stripped(cut: Cut) -> None:
    for item in (cut.timeline.tracks, *cut.timeline.tracks, *cut.timeline.find_clips()):
        del item.markers[:]
