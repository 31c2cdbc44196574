"""A Resolve that has the published names of its scripting interface and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

PUBLISHED = {
    "Resolve": {"GetProjectManager", "EXPORT_OTIO", "EXPORT_NONE"},
    "ProjectManager": {"GetCurrentProject"},
    "Project": {"GetName", "GetCurrentTimeline", "SetCurrentTimeline", "GetMediaPool"},
    "Timeline": {
        "GetName", "GetStartFrame", "GetTrackCount", "GetItemListInTrack", "Export", "AddTrack",
        "DeleteTrack", "SetTrackName", "DeleteClips",
    },
    "MediaPool": {"GetRootFolder", "ImportMedia", "AppendToTimeline"},
    "Folder": {"GetClipList", "GetSubFolderList"},
    "MediaPoolItem": {"GetClipProperty"},
    "TimelineItem": {"GetName", "GetStart", "GetDuration", "GetLeftOffset"},
}  # fmt: skip
"""Of the objects of Resolve's scripting API, what its documentation lists and the script needs."""
PLACE = {"mediaPoolItem", "startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"}


class Fake:
    """An object of the API: any name that is not published is an error."""

    def __init__(self, kind: str, **offered: Any) -> None:
        assert set(offered) <= PUBLISHED[kind], kind
        self._kind, self._offered = kind, offered

    def __getattr__(self, name: str) -> Any:
        if name not in self._offered:
            raise AssertionError(f"{self._kind}.{name} is not published")
        return self._offered[name]


def giving(value: Any) -> Callable[[], Any]:
    return lambda: value


class Host:
    """Resolve with a project, a timeline at 01:00:00:00 and 24 fps, and an audio track."""

    def __init__(self, export: Path | None = None, *, inclusive: bool = False) -> None:
        self.source, self.inclusive = export, inclusive
        self.tracks: dict[int, list[Any]] = {1: []}
        self.names: dict[int, str] = {1: "Audio 1"}
        self.kinds: dict[int, str] = {}
        self.imported: list[str] = []
        self.appended: list[dict[str, Any]] = []
        self.refused = 0
        """How many of a lane Resolve does not take."""
        self.opened: Any = None
        self.pool = Fake(
            "MediaPool",
            GetRootFolder=giving(self.folder([self.folder([])])),
            ImportMedia=self.import_media,
            AppendToTimeline=self.append,
        )
        self.timeline = Fake(
            "Timeline",
            GetName=giving("Reel 1: cut"),
            GetStartFrame=giving(86_400),
            GetTrackCount=lambda kind: len(self.tracks) if kind == "audio" else 1,
            GetItemListInTrack=lambda kind, track: self.tracks[track],
            Export=self.export,
            AddTrack=self.add_track,
            DeleteTrack=lambda kind, track: bool(self.tracks.pop(track)) or True,
            SetTrackName=lambda kind, track, name: self.names.update({track: name}) or True,
            DeleteClips=self.delete,
        )
        self.project = Fake(
            "Project",
            GetName=giving("Film"),
            GetCurrentTimeline=lambda: self.timeline,
            SetCurrentTimeline=self.open,
            GetMediaPool=giving(self.pool),
        )
        manager = Fake("ProjectManager", GetCurrentProject=lambda: self.project)
        self.resolve = Fake(
            "Resolve", GetProjectManager=giving(manager), EXPORT_OTIO="otio", EXPORT_NONE="none"
        )

    def folder(self, below: list[Any]) -> Fake:
        clips: list[Any] = []
        if not below:
            self.clips = clips
        return Fake("Folder", GetClipList=giving(clips), GetSubFolderList=giving(below))

    def export(self, path: str, kind: str, more: str) -> bool:
        assert (kind, more) == ("otio", "none")
        if self.source is None:
            return False
        Path(path).write_bytes(self.source.read_bytes())
        return True

    def import_media(self, paths: list[str]) -> list[Any]:
        assert all(Path(path).is_file() and Path(path).is_absolute() for path in paths)
        self.imported += paths
        made = [self.media(path) for path in paths]
        self.clips += made
        return made

    def media(self, path: str) -> Fake:
        properties = {"File Path": path}
        return Fake("MediaPoolItem", GetClipProperty=properties.__getitem__)

    def open(self, timeline: Any) -> bool:
        self.opened = timeline
        return timeline is self.timeline

    def add_track(self, kind: str, layout: str) -> bool:
        track = len(self.tracks) + 1
        self.tracks[track], self.kinds[track] = [], f"{kind} {layout}"
        return True

    def append(self, places: list[dict[str, Any]]) -> list[Any]:
        assert self.opened is self.timeline
        for place in places:
            assert set(place) == PLACE
            assert all(type(place[key]) is int for key in PLACE - {"mediaPoolItem"})
        taken = places[: max(0, len(places) - self.refused)]
        self.appended += taken
        return [self.item(place) for place in taken]

    def item(self, place: dict[str, Any]) -> Fake:
        path = place["mediaPoolItem"].GetClipProperty("File Path")
        length = place["endFrame"] - place["startFrame"] + self.inclusive
        made = Fake(
            "TimelineItem",
            GetName=giving(Path(path).name),
            GetStart=giving(place["recordFrame"]),
            GetDuration=giving(length),
            GetLeftOffset=giving(place["startFrame"]),
        )
        self.tracks[place["trackIndex"]].append(made)
        return made

    def delete(self, items: list[Any]) -> bool:
        for track in self.tracks.values():
            track[:] = [item for item in track if item not in items]
        return True

    def stands(self) -> dict[int, list[tuple[str, int, int, int]]]:
        """Name, start, length and offset of what is on each track."""
        return {
            track: [
                (one.GetName(), one.GetStart(), one.GetDuration(), one.GetLeftOffset())
                for one in items
            ]
            for track, items in self.tracks.items()
        }
