"""What became of every tensor in a conversion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

State = Literal["kept", "copied", "computed", "changed shape", "new", "left out"]
"""`kept` exactly; `copied` exactly from VM-UNet for the branch; `computed` from a number of the
source; `changed shape` and so begun anew; `new` where the source has none; `left out` of it."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One tensor."""

    part: str
    """File of the model that it is in; empty where it was left out."""
    name: str
    """Its name there."""
    state: State
    shape: tuple[int, ...]
    """Its shape there; of what was left out, that of the source."""
    source: str
    """Its name in the source; empty where it is new."""


@dataclass(frozen=True, kw_only=True)
class Total:
    """How many tensors, and weights in them."""

    tensors: int
    weights: int


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """All tensors of source and model."""

    tensors: tuple[Covered, ...]

    def totals(self) -> Mapping[tuple[str, State], Total]:
        """Numbers by part and state."""
        found: dict[tuple[str, State], Total] = {}
        for tensor in self.tensors:
            key = tensor.part, tensor.state
            before = found.get(key, Total(tensors=0, weights=0))
            found[key] = Total(
                tensors=before.tensors + 1, weights=before.weights + prod(tensor.shape)
            )
        return found

    def lines(self) -> Iterator[str]:
        """The totals in words, a line each."""
        for (part, state), total in self.totals().items():
            of = part or "source"
            yield f"{of}: {total.tensors} tensors {state}, {total.weights / 1e6:.2f} M weights"
