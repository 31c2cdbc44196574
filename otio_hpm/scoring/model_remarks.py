"""What a user should know of a model, and of adapters, before music is made with them, and used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from otio_hpm.errors import ModelError
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.licences import restriction
from otio_hpm.scoring.film_parts import watches
from otio_hpm.settings import ModelSettings
from otio_hpm.timeline.cue import Cue


def model_remarks(name: str, config: ModelConfig) -> Iterator[str]:
    """A sentence each for weights that are not free for every use, or that no film has taught."""
    if bound := restriction(config.licence):
        yield f"the weights of model {name} are bound by their licence, {bound}"
    if not config.film_trained and config.text is None:
        yield (
            f"model {name} has not been trained on film, so that the picture tells it nothing: "
            "train it with `otio-hpm train base`"
        )


def encoder_remarks(settings: ModelSettings, config: ModelConfig) -> Iterator[str]:
    """A sentence where film encoders that scoring will need are missing or were not made for it."""
    try:
        watches(model_folder(settings.model), config, settings.without)
    except ModelError as error:
        yield f"nothing can be scored yet: {error.message}; {error.hint}"


def unfit_adapters(cues: Iterable[Cue], model: str) -> dict[Path, str]:
    """Why a model cannot follow with adapters that cues name, by folder; of those alone."""
    folders = {cue.lora for cue in cues if cue.lora is not None}
    if not folders:
        return {}
    base = checksum(model_folder(model))
    reasons = {}
    for folder in folders:
        try:
            Adapter.read(folder).require_base(base)
        except ModelError as error:
            reasons[folder] = error.message
    return reasons
