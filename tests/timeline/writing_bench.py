"""A film whose cues are written onto it, again and again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from scored_timelines import cue as plain_cue

from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import frames, rational
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import Take, WriteReport, write_scored
from otio_hpm.timing import frames_to_samples

RangeOf = otio.opentime.TimeRange


def picture(rate: Fraction, length: int, name: str = "shot") -> Any:
    span = RangeOf(rational(0, rate), rational(length, rate))
    reference = otio.schema.ExternalReference(target_url=f"{name}.mov", available_range=span)
    return otio.schema.Clip(name=name, media_reference=reference, source_range=span)


def cut_of(
    folder: Path, rate: Fraction = Fraction(24), start: int = 86400, length: int = 1000
) -> Cut:
    """A cut of two shots with a mark on the first, written to `in.otio` and read back."""
    timeline = otio.schema.Timeline(name="Film", global_start_time=rational(start, rate))
    track = otio.schema.Track(name="V1", kind="Video")
    shots = [picture(rate, length // 2, "a"), picture(rate, length - length // 2, "b")]
    marked = otio.schema.Marker(name="SCORE", metadata={"mine": 1})
    marked.marked_range = RangeOf(rational(5, rate), rational(0, rate))
    shots[0].markers.append(marked)
    track.extend(shots)
    timeline.tracks.append(track)
    path = folder / "in.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return read_cut(path, Settings())


def cue_of(number: str, start: int, end: int, lane: int = 0, **changes: Any) -> Cue:
    return dataclasses.replace(plain_cue(number, start, end, **changes), lane=lane)


def take_of(cut: Cut, cue: Cue, take: int = 1, *, handle: int = 24, baked: bool = False) -> Take:
    head = min(handle, cue.start_frames + cut.start_frames)
    wav = cut.path.parent / "out_audio" / f"R1_{cue.number}_t{take:02d}.wav"
    length = cue.end_frames - cue.start_frames + head + handle
    return Take(
        cue=cue, take=take, wav=wav, sidecar=wav.with_suffix(".json"), sha256="0" * 64,
        fingerprint=f"{cue.number}/{take}", start_frames=cue.start_frames - head, head_frames=head,
        tail_frames=handle, length_samples=frames_to_samples(length, cut.rate), baked_fades=baked,
    )  # fmt: skip


class Bench:
    """A cut, and scoring it again and again."""

    def __init__(self, folder: Path, **arguments: Any) -> None:
        self.cut = cut_of(folder, **arguments)
        self.output = folder / "out.otio"

    def write(self, *takes: Take, cut: Cut | None = None, **options: Any) -> WriteReport:
        chosen = {"music_only": False, "overwrite": True, **options}
        return write_scored(cut or self.cut, takes, self.output, **chosen)

    def take(self, number: str, start: int, end: int, take: int = 1, **changes: Any) -> Take:
        kept = {key: changes.pop(key) for key in ("handle", "baked") if key in changes}
        return take_of(self.cut, cue_of(number, start, end, **changes), take, **kept)

    @property
    def timeline(self) -> Any:
        return otio.adapters.read_from_file(str(self.output))

    def tracks(self) -> list[Any]:
        self.written = self.timeline  # its tracks live as long as it does
        return [track for track in self.written.tracks if "otio_hpm" in track.metadata]

    def edit(self, change: Callable[[Any], None]) -> Cut:
        """The scored timeline as an editor would send it back."""
        timeline = self.timeline
        change(timeline)
        path = self.output.with_name("edited.otio")
        otio.adapters.write_to_file(timeline, str(path))
        return read_cut(path, Settings())


def kinds(track: Any) -> list[str]:
    return [type(child).__name__ for child in track]


def clips(track: Any) -> dict[str, tuple[int, int]]:
    """Record range of each clip of a 24 fps track, by name."""
    rate = Fraction(24)
    return {
        clip.name: (frames(span.start_time, rate), frames(span.end_time_exclusive(), rate))
        for clip in track
        if isinstance(clip, otio.schema.Clip)
        for span in [track.range_of_child(clip)]
    }


def without_ours(timeline: Any) -> str:
    """A timeline as text, without our tracks and metadata."""
    timeline = timeline.deepcopy()
    timeline.tracks[:] = [t.deepcopy() for t in timeline.tracks if "otio_hpm" not in t.metadata]
    document = json.loads(timeline.to_json_string())

    def strip(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: strip(value) for key, value in node.items() if key != "otio_hpm"}
        return [strip(value) for value in node] if isinstance(node, list) else node

    return json.dumps(strip(document), sort_keys=True)
