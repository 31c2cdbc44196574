"""Media of a timeline: where a reference's file is, and what is in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline import image_sequence
from otio_hpm.timeline.media_folders import MediaFolders, is_file
from otio_hpm.timeline.media_url import is_windows, local_paths, mapped


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """What a probe found in a file, a still, or a numbered image sequence."""

    path: Path
    """The file; of a sequence its first image."""
    kind: Literal["movie", "sequence", "still", "audio"]
    files: tuple[Path | None, ...] = ()
    """The images of a sequence in order; None is black. Its missing-frame policy is applied."""
    rate: Fraction | None = None
    """Average frame rate of its picture (a sequence's: its reference's); None: still or audio."""
    start_s: Fraction | None = None
    """Its own start timecode in seconds (frame number / rate); None if it has none."""
    start_timecode: str | None = None
    """That timecode as written in the file (`;` for drop-frame)."""
    duration_s: Fraction | None = None
    """Length of its picture (of its sound, for audio); None for stills."""
    width: int = 0
    height: int = 0
    rotation: int = 0
    """Degrees clockwise by which a player turns the picture: 0, 90, 180 or 270."""
    has_audio: bool = False
    has_alpha: bool = False
    """Whether parts of its picture let the picture below show."""


class MediaFinder:
    """Finds and probes the media of one timeline; every answer is kept for the run."""

    def __init__(self, base: Path, settings: MediaSettings, bundled: Path | None = None) -> None:
        """`base` is the folder of the timeline file: relative paths start there.

        `bundled` is the folder of the media in a bundle, where marks may name files too.
        """
        self.base = base.absolute()
        self._own: tuple[Path, ...] = (bundled, self.base) if bundled else (self.base,)
        self.settings = settings
        self._folders = MediaFolders(settings.media_dirs)
        self._found: dict[str, Path | None] = {}
        self._probed: dict[Path, MediaFile | MediaError] = {}
        self._sequences: dict[int, tuple[Any, MediaFile | None]] = {}

    def find(self, reference: Any) -> Path | tuple[Path | None, ...] | None:
        """The file of a media reference, the files of an image sequence, or None.

        Looks where the reference says, after --path-map, then for its file name in the media
        folders. Raises MediaError for what is no local file, an ambiguous name, or a hole in a
        sequence that its reference does not allow.
        """
        if sequence := image_sequence.as_sequence(reference):
            return image_sequence.find_images(sequence, self._find)
        url = getattr(reference, "target_url", None)
        return self._find(url) if url else None

    def find_clip(self, clip: Any) -> Path | None:
        """The picture file in the media folders that is named like the clip or its reel.

        An EDL says no more than names. None for a clip whose reference names a file or a
        generator. Raises MediaError if several files have that name.
        """
        names = (name for name in _names(clip) if name)
        return next((file for name in names if (file := self._folders.by_stem(name))), None)

    def find_named(self, name: str) -> Path | None:
        """A file that text in a marker names: in its bundle, its timeline's or a media folder.

        Raises MediaError for a protocol and for a path that leads out of these folders.
        """
        roots = (*self._own, *self._folders.folders)
        outside = None
        for path in (root / text for text in local_paths(name) for root in roots):
            if is_file(path):
                if any(path.resolve().is_relative_to(root.resolve()) for root in roots):
                    return path
                outside = path
        if outside is not None:
            raise MediaError(
                f"{name!r} lies outside the timeline's folder and the media folders",
                hint="name its folder with --media-dir",
            )
        return self._folders.by_name(name) if "/" not in name and "\\" not in name else None

    def probe(self, path: Path) -> MediaFile:
        """What is in a file. Raises MediaError (missing, empty, truncated, unreadable)."""
        if path not in self._probed:
            from otio_hpm.timeline.media_probe import probe_file

            try:
                self._probed[path] = probe_file(path)
            except MediaError as error:
                self._probed[path] = error
        found = self._probed[path]
        if isinstance(found, MediaError):
            raise found
        return found

    def media(self, reference: Any) -> MediaFile | None:
        """The reference's file, found and probed; None if it names none or the file is missing."""
        if sequence := image_sequence.as_sequence(reference):
            return self._sequence(reference, sequence)
        found = self.find(reference)
        return self.probe(found) if isinstance(found, Path) else None

    def _sequence(self, reference: Any, sequence: Any) -> MediaFile | None:
        key = id(reference)
        if key not in self._sequences:
            files = image_sequence.find_images(sequence, self._find)
            first = next((file for file in files or () if file), None)
            found = None
            if files and first:
                rate = image_sequence.rate_of(sequence)
                found = dataclasses.replace(
                    self.probe(first),
                    kind="sequence",
                    files=files,
                    rate=rate,
                    duration_s=len(files) / rate,
                )
            self._sequences[key] = reference, found
        return self._sequences[key][1]

    def _find(self, url: str) -> Path | None:
        if url not in self._found:
            self._found[url] = self._look_for(url)
        return self._found[url]

    def _look_for(self, url: str) -> Path | None:
        for text in local_paths(url):
            for path in (*mapped(text, self.settings.path_maps), text):
                local = self.base / path
                if (path[:1] == "/" or not is_windows(path)) and is_file(local):
                    return local
        names = (self._folders.by_name(text) for text in local_paths(url))
        return next((file for file in names if file), None)


def _names(clip: Any) -> Iterator[str]:
    """What the file of a clip may be called, if its reference does not say."""
    reference = clip.media_reference
    if reference is not None and not reference.is_missing_reference:
        return
    yield clip.name
    for values in clip.metadata.values():
        if isinstance(values, Mapping):
            yield from _source_files(values.get("comments") or ())
            yield str(values.get("reel") or "")


def _source_files(comments: Iterable[Any]) -> Iterator[str]:
    """File names in an EDL's `* SOURCE FILE:` comments."""
    for comment in comments:
        label, _, name = str(comment).partition(":")
        if label.strip().casefold() == "source file":
            yield name.strip()
