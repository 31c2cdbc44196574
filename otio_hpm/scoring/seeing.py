"""What a model sees of a cue: small frames, and what published encoders say of each window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.frames import read_frames, sample_count
from otio_hpm.film.published.parts import film_parts
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import FILM_FPS
from otio_hpm.model.windows import first_pictures
from otio_hpm.scoring.film_parts import film_sizes, watches
from otio_hpm.settings import ModelSettings

if TYPE_CHECKING:
    from otio_hpm.film.published.watching import Watcher
    from otio_hpm.scoring.plan import CuePlan, ScorePlan


@dataclass(frozen=True, kw_only=True)
class CueSeen:
    """The picture of a cue with its handles."""

    frames: NDArray[np.uint8]
    """At 10 fps. (N, 36, 64, 3)"""
    descriptors: NDArray[np.float32] | None
    """What published encoders see of each window. (windows, seconds, size); None where the model
    measures the frames itself."""
    words: tuple[str, ...] = ()
    """What music each window asks for, in words; empty where the model sees the picture."""


def film_facts(settings: ModelSettings) -> dict[str, Any]:
    """What a sidecar tells of how the film was seen."""
    parts = film_parts(model_folder(settings.model))
    return {
        "by": {name: part.licence for name, part in parts.items()} or "measured descriptors",
        "without": settings.without,
    }


def watcher_of(plan: ScorePlan) -> Watcher | None:
    """The encoders of the plan's model; None where it measures the picture. Raises ModelError."""
    model = plan.settings.model
    folder = model_folder(model.model)
    if not watches(folder, plan.config, model.without):
        return None
    from otio_hpm.film.published.watching import Watcher
    from otio_hpm.model.precision import choose_device

    return Watcher(folder, film_sizes(plan.config), choose_device(model.device), model.without)


def see(
    planned: CuePlan, plan: ScorePlan, watcher: Watcher | None, report: Callable[[float], None]
) -> CueSeen:
    """Decode a cue's picture, once, and look at it. Raises MediaError."""
    where = (planned.picture, planned.start_frames, planned.end_frames, plan.cut.rate)
    if watcher is None:
        measured = read_frames(*where)
        return CueSeen(frames=measured, descriptors=None, words=_words(planned, plan, measured))
    from otio_hpm.film.published.view import View

    count = sample_count(*where[1:], FILM_FPS)
    frames = np.zeros((count, 36, 64, 3), np.uint8)
    rows, covered = [], 0
    starts = first_pictures(planned.windows, plan.config, count)
    for number, first in enumerate(starts):
        seen = watcher.look(
            View(
                picture=planned.picture, start_frames=planned.start_frames,
                end_frames=planned.end_frames, rate=plan.cut.rate, first=first,
                seconds=plan.config.film_seconds,
            )
        )  # fmt: skip
        covered = min(first + len(seen.frames), count)
        frames[first:covered] = seen.frames[: covered - first]
        rows.append(seen.stacked())
        report((number + 1) / len(starts))
    # A window of music may last a little longer than what is seen of it.
    frames[covered:] = read_frames(*where, samples=range(covered, count))
    return CueSeen(frames=frames, descriptors=np.stack(rows))


def _words(planned: CuePlan, plan: ScorePlan, frames: NDArray[np.uint8]) -> tuple[str, ...]:
    """Words for each window, where the model reads nothing else."""
    if plan.config.text is None:
        return ()
    from otio_hpm.sketch.words import words_of

    windows, latent_s = planned.windows, plan.config.latent_s
    spans = [(start * latent_s, (start + windows.window) * latent_s) for start in windows.starts]
    return words_of(frames, spans)
