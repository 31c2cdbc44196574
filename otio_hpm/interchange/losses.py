"""What a written file could not carry, gathered by kind."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5
"""How many places a short sentence names."""


class Loss(str):
    """A sentence that names every place at which a kind of thing is lost."""

    short: str
    """The same for a terminal or a log: it names the first places, and counts the others."""

    def __new__(cls, words: str, short: str = "") -> Loss:
        """The sentence `words`; without `short` it is short enough."""
        loss = super().__new__(cls, words)
        loss.short = short or words
        return loss


def short(sentence: str) -> str:
    """A sentence as short as it can be."""
    return sentence.short if isinstance(sentence, Loss) else sentence


class Losses:
    """Kinds of things that are lost, each with where it was."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}

    def add(self, kind: str, where: str = "") -> None:
        """One thing of a kind, which is a clause without its full stop, at a place in words."""
        places = self._places.setdefault(kind, {})
        if where:
            places[where] = None

    def sentences(self) -> tuple[Loss, ...]:
        """One sentence for each kind, in the order in which they were met."""
        return tuple(_loss(kind, list(places)) for kind, places in self._places.items())


def _loss(kind: str, places: Sequence[str]) -> Loss:
    if not places:
        return Loss(kind)
    rest = len(places) - _NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return Loss(f"{kind}: {', '.join(places)}", f"{kind}: {', '.join(places[:_NAMED])}{more}")
