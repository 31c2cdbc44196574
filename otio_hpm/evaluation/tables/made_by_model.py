"""Music of a model, in any of the ways that a table compares."""

from __future__ import annotations

import dataclasses

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.tables.naming import Followed, Named
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.evaluation.tables.systems import System
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.pipeline import CueRequest
from otio_hpm.model.windows import plan_windows
from otio_hpm.settings import MusicSettings, Settings

SUBSET = 16
"""Clips that DITTO makes, which takes minutes for each: the first ones, the same for every row."""


def round_trip_system(bench: Bench, reference: Reference) -> System:
    """The truth through a model's autoencoder and vocoder: its ceiling."""
    return System(
        name="round-trip", says="the truth through autoencoder and vocoder, seeded by its number",
        sound=lambda index: bench.round_trip(reference.sound(index), index),
    )  # fmt: skip


def model_system(bench: Bench, asked: Named, style: Followed) -> System:
    """A model's music; `style` is followed where the name says none.

    Raises SettingsError for windows that the model has not, and for DITTO or an adapter where
    nothing is followed, and ModelError for an adapter of another model.
    """
    asked = dataclasses.replace(asked, style=asked.style or style)
    if asked.style == "none" and (asked.maker == "ditto" or asked.lora):
        raise SettingsError(
            f"{asked.name} has nothing to follow",
            hint=f"Say what: {asked.name}{',' if ':' in asked.name else ':'}style=maestro.",
        )
    if asked.lora is not None:
        Adapter.read(asked.lora).require_base(bench.pipeline.checksum)
    music = MusicSettings(**asked.music)
    plan = plan_windows(bench.config.window_samples, bench.config, music.window_s, music.overlap_s)

    def seconds(index: int) -> float:
        return bench.takes.seconds(request_of(bench, asked, index)) / len(plan.starts)

    return System(
        name=asked.name,
        says=_says(asked),
        sound=lambda index: bench.takes.take(request_of(bench, asked, index)),
        plan=plan,
        seconds=seconds,
        most=SUBSET if asked.maker == "ditto" else None,
    )


def request_of(bench: Bench, asked: Named, index: int) -> CueRequest:
    """What is asked of the model for one clip: evidence's own take where nothing differs."""
    style = asked.style or "none"
    alone = style in ("melody", "dynamics")
    request = bench.requests("maestro" if alone else style)[index]
    controls = request.controls
    if alone and controls is not None:
        controls = controls.followed(melody=style == "melody", dynamics=style == "dynamics")
    settings = Settings(model=bench.sampling).with_explicit({"model": dict(asked.model)}).model
    steps = settings.steps_for(followed=controls is not None)
    return dataclasses.replace(
        request,
        controls=controls,
        lora=asked.lora,
        model=dataclasses.replace(settings, steps=steps, followed_steps=None),
        music=MusicSettings(**asked.music),
    )


def _says(asked: Named) -> str:
    engine = "the base model by DITTO" if asked.maker == "ditto" else "the model"
    adapter = f", adapter {Adapter.read(asked.lora).digest()}" if asked.lora else ""
    return f"{engine}, --style {asked.style}{adapter}, each clip's number as seed"
