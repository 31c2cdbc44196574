"""Tells a listener how far a comparison is, and how long the rest will take."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable

from otio_hpm.evaluation.tables.systems import System
from otio_hpm.scoring.progress import Listener, Progress

_RECENT = 8
"""Clips whose times stand for those to come; what is kept from before takes next to none."""


class Telling:
    """Counts the clips of one system after another."""

    def __init__(
        self, listener: Listener | None, jobs: Iterable[tuple[System, int]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`jobs` are all systems with their numbers of clips; `clock` gives seconds."""
        self._listener, self._clock = listener, clock
        self._ahead: Counter[str] = Counter()
        for system, clips in jobs:
            self._ahead[_kind(system)] += clips
        self._count = self._ahead.total()
        self._recent_s: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_RECENT))
        self._current: tuple[str, float] | None = None

    def of(self, system: System) -> Callable[[int], None]:
        """Hears of each of a system's clips before it is made."""

        def told(_: int) -> None:
            now = self._clock()
            if self._current is not None:
                before, began = self._current
                self._recent_s[before].append(now - began)
            self._tell(system.name)
            kind = _kind(system)
            self._current = kind, now
            self._ahead[kind] -= 1

        return told

    def _tell(self, system: str) -> None:
        if self._listener is not None:
            done = self._count - self._ahead.total()
            self._listener(Progress(cue=system, index=done, count=self._count, stage="measuring",
                                    fraction=0.0, left_s=self._left_s()))  # fmt: skip

    def _left_s(self) -> float | None:
        """None while anything lies ahead of which nothing has been timed."""
        ahead = {kind: clips for kind, clips in self._ahead.items() if clips}
        if not all(self._recent_s[kind] for kind in ahead):
            return None
        return sum(
            clips * sum(self._recent_s[kind]) / len(self._recent_s[kind])
            for kind, clips in ahead.items()
        )


def _kind(system: System) -> str:
    """What takes about the same time for each clip: music that is read, or one maker's."""
    return "read" if system.seconds is None else system.name.partition(":")[0]
