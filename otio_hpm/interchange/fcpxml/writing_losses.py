"""What a written file could not carry, gathered by kind."""

from __future__ import annotations

_NAMED = 5
"""How many places one sentence names."""


class Losses:
    """Sentences for what is lost, each naming where."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}

    def note(self, kind: str, where: str = "") -> None:
        """One thing of a kind, which is a clause without its full stop, at a place in words."""
        places = self._places.setdefault(kind, {})
        if where:
            places[where] = None

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each kind, in the order in which they were met."""
        return tuple(f"{kind}{_listed(list(places))}." for kind, places in self._places.items())


def _listed(places: list[str]) -> str:
    if not places:
        return ""
    more = len(places) - _NAMED
    return ": " + ", ".join(places[:_NAMED]) + (f" and {more} more" if more > 0 else "")
