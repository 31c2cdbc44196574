"""What a written file could not carry, gathered by kind."""

from __future__ import annotations

_NAMED = 5
"""How many places one sentence names."""


class Losses:
    """Kinds of things that are lost, each with where it was."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}

    def add(self, kind: str, where: str = "") -> None:
        """One thing of a kind, which is a clause without its full stop, at a place in words."""
        places = self._places.setdefault(kind, {})
        if where:
            places[where] = None

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each kind, in the order in which they were met."""
        return tuple(f"{kind}{_listed(list(places))}" for kind, places in self._places.items())


def _listed(places: list[str]) -> str:
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return ": " + ", ".join(places[:_NAMED]) + more if places else ""
