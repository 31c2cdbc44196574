"""Loads the networks' published weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from torch import Tensor, nn

from otio_hpm.errors import ModelError
from otio_hpm.files import sha256_of
from otio_hpm.film.published.weights import read_weights, weights_file

State = Mapping[str, Tensor]
Network = TypeVar("Network", bound=nn.Module)


def load_network(
    name: str, source: Path, made: Callable[[State], Network], without: tuple[str, ...] = ()
) -> Network:
    """A network with the weights of a file, or of the only one in a folder, for inference.

    `made` makes the empty network that a state dict is for; what begins with one of `without` is
    not read. Raises ModelError for a file that is not there, not safe to read, or not of this
    network.
    """
    path = weights_file(source)
    state = {k: v for k, v in read_weights(path).items() if not k.startswith(without)}
    try:
        network = made(state)
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"{path} does not hold the weights of {name}: {str(error).splitlines()[0]}",
            hint="The names and shapes that its authors published are expected.",
        ) from error
    return network.eval().requires_grad_(False)


def weights_checksum(source: Path) -> str:
    """SHA-256 of a file of weights, to tell beside every figure. Raises ModelError without one."""
    return sha256_of(weights_file(source))
