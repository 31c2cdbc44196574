"""What a cue follows besides the film, and which parts of it."""

from __future__ import annotations

from typing import Literal

from otio_hpm.settings import ModelSettings
from otio_hpm.timeline.cue import Cue

Source = Literal["maestro", "sketch", "picture", "nothing"]
"""A maestro cue; a sketch that was given; one that is composed to the picture; the film alone."""


def source_of(cue: Cue) -> Source:
    """What decides melody and dynamics of a cue.

    `auto` is the sketch given, else the maestro cue, else a sketch composed to the picture. The
    styles that name parts mean parts of the maestro cue, else of the sketch given.
    """
    style = cue.options.style
    if style == "none" or cue.options.strength == 0:
        return "nothing"
    if cue.maestro is not None and (style != "auto" or cue.sketch is None):
        return "maestro"
    if cue.sketch is not None:
        return "sketch"
    return "picture" if style == "auto" else "nothing"


def follows_melody(cue: Cue) -> bool:
    """Whether the melody is among what is followed."""
    return cue.options.style in ("auto", "both", "melody")


def follows_dynamics(cue: Cue) -> bool:
    """Whether the dynamics are among what is followed."""
    return cue.options.style in ("auto", "both", "dynamics")


def steps_of(cue: Cue, model: ModelSettings) -> int:
    """Solver steps of a cue, which may be others where it follows something."""
    return model.steps_for(followed=source_of(cue) != "nothing")
