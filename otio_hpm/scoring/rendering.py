"""All cues of a plan, one after the other: one that fails costs none of the others."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from otio_hpm.errors import HpmError
from otio_hpm.files import make_folder
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.scoring.progress import Listener, reporter
from otio_hpm.scoring.render import Pipeline, render_cue
from otio_hpm.scoring.seeing import watcher_of
from otio_hpm.settings import Device, Precision

if TYPE_CHECKING:
    from otio_hpm.film.published.watching import Watcher

logger = logging.getLogger(__name__)

Loader = Callable[[str, Device], Pipeline]
"""Loads a model by name on a device."""


def load_pipeline(name: str, device: Device, precision: Precision = "auto") -> Pipeline:
    """The model that renders. Raises ModelError."""
    from otio_hpm.model.loading import load_model

    return load_model(name, device, precision)


def render_all(
    plan: ScorePlan, listener: Listener | None, load: Loader | None
) -> dict[str, HpmError]:
    """Render what is not there yet; the errors of the cues that failed, by cue number.

    Raises what loading the model does, and OutputError for the audio folder.
    """
    model = plan.settings.model
    load = load or functools.partial(load_pipeline, precision=model.precision)
    failed: dict[str, HpmError] = {}
    pipeline: Pipeline | None = None
    watcher: Watcher | None = None
    for index, planned in enumerate(plan.cues):
        report = reporter(listener, planned.cue.number, index, len(plan.cues))
        if planned.reuse:
            report("reuse", 1.0)
            continue
        if pipeline is None:
            report("model", 0.0)
            pipeline = load(model.model, model.device)
            watcher = watcher_of(plan)
            make_folder(plan.audio_folder)
        try:
            render_cue(planned, plan, pipeline, watcher, report)
        except Exception as error:  # one cue must not cost the editor the others
            failed[planned.cue.number] = _as_hpm_error(error, planned)
            report("failed", 1.0)
    return failed


def _as_hpm_error(error: Exception, planned: CuePlan) -> HpmError:
    """What a user is told of an error inside one cue; the unexpected goes to the log whole."""
    if isinstance(error, HpmError):
        return error
    logger.error("cue %s failed", planned.cue.number, exc_info=error)
    return HpmError(
        f"cue {planned.cue.number}: {type(error).__name__}: {error}",
        hint="This is a fault of otio-hpm; please report it with what `otio-hpm doctor` prints.",
    )
