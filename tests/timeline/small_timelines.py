"""Small timelines built by hand, and spotting them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.settings import MediaSettings, Missing, MusicSettings, Settings, SpottingSettings
from otio_hpm.timeline.cue import CueSheet
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.spotting import spot_cues


def span(start: float, duration: float, rate: float = 24) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(duration, rate))


def marker(text: str, start: float = 0, duration: float = 0, rate: float = 24, **more: Any) -> Any:
    return schema.Marker(name=text, marked_range=span(start, duration, rate), **more)


def clip(name: str, start: float, duration: float, *markers: Any, rate: float = 24) -> Any:
    """A clip of a movie called like it."""
    made = schema.Clip(
        name=name,
        source_range=span(start, duration, rate),
        media_reference=schema.ExternalReference(target_url=f"{name}.mov"),
    )
    made.markers.extend(markers)
    return made


def gap(duration: float, rate: float = 24) -> Any:
    return schema.Gap(source_range=span(0, duration, rate))


def track(*children: Any, kind: str = "Video", name: str = "") -> Any:
    return schema.Track(name=name, kind=kind, children=children)


def cut_of(
    *tracks: Any,
    rate: Fraction = Fraction(24),
    start_frames: int = 86_400,
    name: str = "Film",
    folder: Path = Path("."),
    markers: tuple[Any, ...] = (),
    drop_frame: bool = False,
) -> Cut:
    """A cut of tracks (lowest first) with markers on the timeline's own stack."""
    timeline = schema.Timeline(name=name)
    timeline.tracks.extend(tracks)
    timeline.tracks.markers.extend(markers)
    seconds = timeline.tracks.duration().to_seconds() if tracks else 0
    return Cut(
        timeline=timeline,
        path=folder / "film.otio",
        rate=rate,
        rate_source="the test",
        start_frames=start_frames,
        drop_frame=drop_frame,
        drop_frame_source="the test",
        dialect="plain",
        duration_frames=round(seconds * rate),
    )


def spot(
    cut: Cut, *, media_dirs: tuple[Path, ...] = (), missing: Missing = "error", **changes: Any
) -> CueSheet:
    """Spots a cut; changes are fields of the spotting or the music settings."""
    of_spotting = {key: changes.pop(key) for key in list(changes) if hasattr(SpottingSettings, key)}
    settings = Settings(
        media=MediaSettings(media_dirs=media_dirs, missing=missing),
        spotting=SpottingSettings(**of_spotting),
        music=MusicSettings(**changes),
    )
    return spot_cues(cut, settings, MediaFinder(cut.path.parent, settings.media))


def ranges(sheet: CueSheet) -> dict[str, tuple[int, int]]:
    """In and out of each cue, by number."""
    return {cue.number: (cue.start_frames, cue.end_frames) for cue in sheet.cues}


def with_files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"RIFF")


def marked_shots(*texts):
    """Shots of 48 frames, each with a mark of its text where that is not empty."""
    shots = [
        clip(f"s{index}", 0, 48, *([marker(text, 10)] if text else []))
        for index, text in enumerate(texts)
    ]
    return cut_of(track(*shots))


def three_shots(*markers, **more):
    """A timeline of three shots of 48 frames, with markers on the timeline itself."""
    shots = track(clip("a", 0, 48), clip("b", 100, 48), clip("c", 0, 48))
    return cut_of(shots, markers=markers, **more)


def write_png(path: Path, *, opacity: int) -> None:
    import av
    import numpy as np

    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 8, 8, "rgba"
        pixels = np.full((8, 8, 4), opacity, dtype=np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")))
        container.mux(stream.encode(None))
