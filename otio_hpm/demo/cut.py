"""The demo's timeline: picture with cuts and a dissolve, a title, production sound, marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio

from otio_hpm.demo.scenes import (
    CHASE,
    CHASE_MARK,
    DISSOLVE_FRAMES,
    EDITS,
    FPS,
    Edit,
    Roll,
)

START_FRAMES = 3600 * FPS
_TITLE_IN_FRAMES = FPS
_TITLE_FRAMES = 3 * FPS


def demo_timeline(folder: Path) -> otio.schema.Timeline:
    """The timeline over the media files in `folder`, from 01:00:00:00 at 24 frames a second."""
    timeline = otio.schema.Timeline("Demo R1", global_start_time=_time(START_FRAMES))
    timeline.tracks.extend([_picture(folder), _titles(), _production_sound(folder)])
    first = sum(edit.frames for edit in EDITS[: EDITS.index(CHASE[0])])
    timeline.tracks.markers.append(
        _marker(CHASE_MARK, first, sum(edit.frames for edit in CHASE), "PURPLE")
    )
    return timeline


def media_path(folder: Path, roll: Roll) -> Path:
    """Where a roll's media file is."""
    return folder / f"{roll.name}.mov"


def _picture(folder: Path) -> otio.schema.Track:
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for edit in EDITS:
        if edit.dissolve:
            track.append(_dissolve())
        clip = _clip(edit, folder)
        if edit.mark:
            clip.markers.append(_marker(edit.mark, _source_in(edit), 0, "GREEN"))
        for text, frame in edit.wishes:
            clip.markers.append(_marker(text, edit.roll.start_frames + frame, 0, "YELLOW"))
        track.append(clip)
    return track


def _production_sound(folder: Path) -> otio.schema.Track:
    clips = [_clip(edit, folder) for edit in EDITS]
    return otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio, children=clips)


def _titles() -> otio.schema.Track:
    words = otio.schema.GeneratorReference(
        name="Title", generator_kind="Text", parameters={"text": "THE KEEPER"}
    )
    title = otio.schema.Clip(
        "Title: The Keeper", media_reference=words, source_range=_range(0, _TITLE_FRAMES)
    )
    gap = otio.schema.Gap(source_range=_range(0, _TITLE_IN_FRAMES))
    return otio.schema.Track("V2", kind=otio.schema.TrackKind.Video, children=[gap, title])


def _clip(edit: Edit, folder: Path) -> otio.schema.Clip:
    roll = edit.roll
    media = otio.schema.ExternalReference(
        target_url=media_path(folder.absolute(), roll).as_uri(),
        available_range=_range(roll.start_frames, roll.seconds * FPS),
    )
    shown = _range(_source_in(edit), edit.frames)
    return otio.schema.Clip(edit.name, media_reference=media, source_range=shown)


def _dissolve() -> otio.schema.Transition:
    half = _time(DISSOLVE_FRAMES // 2)
    return otio.schema.Transition(
        "Dissolve",
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=half,
        out_offset=half,
    )


def _marker(text: str, start_frames: int, frames: int, color: str) -> otio.schema.Marker:
    return otio.schema.Marker(text, marked_range=_range(start_frames, frames), color=color)


def _source_in(edit: Edit) -> int:
    return edit.roll.start_frames + edit.in_frames


def _range(start_frames: int, frames: int) -> Any:
    return otio.opentime.TimeRange(_time(start_frames), _time(frames))


def _time(frames: int) -> Any:
    return otio.opentime.RationalTime(frames, FPS)
