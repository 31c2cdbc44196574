"""Media that a timeline names from its own folder, named from the folder it is written into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.timeline.image_sequence import as_sequence
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_url import is_windows, local_paths
from otio_hpm.timeline.takes import KEY, facts_of, is_score_clip, relative

_FEW = 3


class Rebasing:
    """Names the media of a timeline that moves from one folder to another."""

    def __init__(self, base: Path, folder: Path, *, as_paths: bool) -> None:
        """Relative references begin in `base`, and are to begin in `folder`, both absolute.

        `as_paths` spells them as the file system does; else as each was found, a path or part of
        a URL.
        """
        self._base = base
        self._folder = folder
        self._as_paths = as_paths
        self._moves = not _is_same(base, folder)
        self._rebased = 0
        self._lost: dict[str, None] = {}

    def rebase(self, timeline: Any) -> None:
        """Change the references of all clips, nested ones too, that lead to media from `base`.

        All others stay as they are: absolute ones, URLs of other protocols, and what leads nowhere
        from there, even where a media folder has it.
        """
        if not (self._moves or self._as_paths):
            return
        for clip in timeline.find_clips():
            for reference in clip.media_references().values():
                field = _field(reference)
                if field and (paths := _relative_paths(getattr(reference, field))):
                    self._rebase(reference, field, paths)

    def told(self) -> Iterator[str]:
        """What was done, and what could not be, in words."""
        if not self._moves:
            return
        if self._rebased:
            several = "references" if self._rebased > 1 else "reference"
            yield f"{self._rebased} relative media {several} now begin in {self._folder}"
        if self._lost:
            more = f" and {len(self._lost) - _FEW} more" if len(self._lost) > _FEW else ""
            yield (
                f"relative media references that lead to no file from {self._base} stay as they"
                f" are: {', '.join(list(self._lost)[:_FEW])}{more}"
            )

    def _rebase(self, reference: Any, field: str, paths: tuple[str, ...]) -> None:
        text = getattr(reference, field)
        path = next((path for path in paths if _is_there(reference, self._base / path)), None)
        if path is None:
            self._lost[text or reference.name_prefix] = None
            return
        way = self._way(self._base / path, is_folder=field == "target_url_base")
        spelled = way if self._as_paths or path == text or "://" in way else quote(way)
        setattr(reference, field, f"{spelled.rstrip('/')}/" if text.endswith("/") else spelled)
        self._rebased += 1

    def _way(self, path: Path, *, is_folder: bool) -> str:
        """The way to a file from the new folder; its absolute URL where there is none.

        There is none to another drive, and none where a link makes `..` lead elsewhere.
        """
        start, names = (path, ()) if is_folder else (path.parent, (path.name,))
        try:
            way = os.path.relpath(start, self._folder)
        except ValueError:
            way = ""
        if way and _is_same(self._folder / way, start):
            return PurePosixPath(Path(way).as_posix(), *names).as_posix()
        return Path(os.path.abspath(path)).as_uri()


def say_sidecars(timeline: Any, output: Path) -> None:
    """Tell our clips where their sidecars are as seen from `output`, as far as they are there."""
    for clip in timeline.find_clips():
        if is_score_clip(clip) and facts_of(clip).get("sidecar"):
            for wav in map(Path, _paths(getattr(clip.media_reference, "target_url", None) or "")):
                sidecar = wav.with_suffix(".json") if wav.name else wav
                if sidecar.is_absolute() and is_file(sidecar):
                    clip.metadata[KEY]["sidecar"] = relative(sidecar, output)


def _field(reference: Any) -> str:
    """What of a reference names its media; empty where nothing does."""
    if isinstance(reference, schema.ImageSequenceReference):
        return "target_url_base"
    return "target_url" if getattr(reference, "target_url", None) else ""


def _paths(text: str) -> tuple[str, ...]:
    """What a reference's text may mean as a path; nothing where it is no local file."""
    try:
        return local_paths(text)
    except MediaError:
        return ()


def _relative_paths(text: str) -> tuple[str, ...]:
    """The paths that a text may mean, where all of them are relative."""
    paths = _paths(text)
    rooted = any(path.startswith(("/", "\\")) or is_windows(path) for path in paths)
    return () if rooted else paths


def _is_there(reference: Any, path: Path) -> bool:
    """Whether a file is there, or at least one image of a sequence."""
    sequence = as_sequence(reference)
    if sequence is None:
        return os.path.exists(path)
    folder = path if sequence is reference else path.parent
    try:
        names = os.listdir(folder)
    except (OSError, ValueError):
        return False
    prefix, suffix = sequence.name_prefix, sequence.name_suffix
    return any(name.startswith(prefix) and name.endswith(suffix) for name in names)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
