"""The reels in the media folders: what each file says, read once and kept."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.timeline.media_folders import TIMED_SUFFIXES, MediaFolders
from otio_hpm.timeline.media_url import folded

if TYPE_CHECKING:
    from otio_hpm.timeline.facts_cache import FactsCache, Stamp
    from otio_hpm.timeline.source_facts import SourceFacts

Report = Callable[[int, int], None]
"""Is told about each percent how many files have been opened, and of how many."""

_READERS = 4
"""Files opened at once: on a server most of the time is waiting."""
_SAVE_S = 2.0
"""What was read is kept this often, so that little is lost if the run is stopped."""
_CUT_TO = 8
"""The shortest length that lists cut reel names to."""


@dataclass(frozen=True, kw_only=True)
class ReelFile:
    """A file that may be from a reel, and how well its name agrees: 0 best."""

    path: Path
    facts: SourceFacts
    remoteness: int


class MediaIndex:
    """The media files in some folders by reel; each is opened when a reel is first asked for."""

    def __init__(self, folders: MediaFolders, report: Report) -> None:
        self._folders = folders
        self._report = report

    def of_reel(self, reel: str) -> Iterator[ReelFile]:
        """The files of a reel, by the reel that they name or, where they name none, their own name.

        Letter case, spaces and punctuation do not count, because lists change them; a name that
        has been cut short, to no less than eight characters, agrees less well than a whole one.
        """
        wanted = _plain(reel)
        if not wanted:
            return
        for path, facts in self._by_begin[wanted[:_CUT_TO]]:
            own = _plain(facts.reel or path.stem)
            shorter, longer = sorted((wanted, own), key=len)
            if own == wanted or (len(shorter) >= _CUT_TO and longer.startswith(shorter)):
                remoteness = 2 * (not facts.reel) + (own != wanted)
                yield ReelFile(path=path, facts=facts, remoteness=remoteness)

    @cached_property
    def _by_begin(self) -> Mapping[str, Sequence[tuple[Path, SourceFacts]]]:
        found: dict[str, list[tuple[Path, SourceFacts]]] = defaultdict(list)
        for path, facts in self._facts().items():
            if facts.has_picture or facts.has_sound:
                found[_plain(facts.reel or path.stem)[:_CUT_TO]].append((path, facts))
        return found

    def _facts(self) -> dict[Path, SourceFacts]:
        """What every file says, from the cache where it has not changed."""
        from otio_hpm.timeline.facts_cache import FactsCache, cache_path, stamp_of

        stamps = {path: stamp for path in self._timed() if (stamp := stamp_of(path))}
        cache = FactsCache(cache_path())
        facts = cache.known(stamps)
        unknown = [path for path in stamps if path not in facts]
        return facts | self._read(unknown, stamps, cache) if unknown else facts

    def _timed(self) -> Iterable[Path]:
        """Movies and sound; what begins with a dot is a system's own."""
        files = (file for file in self._folders.files if not file.name.startswith("."))
        return (file for file in files if folded(file.suffix) in TIMED_SUFFIXES)

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
        yield from zip(paths, pool.map(read_facts, paths), strict=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _plain(name: str) -> str:
    """A reel's name as it is compared."""
    return "".join(filter(str.isalnum, folded(name)))
