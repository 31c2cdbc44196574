"""What a running job tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is."""

    cue: str
    """Number of the cue at work; empty where the whole timeline is."""
    index: int
    """0-based position of that cue among those of this run."""
    count: int
    """Cues of this run."""
    stage: str
    """What is being done: media, model, frames, the stages of the model, write; reuse or failed."""
    fraction: float
    """Share of the stage that is done, 0 to 1."""
    left_s: float | None = None
    """About how many seconds the rest of the run takes, where that is known."""


Listener = Callable[[Progress], None]
"""Called as a job goes on, in its thread."""


def reporter(
    listener: Listener | None, cue: str, index: int, count: int
) -> Callable[[str, float], None]:
    """Tells a listener, if there is one, the stage of a cue and the share of it that is done."""

    def report(stage: str, fraction: float) -> None:
        if listener is not None:
            listener(Progress(cue=cue, index=index, count=count, stage=stage, fraction=fraction))

    return report
