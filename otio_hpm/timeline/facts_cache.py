"""Keeps what media files say of their source from run to run, in the user's cache folder.

One SQLite file for all media folders: its transactions are whole or not at all, and processes wait
for each other. A cache that is damaged or of another version is made anew; one that cannot be used
at all is done without.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from otio_hpm.timeline.source_facts import SourceFacts

_VERSION = 2
"""Of what is kept; another number is another cache."""
_WAIT_S = 5.0
_KEPT_S = 365 * 86_400
"""What was read longer ago is forgotten, so that files long gone do not fill the cache."""
_TABLE = """CREATE TABLE IF NOT EXISTS source (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER,
    facts TEXT, checksum INTEGER, read_s INTEGER
) WITHOUT ROWID"""

_T = TypeVar("_T")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What changes when a file does."""

    size: int
    mtime_ns: int


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file; None where it is gone or closed."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(size=found.st_size, mtime_ns=found.st_mtime_ns)


def cache_path() -> Path:
    """Where the cache is: below `$XDG_CACHE_HOME`, or where the system keeps caches."""
    return platformdirs.user_cache_path("otio-hpm", appauthor=False) / "media.sqlite"


class FactsCache:
    """The facts of files by path, valid for as long as their stamp is the same."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self, stamps: Mapping[Path, Stamp]) -> dict[Path, SourceFacts]:
        """What is kept of these files."""
        return self._with(lambda cache: dict(_known(cache, stamps))) or {}

    def keep(self, stamps: Mapping[Path, Stamp], facts: Mapping[Path, SourceFacts]) -> None:
        """Keep the facts of these files."""
        self._with(lambda cache: _keep(cache, [(p, stamps[p], f) for p, f in facts.items()]))

    def _with(self, use: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """What `use` gives, once more with a new cache if this one is damaged; None without one."""
        for is_new in (False, True):
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if is_new:
                    self._path.unlink(missing_ok=True)
                with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as cache, cache:
                    _prepare(cache)
                    return use(cache)
            except (OSError, sqlite3.OperationalError) as error:
                _logger.debug("the cache %s cannot be used: %s", self._path, error)
                return None
            except sqlite3.DatabaseError as error:
                _logger.debug("the cache %s is damaged: %s", self._path, error)
        return None


def _prepare(cache: sqlite3.Connection) -> None:
    if cache.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        cache.execute("DROP TABLE IF EXISTS source")
        cache.execute(f"PRAGMA user_version = {_VERSION}")
    cache.execute(_TABLE)


def _known(
    cache: sqlite3.Connection, stamps: Mapping[Path, Stamp]
) -> Iterable[tuple[Path, SourceFacts]]:
    query = "SELECT facts, checksum FROM source WHERE path = ? AND size = ? AND mtime_ns = ?"
    for path, stamp in stamps.items():
        row = cache.execute(query, (os.fsencode(path), stamp.size, stamp.mtime_ns)).fetchone()
        facts = _facts_in(*row) if row else None
        if facts is not None:
            yield path, facts


def _keep(cache: sqlite3.Connection, rows: Iterable[tuple[Path, Stamp, SourceFacts]]) -> None:
    now_s = int(time.time())
    for path, stamp, facts in rows:
        text = _text_of(facts)
        row = (os.fsencode(path), stamp.size, stamp.mtime_ns, text, _checksum(text), now_s)
        cache.execute("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?)", row)
    cache.execute("DELETE FROM source WHERE read_s < ?", (now_s - _KEPT_S,))


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogateescape"))


def _text_of(facts: SourceFacts) -> str:
    values = vars(facts).items()
    return json.dumps({name: str(v) if isinstance(v, Fraction) else v for name, v in values})


def _facts_in(text: Any, checksum: Any) -> SourceFacts | None:
    """What was kept; None where damage has changed it."""
    if not isinstance(text, str) or _checksum(text) != checksum:
        return None
    values = json.loads(text)
    for name in ("start_s", "duration_s", "rate"):
        values[name] = None if values[name] is None else Fraction(values[name])
    return SourceFacts(**values)
