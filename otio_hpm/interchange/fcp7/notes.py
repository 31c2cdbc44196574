"""Sentences of what was not understood: each once, and not without end."""

from __future__ import annotations

_MOST = 200


class Notes:
    """Collects sentences."""

    def __init__(self) -> None:
        self._said: dict[str, None] = {}
        self._unsaid = 0

    def add(self, sentence: str) -> None:
        """Say something, if it was not said before."""
        if sentence in self._said:
            return
        if len(self._said) < _MOST:
            self._said[sentence] = None
        else:
            self._unsaid += 1

    def sentences(self) -> tuple[str, ...]:
        """All of them, the last of which tells how many more there were."""
        more = (f"and {self._unsaid} more of the kind",) if self._unsaid else ()
        return (*self._said, *more)
