"""How long a comparison takes is told from what its clips took."""

from __future__ import annotations

import numpy as np

from otio_hpm.evaluation.tables.systems import System
from otio_hpm.evaluation.tables.telling import Telling
from otio_hpm.scoring.progress import Progress


def system(name: str, *, made: bool = False) -> System:
    return System(name=name, says="", sound=lambda index: np.zeros(1, np.float32),
                  seconds=(lambda index: 1.0) if made else None)  # fmt: skip


def test_what_is_left_is_known_once_every_kind_was_timed() -> None:
    read, first, second = system("truth"), system("hpm", made=True), system("hpm:x=1", made=True)
    told: list[Progress] = []
    now = [0.0]
    telling = Telling(told.append, [(read, 2), (first, 2), (second, 2)], clock=lambda: now[0])
    for one, seconds in ((read, 1.0), (first, 10.0), (second, 10.0)):
        hear = telling.of(one)
        for clip in range(2):
            hear(clip)
            now[0] += seconds
    assert [(t.cue, t.index, t.count) for t in told] == [
        ("truth", 0, 6), ("truth", 1, 6), ("hpm", 2, 6), ("hpm", 3, 6), ("hpm:x=1", 4, 6),
        ("hpm:x=1", 5, 6),
    ]  # fmt: skip
    # A maker's music is alike in all its systems; that of others tells nothing of it.
    assert [t.left_s for t in told] == [None, None, None, 30.0, 20.0, 10.0]


def test_what_was_kept_from_before_does_not_promise_too_much_for_long() -> None:
    told: list[Progress] = []
    now = [0.0]
    hear = Telling(told.append, [(system("hpm", made=True), 40)], clock=lambda: now[0]).of(
        system("hpm", made=True)
    )
    for clip in range(40):
        hear(clip)
        now[0] += 0.0 if clip < 20 else 5.0
    assert told[20].left_s == 0.0
    assert told[28].left_s == 60.0
