"""What a cue follows besides the film, and which parts of it."""

from __future__ import annotations

from typing import Literal

from otio_hpm.settings import ModelSettings
from otio_hpm.timeline.cue import Cue

Source = Literal["maestro", "sketch", "picture", "nothing"]
"""A maestro cue; a sketch that was given; one that is composed to the picture; the film alone."""


_DITTO_COST = 3
"""Samplings that one step of DITTO's optimiser costs: there, once more instead of being kept, and
back."""


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


def unfit_for_ditto(cue: Cue) -> str:
    """Why DITTO cannot make a cue; empty where it can."""
    if source_of(cue) == "nothing":
        return f"cue {cue.number} follows nothing, and DITTO needs something to follow"
    if cue.lora is not None:
        return f"cue {cue.number} has a house style, which needs S-Control, not DITTO"
    return ""


def paid_steps(cue: Cue, model: ModelSettings) -> int:
    """Solver steps that a cue costs, where DITTO takes all of its optimiser's."""
    steps = steps_of(cue, model)
    return steps * model.ditto_steps * _DITTO_COST if model.style_engine == "ditto" else steps


def steps_of(cue: Cue, model: ModelSettings) -> int:
    """Solver steps of a cue, which may be others where it follows something."""
    return model.steps_for(followed=source_of(cue) != "nothing")
