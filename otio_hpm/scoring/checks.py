"""Everything that can be known to be wrong before the model loads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from otio_hpm.errors import OutputError, SettingsError
from otio_hpm.files import check_room
from otio_hpm.film.frames import check_decodable
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.music.broadcast_wave import BYTES_PER_SAMPLE, check_size
from otio_hpm.scoring.film_parts import watches
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.scoring.sidecar import computing_facts
from otio_hpm.scoring.source import source_of, unfit_for_ditto
from otio_hpm.settings import Settings
from otio_hpm.timeline.mark_values import LONGEST_S

_CHANNELS = 2
_BESIDES_AUDIO = 4 << 20
"""Sidecars, sketches and headers, generously."""


def check_settings(settings: Settings) -> None:
    """Raise SettingsError for values that mean nothing, alone or together."""
    music, model = settings.music, settings.model
    lengths = (
        ("handles last", music.handles_s),
        ("the fade in lasts", music.fade_in_s),
        ("the fade out lasts", music.fade_out_s),
    )
    rules = (
        (0 <= music.strength <= 1, f"strength is {music.strength}, and goes from 0 to 1"),
        (-70 < music.loudness_lufs <= 0, f"{music.loudness_lufs} LUFS is no loudness target"),
        *(
            (steps is None or steps >= 1, f"{steps} steps are no sampling")
            for steps in (model.steps, model.followed_steps)
        ),
        (model.ditto_steps >= 1, f"{model.ditto_steps} steps of DITTO are none"),
        (
            (model.style_engine, model.precision) != ("ditto", "fp16"),
            "DITTO's gradients vanish in fp16: let precision be bf16 or float32",
        ),
        (0 <= model.guidance < math.inf, f"guidance is {model.guidance}, and must be from 0 on"),
        *(
            (0 <= s <= LONGEST_S, f"{words} {float(s):g} s, and may last 0 to {LONGEST_S} s")
            for words, s in lengths
        ),
    )
    for holds, reason in rules:
        if not holds:
            raise SettingsError(reason, hint="`otio-hpm score --help` lists the settings.")
    _check_expression(settings.spotting.mark)


def check_plan(plan: ScorePlan) -> None:
    """Raise the first reason why rendering what is planned would fail.

    OutputError for a folder that is unwritable or too full and a cue that no WAV file can hold,
    SettingsError for a cue that DITTO cannot make, MediaError for picture that does not decode,
    MaestroError for a reference that is silent or not audio, ModelError for a device that is not
    there and an adapter of another model.
    """
    if plan.settings.model.style_engine == "ditto":
        _check_ditto(plan)
    for planned in plan.to_render:
        check_size(planned.wav, _CHANNELS, planned.samples)
    for folder in {output.absolute().parent for output in plan.outputs}:
        check_room(folder, _needed_bytes(plan))
    if plan.audio_folder.exists():
        if not plan.audio_folder.is_dir():
            raise OutputError(
                f"{plan.audio_folder} is a file, and the audio goes into a folder of that name",
                hint="Move it away, or choose another output.",
            )
        check_room(plan.audio_folder, _needed_bytes(plan))
    for planned in plan.to_render:
        check_decodable(planned.picture, plan.cut.rate)
    _check_maestros(plan.to_render)
    for folder in {p.cue.lora for p in plan.to_render if p.cue.lora is not None}:
        Adapter.read(folder).require_base(plan.model_checksum)
    if plan.to_render:
        model = plan.settings.model
        computing_facts(model)  # raises where device or precision is not there
        watches(model_folder(model.model), plan.config, model.without)


def _check_ditto(plan: ScorePlan) -> None:
    for reason in filter(None, (unfit_for_ditto(planned.cue) for planned in plan.cues)):
        raise SettingsError(
            reason, hint="Choose other cues with --only, or leave --style-engine ditto out."
        )


def _needed_bytes(plan: ScorePlan) -> int:
    samples = sum(planned.samples for planned in plan.to_render)
    timeline, files = plan.cut.path.stat().st_size, 2 * len(plan.outputs)
    return samples * _CHANNELS * BYTES_PER_SAMPLE + files * timeline + _BESIDES_AUDIO


def _check_maestros(cues: Iterable[CuePlan]) -> None:
    from otio_hpm.music.controls import read_maestro

    references = {p.cue.maestro: None for p in cues if source_of(p.cue) == "maestro"}
    for reference in references:
        if reference is not None:
            read_maestro(reference)


def _check_expression(mark: str | None) -> None:
    try:
        re.compile(mark or "")
    except re.error as error:
        raise SettingsError(
            f"--mark {mark!r} is not a regular expression: {error}",
            hint="Put a backslash before ( [ * + ? . where they are meant literally.",
        ) from error
