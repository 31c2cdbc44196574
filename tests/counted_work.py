"""How much work is done, counted: the same on every machine, whatever else it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WALKS = frozenset({
    "range_in_parent", "trimmed_range_in_parent", "range_of_child", "range_of_child_at_index",
    "trimmed_range_of_child", "trimmed_range_of_child_at_index", "range_of_all_children",
    "transformed_time", "transformed_time_range", "child_at_time", "children_in_range",
})  # fmt: skip
"""What OpenTimelineIO answers by walking over the other items of a track."""


@dataclass(frozen=True)
class Work:
    lines: int
    """Lines of Python that were run."""
    walks: int
    """Calls by which OpenTimelineIO walked over a track."""


def work_of(done: Callable[[], object]) -> Work:
    """The work in what is done."""
    lines = walks = 0

    def line(*_: object) -> Any:
        nonlocal lines
        lines += 1
        return line

    def call(_: object, event: str, function: Any) -> None:
        nonlocal walks
        walks += event == "c_call" and function.__name__ in WALKS

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call)
    try:
        done()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return Work(lines, walks)
