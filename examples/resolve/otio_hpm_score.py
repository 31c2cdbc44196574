"""Scores the open timeline of DaVinci Resolve: Workspace > Scripts > otio_hpm_score.

Put this file into Resolve's folder Fusion/Scripts/Utility. It needs Python 3.10 or later and
Resolve 18.5 or later, and nothing but the command `otio-hpm`: the environment variable OTIO_HPM
names it, else it is looked for on PATH. Everything that is written lies in the folder otio-hpm of
your home folder, or in the one that OTIO_HPM_FOLDER names.

What is in the console afterwards says what was done. The timeline is not touched before all music
is there; then a new stereo track is added, and nothing else is changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRACK_NAME = "HPM Score"
SOME_FAILED = 9
"""Exit code of otio-hpm where some cues failed and the others are written."""
AUDIO_ONLY = 2
"""`mediaType` of AppendToTimeline."""


class Failure(Exception):
    """Why there is no music, in a sentence."""


@dataclass(frozen=True)
class Cue:
    """A cue's audio and its place; frames are those of the timeline."""

    number: str
    wav: Path
    head: int
    """Frames of the file before the cue's in: its handle."""
    length: int
    start: int
    """Of the cue's in, from the timeline's first frame."""


class Resolve:
    """The open timeline: every call of Resolve's API is here."""

    def __init__(self, resolve: Any) -> None:
        self._resolve = resolve
        if resolve is None or resolve.EXPORT_OTIO is None:
            raise Failure("This needs to run in DaVinci Resolve 18.5 or later.")
        self._project: Any = resolve.GetProjectManager().GetCurrentProject()
        self._timeline: Any = self._project.GetCurrentTimeline() if self._project else None
        if self._timeline is None:
            raise Failure("No timeline is open.")
        self._pool = self._project.GetMediaPool()

    def names(self) -> tuple[str, str]:
        """Of the project and its timeline."""
        return self._project.GetName(), self._timeline.GetName()

    def export(self, path: Path) -> None:
        """Write the timeline as .otio."""
        resolve = self._resolve
        if not self._timeline.Export(str(path), resolve.EXPORT_OTIO, resolve.EXPORT_NONE):
            raise Failure(f"Resolve could not export the timeline to {path}.")

    def has(self, cue: Cue) -> bool:
        """Whether the cue's audio stands at its place already."""
        return any(
            (item.GetName(), item.GetStart()) == (cue.wav.name, self._record_frame(cue))
            for track in range(1, self._timeline.GetTrackCount("audio") + 1)
            for item in self._timeline.GetItemListInTrack("audio", track) or []
        )

    def media(self, wav: Path) -> Any:
        """A file in the media pool, imported where it is not there yet."""
        found = self._find(self._pool.GetRootFolder(), str(wav))
        imported = [found] if found else self._pool.ImportMedia([str(wav)])
        if not imported:
            raise Failure(f"Resolve could not import {wav}.")
        return imported[0]

    def place(self, lanes: list[list[Cue]], media: dict[str, Any]) -> list[str]:
        """Append each lane to a new stereo track; what was done, a sentence each.

        `media` are items of the media pool by cue number. Where Resolve does not take all, the new
        tracks are taken away again.
        """
        if not self._project.SetCurrentTimeline(self._timeline):  # what is appended to is that one
            raise Failure("The timeline that was scored is not there any more.")
        before = self._timeline.GetTrackCount("audio")
        try:
            return [words for lane in lanes for words in self._place(lane, media)]
        except Exception:
            for track in range(self._timeline.GetTrackCount("audio"), before, -1):
                self._timeline.DeleteTrack("audio", track)
            raise

    def _place(self, cues: list[Cue], media: dict[str, Any]) -> list[str]:
        if not self._timeline.AddTrack("audio", "stereo"):
            raise Failure("Resolve could not add an audio track.")
        track = self._timeline.GetTrackCount("audio")
        self._timeline.SetTrackName("audio", track, TRACK_NAME)
        items = self._append(cues, media, track, last=0)
        if items[0].GetDuration() == cues[0].length + 1:
            # This release counts `endFrame` as the last frame, not the one after: once more.
            self._timeline.DeleteClips(items)
            items = self._append(cues, media, track, last=1)
        placed = zip(items, cues, strict=True)
        return [words for item, cue in placed for words in self._told(item, cue, track)]

    def _append(
        self, cues: list[Cue], media: dict[str, Any], track: int, *, last: int
    ) -> list[Any]:
        """The items appended; `last` is 1 where the last frame is named and not the one after.

        `startFrame` and `endFrame` count frames of the file from its first, at the timeline's rate,
        because a file of sound has none; so the handles are left out and stay there to be trimmed
        out. `recordFrame` counts as GetStartFrame does, which is 90000 at 01:00:00:00 and 25 fps.
        """
        places = [
            {
                "mediaPoolItem": media[cue.number],
                "startFrame": cue.head,
                "endFrame": cue.head + cue.length - last,
                "mediaType": AUDIO_ONLY,
                "trackIndex": track,
                "recordFrame": self._record_frame(cue),
            }
            for cue in cues
        ]
        items = [item for item in self._pool.AppendToTimeline(places) or [] if item]
        if len(items) < len(cues):
            raise Failure(f"Resolve took {len(items)} of {len(cues)} cues, so none is added.")
        return items

    def _told(self, item: Any, cue: Cue, track: int) -> list[str]:
        """Where a cue is, and what of that, read back from Resolve, is other than asked."""
        wanted = (self._record_frame(cue), cue.length, cue.head)
        found = (item.GetStart(), item.GetDuration(), item.GetLeftOffset())
        said = "frame {}, {} frames, {} frames into the file"
        odd = f"Check {cue.number}: it is at {said.format(*found)}; not {said.format(*wanted)}."
        there = f"{cue.number} is on the new audio track {track}: {cue.wav.name}"
        return [there] if found == wanted else [there, odd]

    def _record_frame(self, cue: Cue) -> int:
        return int(self._timeline.GetStartFrame()) + cue.start

    def _find(self, folder: Any, path: str) -> Any:
        """The file of a path in a folder of the media pool or below, or None."""
        for clip in folder.GetClipList() or []:
            if clip.GetClipProperty("File Path") == path:
                return clip
        below = (self._find(one, path) for one in folder.GetSubFolderList() or [])
        return next((clip for clip in below if clip), None)


