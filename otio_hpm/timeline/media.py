"""Media of a timeline: where a reference's file is, and what is in it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline import image_sequence
from otio_hpm.timeline.found import Found, Rule
from otio_hpm.timeline.media_folders import AmbiguousMedia
from otio_hpm.timeline.media_index import Report
from otio_hpm.timeline.media_search import MediaSearch
from otio_hpm.timeline.media_url import local_paths


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
    """Its own start timecode in seconds (frame number / rate; of a Broadcast WAV its time
    reference); None if it has none."""
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
    found_by: Rule = ""
    """The rule by which it was found; empty where it is simply there."""
    missing: tuple[range, ...] = ()
    """Numbers of the images for want of which one of a sequence is held as a still."""

    def sound_start_s(self, source_s: Fraction) -> Fraction:
        """Source time of its first sample, for a clip that begins at `source_s`.

        Many systems count a Broadcast WAV from its first sample, whatever its time reference.
        """
        own_s = self.start_s or Fraction(0)
        return own_s if source_s >= own_s or self.found_by == "reel and timecode" else Fraction(0)


class MediaFinder:
    """Finds and probes the media of one timeline; every answer is kept for the run."""

    def __init__(
        self,
        base: Path,
        settings: MediaSettings,
        bundled: Path | None = None,
        report: Report | None = None,
    ) -> None:
        """`base` is the folder of the timeline file: relative paths start there.

        `bundled` is the folder of the media in a bundle, where marks may name files too. `report`
        is told how far the media folders have been read, where that takes long.
        """
        self.base = base.absolute()
        self._own: tuple[Path, ...] = (bundled, self.base) if bundled else (self.base,)
        self.settings = settings
        self._search = MediaSearch(self.base, settings, report or _unheard)
        self._found: dict[str, Found | None] = {}
        self._by_clip: dict[int, tuple[Any, Found | None]] = {}
        self._probed: dict[Path, MediaFile | MediaError] = {}
        self._sequences: dict[int, tuple[Any, MediaFile | None]] = {}

    def find(self, reference: Any) -> Path | tuple[Path | None, ...] | None:
        """The file of a media reference, the files of an image sequence, or None.

        Looks where the reference says, then after --path-map, then for its file name in the media
        folders. Raises MediaError for what is no local file, an ambiguous name, or a hole in a
        sequence that its reference does not allow.
        """
        if sequence := image_sequence.as_sequence(reference):
            return image_sequence.find_images(sequence, self._path)
        found = self._referred(reference)
        return found.path if found else None

    def find_clip(self, clip: Any) -> Path | None:
        """The file in the media folders that a clip means by reel and timecode, or by its names.

        None for a generator. Raises MediaError if several are equally likely.
        """
        found = self._of_clip(clip)
        return found.path if found else None

    def find_named(self, name: str) -> Path | None:
        """A file that text in a marker names: in its bundle, its timeline's or a media folder.

        Raises MediaError for a protocol and for a path that leads out of these folders.
        """
        roots = (*self._own, *self._search.folders.folders)
        outside = None
        for spelled in (root / text for text in local_paths(name) for root in roots):
            if path := self._search.spelling.file(spelled):
                if any(path.resolve().is_relative_to(root.resolve()) for root in roots):
                    return path
                outside = path
        if outside is not None:
            raise MediaError(
                f"{name!r} lies outside the timeline's folder and the media folders",
                hint="name its folder with --media-dir",
            )
        by_name = self._search.folders.by_name
        return by_name(name) if "/" not in name and "\\" not in name else None

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
        found = self._referred(reference)
        return self.media_at(found) if found else None

    def media_of(self, clip: Any) -> MediaFile | None:
        """The file that a clip plays, found by its reference or else by what the clip says.

        None if there is none, or the clip is generated. Raises MediaError.
        """
        reference = clip.media_reference
        if reference is None or hasattr(reference, "generator_kind"):
            return None
        if image_sequence.as_sequence(reference) and (media := self.media(reference)):
            return media
        found = self._of_file(clip)
        return self.media_at(found) if found else None

    def locate(self, clip: Any) -> Found | None:
        """Where `media_of` would find what a clip plays, without looking into it."""
        reference = clip.media_reference
        there = self.find(reference) if image_sequence.as_sequence(reference) else None
        if isinstance(there, tuple):
            first = next(file for file in there if file)
            return Found(path=first, rule=self._rule_in(first.parent))
        return self._of_file(clip)

    def reel_rates(self, clip: Any) -> set[Fraction]:
        """Frame rates of the files in the media folders that are of the clip's reels."""
        return self._search.reel_rates(clip)

    def media_at(self, found: Found) -> MediaFile:
        """What is in a file that was found; what found it by timecode has read that. As `probe`."""
        media = self.probe(found.path)
        if not found.rule and not found.missing:
            return media
        if images := found.images:
            media = dataclasses.replace(
                media,
                kind="sequence",
                files=images.files,
                rate=images.rate,
                duration_s=len(images.files) / images.rate,
                start_timecode=images.timecode,
            )
        start_s = media.start_s if found.start_s is None else found.start_s
        return dataclasses.replace(
            media, found_by=found.rule, start_s=start_s, missing=found.missing
        )

    def _sequence(self, reference: Any, sequence: Any) -> MediaFile | None:
        key = id(reference)
        if key not in self._sequences:
            files = image_sequence.find_images(sequence, self._path)
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
                    found_by=self._rule_in(first.parent),
                )
            self._sequences[key] = reference, found
        return self._sequences[key][1]

    def _rule_in(self, folder: Path) -> Rule:
        """How an image in a folder was found."""
        found = (one for one in self._found.values() if one and one.path.parent == folder)
        return next((one.rule for one in found), "")

    def _referred(self, reference: Any) -> Found | None:
        """The file of a reference that is no image sequence."""
        url = getattr(reference, "target_url", None)
        if not url:
            return None
        try:
            return self._find(url)
        except AmbiguousMedia as error:
            if found := self._search.by_stated_range(reference, error.candidates):
                return found
            raise

    def _of_file(self, clip: Any) -> Found | None:
        """What a clip plays that names no sequence: a file, or one that the file is an image of."""
        reference = clip.media_reference
        named = None if image_sequence.as_sequence(reference) else self._referred(reference)
        found = named or self._of_clip(clip)
        return self._search.images.followed(found, clip) if found else None

    def _path(self, url: str) -> Path | None:
        found = self._find(url)
        return found.path if found else None

    def _find(self, url: str) -> Found | None:
        if url not in self._found:
            self._found[url] = self._search.by_reference(url)
        return self._found[url]

    def _of_clip(self, clip: Any) -> Found | None:
        key = id(clip)
        if key not in self._by_clip:
            made = hasattr(clip.media_reference, "generator_kind")
            self._by_clip[key] = clip, None if made else self._search.by_clip(clip)
        return self._by_clip[key][1]


def _unheard(done: int, total: int) -> None:
    """Hears of no progress."""
