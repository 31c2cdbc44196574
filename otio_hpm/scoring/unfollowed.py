"""What a cue follows, where its model can follow nothing."""

from __future__ import annotations

import dataclasses

from otio_hpm.model.config import ModelConfig
from otio_hpm.timeline.cue import Cue, CueSheet


def as_followed(sheet: CueSheet, model: str, config: ModelConfig) -> CueSheet:
    """The cues as a model follows them, and a warning where that is not what was asked.

    A model that is told of the film in words has no branch for melody and dynamics.
    """
    if config.text is None:
        return sheet
    asked = any(cue.options.style not in ("auto", "none") for cue in sheet.cues)
    why = f"{model} is told of the film in words and follows nothing else"
    warning = f"{why}: no sketch is composed, and " + (
        "style, maestro cues and sketches that were asked for are left out"
        if asked
        else "every cue has style none"
    )
    cues = tuple(_free(cue) for cue in sheet.cues)
    return dataclasses.replace(sheet, cues=cues, warnings=(*sheet.warnings, warning))


def _free(cue: Cue) -> Cue:
    options = dataclasses.replace(cue.options, style="none")
    return dataclasses.replace(cue, options=options)