def score(host: Resolve) -> list[str]:
    """Score the open timeline; what was done, a sentence each. Raises Failure."""
    command = find_command()
    folder, name = folder_for(*host.names())
    folder.mkdir(parents=True, exist_ok=True)
    exported = folder / f"{name}.otio"
    host.export(exported)
    result = run(command, exported, folder / f"{name}_scored.otio")
    cues = [cue_of(Path(one["wav"]), one["number"]) for one in result["cues"]]
    missing = [cue for cue in cues if not host.has(cue)]
    media = {cue.number: host.media(cue.wav) for cue in missing}
    said = [f"{one['number']} failed: {one['message']}" for one in result["failed"]]
    said += [f"{one['number']} is skipped: {one['reason']}" for one in result["skipped"]]
    if missing:
        said += host.place(lanes(missing), media)
    there = [cue.number for cue in cues if cue not in missing]
    return [*said, *(f"{number} was there already." for number in there)] or ["No cue is marked."]


def find_command() -> str:
    """The executable. Raises Failure."""
    named = os.environ.get("OTIO_HPM", "otio-hpm")
    found = shutil.which(named)
    if found is None:
        raise Failure(f"{named} is not there: let OTIO_HPM name the command otio-hpm.")
    return found


def folder_for(project: str, timeline: str) -> tuple[Path, str]:
    """Where the files of a timeline lie, and what their names begin with."""
    home = os.environ.get("OTIO_HPM_FOLDER")
    base = Path(home) if home else Path.home() / "otio-hpm"
    return base.absolute() / plain_name(project), plain_name(timeline)


def plain_name(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w -]", "_", name).strip() or "_"


def run(command: str, exported: Path, output: Path) -> Any:
    """Run otio-hpm; its result. Raises Failure with what it says."""
    # Resolve's own Python is not that of otio-hpm.
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    done = subprocess.run(
        [
            command, "score", str(exported), "-o", str(output), "--overwrite",
            "--json", "--progress", "none",
        ],
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
        env={**env, "PYTHONUTF8": "1"}, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip
    if done.returncode not in (0, SOME_FAILED):
        raise Failure(done.stderr.decode("utf-8", "replace").strip() or "otio-hpm failed.")
    return json.loads(done.stdout.decode("utf-8"))


def cue_of(wav: Path, number: str) -> Cue:
    """A cue's place, from the sidecar of its audio."""
    facts = json.loads(wav.with_suffix(".json").read_text("utf-8"))
    start, end = facts["cue"]["start_frames"], facts["cue"]["end_frames"]
    head = start - facts["audio"]["record"]["start_frames"]
    return Cue(number=number, wav=wav.absolute(), head=head, length=end - start, start=start)


def lanes(cues: list[Cue]) -> list[list[Cue]]:
    """Cues by track: on the first where there is room, for those that overlap on further ones."""
    found: list[list[Cue]] = []
    for cue in sorted(cues, key=lambda one: one.start):
        free = (lane for lane in found if lane[-1].start + lane[-1].length <= cue.start)
        lane = next(free, None)
        if lane is None:
            found.append([cue])
        else:
            lane.append(cue)
    return found


def main(resolve: Any) -> None:
    """Score, and say what was done or why not."""
    try:
        for words in score(Resolve(resolve)):
            print(words)
    except Failure as failure:
        print(failure)
    except Exception as error:
        print(f"otio_hpm_score stopped at {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(globals().get("resolve"))  # Resolve puts itself there
