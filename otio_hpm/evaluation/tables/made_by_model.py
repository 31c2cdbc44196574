"""Music of a model, in any of the ways that a table compares."""

from __future__ import annotations

import dataclasses

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.generator import Generator
from otio_hpm.evaluation.tables.naming import Followed, Named
from otio_hpm.evaluation.tables.systems import System
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import WindowPlan, plan_windows
from otio_hpm.settings import MusicSettings, Settings

SUBSET = 16
"""Clips that DITTO makes, which takes minutes for each: the first ones, the same for every row."""


def round_trip_system(generator: Generator) -> System:
    """The truth through a model's autoencoder and vocoder: its ceiling."""
    return System(
        name="round-trip", says="the truth through autoencoder and vocoder, seeded by its number",
        sound=generator.round_trip,
    )  # fmt: skip


def model_system(generator: Generator, asked: Named, style: Followed) -> System:
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
        Adapter.read(asked.lora).require_base(generator.checksum)
    music = MusicSettings(**asked.music)

    def plan(samples: int) -> WindowPlan:
        return plan_windows(samples, generator.config, music.window_s, music.overlap_s)

    plan(generator.config.window_samples)  # raises now where it would later

    def sound(index: int) -> Sound | None:
        request = request_of(generator, asked, index)
        return None if request is None else generator.takes.take(request)

    def seconds(index: int) -> float:
        request = request_of(generator, asked, index)
        if request is None:
            return float("nan")
        return generator.takes.seconds(request) / len(plan(request.samples).starts)

    return System(
        name=asked.name,
        says=_says(asked),
        sound=sound,
        plan=plan,
        seconds=seconds,
        most=SUBSET if asked.maker == "ditto" else None,
    )


def request_of(generator: Generator, asked: Named, index: int) -> CueRequest | None:
    """What is asked of the model for one clip; None where it cannot make it."""
    style = asked.style or "none"
    alone = style in ("melody", "dynamics")
    request = generator.request(index, "maestro" if alone else style, MusicSettings(**asked.music))
    if request is None:
        return None
    controls = request.controls
    if alone and controls is not None:
        controls = controls.followed(melody=style == "melody", dynamics=style == "dynamics")
    settings = Settings(model=generator.sampling).with_explicit({"model": dict(asked.model)}).model
    steps = settings.steps_for(followed=controls is not None)
    return dataclasses.replace(
        request,
        controls=controls,
        lora=asked.lora,
        model=dataclasses.replace(settings, steps=steps, followed_steps=None),
    )


def _says(asked: Named) -> str:
    engine = "the base model by DITTO" if asked.maker == "ditto" else "the model"
    adapter = f", adapter {Adapter.read(asked.lora).digest()}" if asked.lora else ""
    return f"{engine}, --style {asked.style}{adapter}, each clip's number as seed"
