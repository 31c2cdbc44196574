"""Reels and the first timecode of sources in a written AAF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aaf2
from aaf_deliveries import NTSC, SCHEMA, clip, delivery, read_back, span

from otio_hpm.interchange.aaf.writing import write_aaf
from otio_hpm.timeline.clip_source import first_reel, reels


def from_reels(*names: str) -> Any:
    """A cut of offline clips at 01:00:00:00 and every half minute after it, and sound of one."""
    clips = [
        SCHEMA.Clip(f"clip {at}", SCHEMA.MissingReference(), span(108_000 + at * 900, 100, NTSC))
        for at in range(len(names) + 1)
    ]
    for one, reel in zip(clips, (*names, names[0]), strict=True):
        one.metadata["cmx_3600"] = {"reel": reel} if reel else {}
    pictures = SCHEMA.Track("V1", clips[:-1], kind=SCHEMA.TrackKind.Video)
    sound = SCHEMA.Track("A1", clips[-1:], kind=SCHEMA.TrackKind.Audio)
    timeline = SCHEMA.Timeline("reels")
    timeline.tracks.extend([pictures, sound])
    return timeline


def tapes_in(path: Path) -> dict[str, list[str]]:
    """The tapes of an AAF by mob id: name, and the kinds of its slots."""
    with aaf2.open(str(path)) as file:
        return {
            str(mob.mob_id): [mob.name, *sorted(str(slot.media_kind) for slot in mob.slots)]
            for mob in file.content.sourcemobs()
            if type(mob.descriptor).__name__ == "TapeDescriptor"
        }


def test_a_reel_is_one_tape_that_all_its_clips_are_on(tmp_path: Path) -> None:
    timeline, path = from_reels("A001", "B002", "A001", ""), tmp_path / "written.aaf"
    found = read_back(write_aaf(timeline, delivery(tmp_path)).data, tmp_path).timeline
    tapes = tapes_in(path)
    assert sorted(tapes.values()) == [
        ["A001", "Picture", "Sound", "Timecode"],
        ["B002", "Picture", "Timecode"],
    ]
    clips = list(found.find_clips())
    assert [reels(one) for one in clips] == [("A001",), ("B002",), ("A001",), (), ("A001",)]
    assert [one.source_range for one in clips] == [
        one.source_range for one in timeline.find_clips()
    ]
    read_back(write_aaf(found, delivery(tmp_path)).data, tmp_path)
    assert tapes_in(path) == tapes, "also from what was read, with the same ids"


def test_clips_of_one_file_are_on_their_own_tapes(tmp_path: Path) -> None:
    told = ["A001", "B002", "A001", ""]
    clips = [clip("m", 1000 + 100 * at, 50, NTSC) for at in range(len(told))]
    for one, reel in zip(clips, told, strict=True):
        one.media_reference.available_range = span(0, 5000, NTSC)
        one.metadata["cmx_3600"] = {"reel": reel} if reel else {}
    timeline = SCHEMA.Timeline("one file")
    timeline.tracks.append(SCHEMA.Track("V1", clips))
    for _ in range(2):
        data = write_aaf(timeline, delivery(tmp_path)).data
        timeline = read_back(data, tmp_path).timeline
        clips = timeline.find_clips()
        assert [first_reel(one) for one in clips] == told
        for one in clips:  # as where an AAF had one master and file, and reels were told later
            for item, first in ((one, clips[0]), (one.media_reference, clips[0].media_reference)):
                item.metadata["AAF"]["MobID"] = first.metadata["AAF"]["MobID"]


def test_what_begins_before_the_first_timecode_is_placed_on_it_and_named(tmp_path: Path) -> None:
    early = clip("early", 10, 50, NTSC)
    early.media_reference.available_range = span(-30, 200, NTSC)
    timeline = SCHEMA.Timeline("early")
    timeline.tracks.append(SCHEMA.Track("V1", [early]))
    written = write_aaf(timeline, delivery(tmp_path))
    assert written.losses == (
        "media that begin before timecode 00:00:00:00 are counted from there: track 'V1', 'early'",
    )
    (found,) = read_back(written.data, tmp_path).timeline.find_clips()
    assert found.media_reference.available_range == span(0, 200, NTSC)
    assert found.source_range == span(40, 50, NTSC), "the same pictures of the file"
    with aaf2.open(str(tmp_path / "written.aaf")) as file:
        for mob in file.content.sourcemobs():
            assert all(getattr(slot.segment, "start", 0) >= 0 for slot in mob.slots)
