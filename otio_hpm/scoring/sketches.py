"""The sketch of a cue: read as it was given, or composed to the picture with what editors wish."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from otio_hpm.scoring.source import follows_dynamics, follows_melody, source_of
from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timing import SAMPLE_RATE, frames_to_samples

if TYPE_CHECKING:
    from otio_hpm.model.config import ModelConfig
    from otio_hpm.music.controls import Controls
    from otio_hpm.scoring.plan import CuePlan, ScorePlan
    from otio_hpm.sketch.compose import Wishes
    from otio_hpm.sketch.model import Sketch

_FPS = 10
_IN_WORDS = {
    "maestro": "it follows a maestro cue",
    "sketch": "it follows a sketch that was given",
    "nothing": "it follows the film alone",
}


def given_sketch(cue: Cue) -> Sketch | None:
    """The sketch that a cue was given, if it follows that. Raises SketchError."""
    from otio_hpm.sketch.files import read_sketch

    if cue.sketch is None or source_of(cue) != "sketch":
        return None
    return read_sketch(cue.sketch)


def remarks(cue: Cue, cut: Cut, given: Sketch | None) -> Iterator[str]:
    """What a user should know of a cue's sketch and wishes."""
    source = source_of(cue)
    unheard = {
        "HIT marks": source == "nothing" and cue.hits_frames,
        "levels that are drawn": source != "picture" and cue.levels,
        "the adapter": source == "nothing" and cue.lora is not None,
    }
    if wishes := " or ".join(name for name, is_so in unheard.items() if is_so):
        yield f"cue {cue.number}: {_IN_WORDS[source]}, so it takes no account of {wishes}"
    length = frames_to_samples(cue.end_frames - cue.start_frames, cut.rate)
    if given is not None and given.samples != length:
        what = "its end is cut" if given.samples > length else "the rest of the cue is free"
        yield (
            f"cue {cue.number}: the sketch {cue.sketch} lasts {given.samples / SAMPLE_RATE:.3f} s "
            f"and the cue {length / SAMPLE_RATE:.3f} s; it begins at the cue's in, and {what}"
        )


def sketch_of(planned: CuePlan, plan: ScorePlan, frames: NDArray[np.uint8]) -> Sketch | None:
    """The sketch that a cue follows, composed where none was given; None where it follows none.

    frames: picture of the cue with its handles, (N, 36, 64, 3) at 10 fps.
    """
    if source_of(planned.cue) != "picture":
        return planned.sketch
    from otio_hpm.sketch.compose import compose_sketch
    from otio_hpm.sketch.course import course_of

    course = course_of(_without_handles(planned, plan, frames))
    return compose_sketch(
        course, planned.cue_samples, planned.seed, wishes_of(planned.cue, plan.cut)
    )


def wishes_of(cue: Cue, cut: Cut) -> Wishes:
    """Hit points and drawn levels in samples from the cue's in, rounded once."""
    from otio_hpm.sketch.compose import Wishes
    from otio_hpm.sketch.model import DynamicsPoint

    return Wishes(
        hits_samples=hits_samples(cue, cut),
        levels=tuple(
            DynamicsPoint(at_samples=round(p.at_s * SAMPLE_RATE), level_db=float(p.level_db))
            for p in cue.levels
        ),
    )


def hits_samples(cue: Cue, cut: Cut) -> tuple[int, ...]:
    """Hit points in samples from the cue's in, rounded once."""
    return tuple(frames_to_samples(hit - cue.start_frames, cut.rate) for hit in cue.hits_frames)


def sketch_controls(planned: CuePlan, sketch: Sketch, config: ModelConfig) -> Controls:
    """What is followed of a sketch, over the cue without its handles."""
    from otio_hpm.sketch.following import controls_of_sketch

    frames = -(-config.own_samples(planned.cue_samples) // config.hop)
    controls = controls_of_sketch(sketch, config).placed(0, frames)
    return controls.followed(
        melody=follows_melody(planned.cue), dynamics=follows_dynamics(planned.cue)
    )


def _without_handles(
    planned: CuePlan, plan: ScorePlan, frames: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The frames of the cue alone, which handles must not change.

    Where the cue's in falls between two frames, the cue is read on a clock of its own.
    """
    from otio_hpm.film.frames import read_frames

    rate, cue = plan.cut.rate, planned.cue
    before = planned.head_frames * _FPS / rate
    if before.denominator > 1:
        return read_frames(planned.picture, cue.start_frames, cue.end_frames, rate)
    first = int(before)
    return frames[first : first - (-(cue.end_frames - cue.start_frames) * _FPS // rate)]
