"""The reels in the media folders: what each file says, read once and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.timeline.image_runs import ImageRun, image_runs
from otio_hpm.timeline.media_folders import TIMED_SUFFIXES, MediaFolders, without_suffix
from otio_hpm.timeline.media_url import folded

if TYPE_CHECKING:
    from otio_hpm.timeline.facts_cache import FactsCache, Stamp
    from otio_hpm.timeline.source_facts import SourceFacts

Report = Callable[[int, int], None]
"""Is told about each percent how many files have been opened, and of how many."""

_READERS = 4
"""Files opened at once: on a server most of the time is waiting."""
_BATCH = 1000
"""Files that wait at once, so that very many do not fill the memory."""
_SAVE_S = 2.0
"""What was read is kept this often, so that little is lost if the run is stopped."""
_CUT_TO = 8
"""The shortest length that lists cut reel names to."""


@dataclass(frozen=True, kw_only=True)
class ReelFile:
    """A file that may be from a reel, and how well its name agrees: 0 best."""

    path: Path
    """Of an image sequence its first image."""
    facts: SourceFacts
    remoteness: int
    images: ImageRun | None = None
    """The image sequence, where it is one."""

    def facts_at(self, rate: Fraction) -> SourceFacts:
        """What the file says, or the sequence as one, at `rate` where it does not tell its own."""
        images = self.images
        return self.facts.of_sequence(len(images.names), rate) if images else self.facts


class MediaIndex:
    """The media in some folders by reel: files, and image sequences by their first images.

    All are opened when a reel is first asked for.
    """

    def __init__(self, folders: MediaFolders, report: Report) -> None:
        self._folders = folders
        self._report = report
        self._known: dict[Path, SourceFacts] = {}

    def of_reel(self, reel: str) -> Iterator[ReelFile]:
        """The files of a reel, by the reel that they name or, less closely, by their own name.

        Letter case, spaces and punctuation do not count, because lists change them; a name that
        has been cut short, to no less than eight characters, agrees less well than a whole one.
        """
        wanted = _plain(without_suffix(reel))
        for own, path, by_name in self._by_begin.get(wanted[:_CUT_TO], ()):
            shorter, longer = sorted((wanted, own), key=len)
            if own == wanted or (len(shorter) >= _CUT_TO and longer.startswith(shorter)):
                yield ReelFile(
                    path=path,
                    facts=self._known[path],
                    remoteness=2 * by_name + (own != wanted),
                    images=self._runs.get(path),
                )

    @cached_property
    def _by_begin(self) -> Mapping[str, Sequence[tuple[str, Path, bool]]]:
        """Names of reels, their files and whether it is the file's own, by how they begin."""
        found: dict[str, list[tuple[str, Path, bool]]] = {}
        for path, facts in self.facts_of([*self._timed(), *self._runs]).items():
            if facts.has_picture or facts.has_sound:
                run = self._runs.get(path)
                for by_name, name in enumerate((facts.reel, run.name if run else path.stem)):
                    if plain := _plain(name):
                        group = found.setdefault(plain[:_CUT_TO], [])
                        group.append((plain, path, bool(by_name)))
        return found

    def facts_of(self, files: Iterable[Path]) -> dict[Path, SourceFacts]:
        """What files say that can be read, from the cache where they have not changed."""
        from otio_hpm.timeline.facts_cache import FactsCache, cache_path, stamp_of

        wanted = list(files)
        new = [path for path in wanted if path not in self._known]
        stamps = {path: stamp for path in new if (stamp := stamp_of(path))}
        if stamps:
            cache = FactsCache(cache_path())
            self._known |= cache.known(stamps)
            unknown = [path for path in stamps if path not in self._known]
            self._known |= self._read(unknown, stamps, cache) if unknown else {}
        return {path: self._known[path] for path in wanted if path in self._known}

    @cached_property
    def _runs(self) -> Mapping[Path, ImageRun]:
        """Image sequences by their first images, which tell what all are."""
        runs = image_runs(self._visible())
        return {run.first: run for run in runs if len(run.names) > 1}

    def _visible(self) -> Iterator[Path]:
        """All files but those that begin with a dot, which are a system's own."""
        return (file for file in self._folders.files if not file.name.startswith("."))

    def _timed(self) -> Iterable[Path]:
        """Movies and sound."""
        return (file for file in self._visible() if folded(file.suffix) in TIMED_SUFFIXES)

    def _read(
        self, paths: Sequence[Path], stamps: Mapping[Path, Stamp], cache: FactsCache
    ) -> dict[Path, SourceFacts]:
        """What these files say, kept as they are read."""
        found: dict[Path, SourceFacts] = {}
        fresh: dict[Path, SourceFacts] = {}
        saved_s = time.monotonic()
        for done, (path, facts) in enumerate(_reading(paths)):
            if done % max(1, len(paths) // 100) == 0:
                self._report(done, len(paths))
            if facts is not None:
                fresh[path] = found[path] = facts
            if time.monotonic() - saved_s > _SAVE_S:
                cache.keep(stamps, fresh)
                fresh, saved_s = {}, time.monotonic()
        cache.keep(stamps, fresh)
        self._report(len(paths), len(paths))
        return found


def _reading(paths: Sequence[Path]) -> Iterator[tuple[Path, SourceFacts | None]]:
    """Reads files in several threads, in order; what was not begun is dropped with the iterator."""
    from otio_hpm.timeline.source_facts import read_facts

    pool = ThreadPoolExecutor(_READERS)
    try:
        for first in range(0, len(paths), _BATCH):
            batch = paths[first : first + _BATCH]
            yield from zip(batch, pool.map(read_facts, batch), strict=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _plain(name: str) -> str:
    """A reel's name as it is compared."""
    return "".join(filter(str.isalnum, folded(name)))
