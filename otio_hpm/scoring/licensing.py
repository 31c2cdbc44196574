"""What a user should know of a model's licence before its music is used."""

from __future__ import annotations

from collections.abc import Iterator

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.licences import restriction


def licence_remarks(name: str, config: ModelConfig) -> Iterator[str]:
    """One sentence where the weights are not free for every use; nothing elsewhere."""
    if bound := restriction(config.licence):
        yield f"the weights of model {name} are bound by their licence, {bound}"
