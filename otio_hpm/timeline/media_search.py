"""The rules by which media are found, in their order.

1. The path that the timeline says. 2. That path with its beginning replaced (`--path-map`). 3. Its
file name in the media folders; the folders that agree best, then the start and length that the
timeline states. 4. Reel and source timecode: a file in
the media folders of the clip's reel that covers what the clip plays. 5. The name of the clip, then
of its reel, as the name of a file without its suffix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.clip_source import is_sound, names_file, reels, source_files, source_span_s
from otio_hpm.timeline.exact import exact_rate
from otio_hpm.timeline.found import Found, FoundImages
from otio_hpm.timeline.media_folders import MediaFolders, only
from otio_hpm.timeline.media_index import MediaIndex, ReelFile, Report
from otio_hpm.timeline.media_url import is_windows, local_paths, mapped
from otio_hpm.timeline.numbered_images import NumberedImages
from otio_hpm.timeline.source_time import file_seconds, source_range
from otio_hpm.timeline.spelling import Spelling

if TYPE_CHECKING:
    from otio_hpm.timeline.source_facts import SourceFacts


class MediaSearch:
    """Looks for the media of one timeline."""

    def __init__(self, base: Path, settings: MediaSettings, report: Report) -> None:
        """`base` is where relative paths start."""
        self._base = base
        self._settings = settings
        self.folders = MediaFolders(settings.media_dirs)
        self.spelling = Spelling()
        self._index = MediaIndex(self.folders, report)
        self.images = NumberedImages(self._index.facts_of)

    def by_reference(self, url: str) -> Found | None:
        """What a reference names, by rules 1 to 3; what is no local file by rules 2 and 3.

        Raises MediaError for that if no rule finds it, AmbiguousMedia for a name that several have.
        """
        try:
            texts = local_paths(url)
        except MediaError:
            if found := self._moved((unquote(url),)):
                return found
            raise
        here = (text for text in texts if text[:1] == "/" or not is_windows(text))
        path = self._at(here)
        return Found(path=path) if path else self._moved(texts)

    def reel_rates(self, clip: Any) -> set[Fraction]:
        """Frame rates of the files that are of a clip's reels, whatever their timecode."""
        if not self.folders.folders:
            return set()
        files = (file.facts for reel in reels(clip) for file in self._index.of_reel(reel))
        return {facts.rate for facts in files if facts.rate}

    def _moved(self, texts: Iterable[str]) -> Found | None:
        """What is at a mapped path, or has the name."""
        mapped_to = (path for text in texts for path in mapped(text, self._settings.path_maps))
        path = self._at(mapped_to)
        return Found(path=path, rule="path map") if path else self._by_name(texts)

    def by_stated_range(self, reference: Any, candidates: Iterable[Path]) -> Found | None:
        """The one of some files of a name that has the range that a reference says its file has.

        Cameras begin to count anew on each card, so that files of many cards have one name.
        """
        stated = reference.available_range
        if stated is None or stated.start_time.rate <= 0:
            return None
        facts = self._index.facts_of(candidates)
        alike = [path for path, found in facts.items() if _has_range(found, stated)]
        return Found(path=alike[0], rule="file name and timecode") if len(alike) == 1 else None

    def by_clip(self, clip: Any) -> Found | None:
        """What a clip plays whose reference does not lead to it, by rules 3 to 5.

        Raises AmbiguousMedia where several files are equally likely.
        """
        if not self.folders.folders:
            return None
        names = [*source_files(clip), *([] if names_file(clip) else [clip.name or ""])]
        return self._by_name(names) or self._by_reel(clip) or self._by_clip_name(clip)

    def _at(self, paths: Iterable[str]) -> Path | None:
        """The first of some paths where there is a file."""
        files = (self.spelling.file(self._base / path) for path in paths)
        return next((file for file in files if file), None)

    def _by_name(self, names: Iterable[str]) -> Found | None:
        found = (self.folders.by_name(name) for name in names if name)
        return next((Found(path=path, rule="file name") for path in found if path), None)

    def _by_reel(self, clip: Any) -> Found | None:
        """The file that a reel and source timecode mean."""
        if source_span_s(clip, None) is None:
            return None
        named = reels(clip)
        matches = [match for reel in named for match in self._matches(clip, reel)]
        best = min((match.distance for match in matches), default=None)
        nearest = {match.found.path: match.found for match in matches if match.distance == best}
        path = only(f"{clip.name} (reel {', '.join(named)})", nearest)
        return None if path is None else nearest[path]

    def _matches(self, clip: Any, reel: str) -> Iterator[_Match]:
        sound = is_sound(clip)
        for file in self._index.of_reel(reel):
            if file.facts.has_sound if sound else file.facts.has_picture:
                match = _covering(file, clip, sound)
                if match:
                    yield match

    def _by_clip_name(self, clip: Any) -> Found | None:
        sound = is_sound(clip)
        if clip.name and (path := self.folders.by_stem(clip.name, sound=sound)):
            return Found(path=path, rule="clip name")
        if names_file(clip):
            return None
        found = (self.folders.by_stem(reel, sound=sound) for reel in reels(clip))
        return next((Found(path=path, rule="reel name") for path in found if path), None)


@dataclass(frozen=True, kw_only=True)
class _Match:
    """A file that covers what a clip plays."""

    found: Found
    distance: tuple[int, bool, bool, bool]
    """The least is the best: how its reel agrees, whether it covers all but a part of a frame,
    whether it has picture too where sound is wanted, and whether it is images and no movie."""


def _covering(file: ReelFile, clip: Any, sound: bool) -> _Match | None:
    """A match, if a file covers what a clip plays to within a frame at each end.

    Editing systems count the source time of sound in whole frames, wherever its samples begin.
    """
    rate = exact_rate(source_range(clip).start_time.rate)
    facts = file.facts_at(rate)
    start_s, span = facts.start_at(rate), source_span_s(clip, facts.rate)
    if start_s is None or facts.duration_s is None or span is None:
        return None
    short_s = max(start_s - span[0], span[1] - start_s - facts.duration_s, Fraction(0))
    if short_s > 1 / rate:
        return None
    with_picture = sound and facts.has_picture
    distance = (file.remoteness, short_s > 0, with_picture, file.images is not None)
    found = Found(
        path=file.path, rule="reel and timecode", start_s=start_s, images=_images(file, facts)
    )
    return _Match(found=found, distance=distance)


def _images(file: ReelFile, facts: SourceFacts) -> FoundImages | None:
    """The image sequence that was found, or None where it is a file."""
    if file.images is None or facts.rate is None:
        return None
    return FoundImages(files=file.images.files, rate=facts.rate, timecode=facts.timecode)


def _has_range(facts: SourceFacts, stated: Any) -> bool:
    """Whether a file has the start and length that a timeline states, each to within a frame."""
    rate = exact_rate(stated.start_time.rate)
    own = (facts.start_at(rate), facts.duration_s)
    said = (file_seconds(time, facts.rate) for time in (stated.start_time, stated.duration))
    pairs = zip(own, said, strict=True)
    return all(one is not None and abs(one - other) <= 1 / rate for one, other in pairs)
