"""The published encoders, loaded: frames of a view -> features."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from otio_hpm.errors import ModelError
from otio_hpm.film.published.clip import Clip, clip_input
from otio_hpm.film.published.cten import Cten, CtenShape, cten_input
from otio_hpm.film.published.parts import FilmPart
from otio_hpm.film.published.resampling import Pixels
from otio_hpm.film.published.tavar import Impressions, Tavar, TavarShape, tavar_input
from otio_hpm.film.published.view import FINE_FPS, FPS

Floats = NDArray[np.float32]

_COUNTERS = "num_batches_tracked"
"""Batch normalisations count their training batches, which older files leave out."""


class FilmEncoder:
    """One encoder of a model folder, ready to look."""

    def __init__(self, part: FilmPart, tensors: Mapping[str, Tensor], device: str) -> None:
        self.part = part
        self.device = device
        self.network = network_of(part.encoder, tensors, part.options)
        self.network.to(device)

    @classmethod
    def load(cls, folder: Path, part: FilmPart, device: str) -> FilmEncoder:
        """From a model folder. Raises ModelError naming the file where it does not fit."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = folder / part.file
        try:
            return cls(part, load_file(path), device)
        except (OSError, SafetensorError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"model file {path} is no {part.encoder} encoder: {error}",
                hint="Add the encoder again with `otio-hpm film convert`.",
            ) from error

    @torch.no_grad()
    def look(self, frames: Pixels) -> Floats:
        """What it sees in a view's frames at 30 per second.

        CLIP: means of each second (seconds, 512). TAVAR: the view's score and each second's
        attributes (seconds, 7). CTEN: probabilities of the classes (8,).
        """
        found = _LOOKS[self.part.encoder](self, frames)
        return np.asarray(found.float().cpu().numpy(), np.float32)

    def _semantic(self, frames: Pixels) -> Tensor:
        seen = clip_input(frames[:: FINE_FPS // FPS], self.network.side)
        each: Tensor = self.network(seen.to(self.device))
        return each.reshape(-1, FPS, each.shape[1]).mean(dim=1)

    def _aesthetic(self, frames: Pixels) -> Tensor:
        images = tavar_input(frames[::FINE_FPS], self.part.options["crop"]).to(self.device)
        seen: Impressions = self.network.impressions(images)
        score: Tensor = self.network.score(seen)
        return torch.cat([score.expand(len(images), 1), seen.attributes], dim=1)

    def _emotion(self, frames: Pixels) -> Tensor:
        snippets = cten_input(frames, self.network.shape.segments).to(self.device)
        logits: Tensor = self.network(snippets)
        return logits[0].softmax(dim=-1)


_LOOKS: Mapping[str, Any] = {
    "clip": FilmEncoder._semantic,
    "tavar": FilmEncoder._aesthetic,
    "cten": FilmEncoder._emotion,
}


def network_of(encoder: str, tensors: Mapping[str, Tensor], options: Mapping[str, Any]) -> Any:
    """The network that a state dict is of, filled and ready to be used.

    Raises KeyError and RuntimeError where the tensors are not those of such a network.
    """
    shapes = {name: tuple(value.shape) for name, value in tensors.items()}
    network: nn.Module
    if encoder == "clip":
        network = Clip(options["vision"])
    elif encoder == "tavar":
        network = Tavar(TavarShape.of(shapes))
    else:
        network = Cten(CtenShape.of(shapes))
    _fill(network, tensors)
    return network.eval().requires_grad_(False)


def _fill(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    weights = {name: t for name, t in tensors.items() if not name.endswith(_COUNTERS)}
    missing, unexpected = network.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith(_COUNTERS)]
    if missing or unexpected:
        told = f"missing {missing[:3] or 'nothing'}, unknown {unexpected[:3] or 'nothing'}"
        raise RuntimeError(told)
