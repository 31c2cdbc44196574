"""One cue from picture to a finished take."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import OutputError
from otio_hpm.files import publish, temporary_for, write_text
from otio_hpm.music.broadcast_wave import write_broadcast_wave
from otio_hpm.music.levelling import Levelled, level
from otio_hpm.music.resampling import delivered
from otio_hpm.scoring import names, sketch_files
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.scoring.seeing import CueSeen, see
from otio_hpm.scoring.sidecar import clock_facts, sidecar_text
from otio_hpm.scoring.sketches import hits_samples, sketch_controls, sketch_of
from otio_hpm.scoring.source import follows_dynamics, follows_melody, source_of, steps_of
from otio_hpm.scoring.take_facts import take_facts
from otio_hpm.timing import SAMPLE_RATE

if TYPE_CHECKING:
    from otio_hpm.film.published.watching import Watcher
    from otio_hpm.model.config import ModelConfig
    from otio_hpm.model.request import CueRequest
    from otio_hpm.music.controls import Controls
    from otio_hpm.sketch.model import Sketch

Report = Callable[[str, float], None]
"""Takes a stage and the share of it that is done."""


class Pipeline(Protocol):
    """What renders: `otio_hpm.model.pipeline.HpmPipeline`, or a stand-in for tests."""

    def generate(self, request: CueRequest, progress: Report) -> NDArray[np.float32]:
        """Music of `request.samples` samples, mono, at the model's rate."""


def render_cue(
    planned: CuePlan, plan: ScorePlan, pipeline: Pipeline, watcher: Watcher | None, report: Report
) -> None:
    """Render one cue and write its take; raises the HpmError of whatever goes wrong."""
    report("frames", 0.0)
    seen = see(planned, plan, watcher, lambda share: report("frames", share))
    sketch = sketch_of(planned, plan, seen.frames)
    report("frames", 1.0)
    own = pipeline.generate(_request(planned, plan, seen, sketch), report)
    mono = delivered(own, plan.config.sample_rate, planned.samples)
    report("write", 0.0)
    write_take(planned, plan, finish(mono, planned, plan), sketch, seen.words)
    report("write", 1.0)


def finish(mono: NDArray[np.float32], planned: CuePlan, plan: ScorePlan) -> Levelled:
    """Length, ends, level and channels as delivered, from mono (samples,) at 48 kHz."""
    from otio_hpm.music.stitching import declick, fade

    if mono.shape != (planned.samples,):
        raise ValueError(f"the model gave {mono.shape} samples instead of {planned.samples}")
    options = planned.cue.options
    if plan.settings.music.bake_fades:
        lengths = (round(s * SAMPLE_RATE) for s in (options.fade_in_s, options.fade_out_s))
        mono = fade(mono, *lengths)
    stereo = np.tile(declick(mono), (2, 1))
    part = slice(planned.head_samples, planned.head_samples + planned.cue_samples)
    target_lufs = float(options.loudness_lufs + options.gain_db)
    return level(stereo, target_lufs, part)


def write_take(
    planned: CuePlan, plan: ScorePlan, levelled: Levelled, sketch: Sketch | None,
    words: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Write audio, sidecar and sketch; `words` are those that each window was made from, if any.

    The audio gets its name last, so that it is there only when done; the sidecar first, so that
    it tells whose the sketch is.
    """
    temporary = temporary_for(planned.wav)
    temporary.unlink(missing_ok=True)
    digest = write_broadcast_wave(
        temporary,
        levelled.audio,
        time_reference_samples=planned.time_reference_samples,
        rate=plan.cut.rate,
        drop_frame=plan.cut.drop_frame,
        description=_description(planned, plan),
        name=planned.wav.name,
        loudness=levelled.loudness,
    )
    sketches = sketch_files.contents_of(sketch, planned.wav)
    told = sketch_files.digests(sketches)
    text = sidecar_text(take_facts(planned, plan, levelled, digest, told, words))
    try:
        _require_free(planned.wav)
        sketch_files.require_free(sketches)
        write_text(planned.sidecar, text, overwrite=True)
        sketch_files.write_sketch(sketches)
        publish(temporary, planned.wav)
    finally:
        temporary.unlink(missing_ok=True)


def _require_free(wav: Path) -> None:
    """Raise OutputError for a take that another run has finished: its sidecar must stay."""
    if wav.exists():
        raise OutputError(
            f"{wav} was written by another run meanwhile",
            hint="Run this again when that run has ended; what it has rendered is reused.",
        )


def clear_leftovers(plan: ScorePlan) -> None:
    """Remove what a killed run left of the cues at hand, and of nothing else."""
    files = names.files_in(plan.audio_folder)
    for cue in (planned.cue for planned in plan.cues):
        for leftover in names.leftovers_among(files, names.stem(cue.reel, cue.number)):
            leftover.unlink(missing_ok=True)


def _request(
    planned: CuePlan, plan: ScorePlan, seen: CueSeen, sketch: Sketch | None
) -> CueRequest:
    from otio_hpm.model.request import CueRequest

    options, config = planned.cue.options, plan.config
    return CueRequest(
        samples=config.own_samples(planned.samples),
        frames=seen.frames,
        descriptors=seen.descriptors,
        words=seen.words,
        controls=_controls(planned, plan, sketch),
        controls_start_samples=config.own_samples(planned.head_samples),
        lora=planned.cue.lora,
        strength=float(options.strength),
        seed=planned.seed,
        model=dataclasses.replace(
            plan.settings.model, steps=steps_of(planned.cue, plan.settings.model)
        ),
        music=plan.settings.music,
    )


def _controls(planned: CuePlan, plan: ScorePlan, sketch: Sketch | None) -> Controls | None:
    """What is followed of sketch or maestro cue, if any, and hit points, without handles."""
    controls = _followed(planned, plan.config, sketch)
    hits = hits_samples(planned.cue, plan.cut)
    return controls and controls.with_hits(hits, plan.config)


def _followed(planned: CuePlan, config: ModelConfig, sketch: Sketch | None) -> Controls | None:
    from otio_hpm.music.controls import controls_of, fitted, read_maestro

    if sketch is not None:
        return sketch_controls(planned, sketch, config)
    reference = planned.cue.maestro
    if reference is None or source_of(planned.cue) != "maestro":
        return None
    rate = config.sample_rate
    sound = fitted(read_maestro(reference, rate), config.own_samples(planned.cue_samples), rate)
    return controls_of(sound, config).followed(
        melody=follows_melody(planned.cue), dynamics=follows_dynamics(planned.cue)
    )


def _description(planned: CuePlan, plan: ScorePlan) -> str:
    clock = clock_facts(plan.cut, planned.cue.start_frames, planned.cue.end_frames)
    return f"Cue {planned.cue.number}, take {planned.take}, {clock['in']} - {clock['out']}"
