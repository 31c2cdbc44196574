"""What an AAF cannot carry, gathered by kind."""

from __future__ import annotations

_NAMED = 5


class Losses:
    """Kinds of things that are lost, each with where it was."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, None]] = {}

    def add(self, what: str, where: str) -> None:
        """Something of the kind `what`, a clause in the plural, was lost at `where`."""
        self._found.setdefault(what, {})[where] = None

    def sentences(self) -> tuple[str, ...]:
        """One for each kind, naming the first places."""
        return tuple(f"{what}: {_listed(list(where))}" for what, where in self._found.items())


def _listed(where: list[str]) -> str:
    more = f" and {len(where) - _NAMED} more" if len(where) > _NAMED else ""
    return ", ".join(where[:_NAMED]) + more
