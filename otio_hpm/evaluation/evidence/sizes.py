"""How much of everything is generated for the evidence."""

from __future__ import annotations

from dataclasses import dataclass

LONG_WINDOWS = 7
"""Windows of a long cue: six joins."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is generated; everything shrinks with the number of cues."""

    cues: int = 64
    """Held-out composed cues; 64 is the full evidence."""

    @property
    def alone(self) -> int:
        """Cues on which each control is followed alone."""
        return max(2, self.cues // 4)

    @property
    def rungs(self) -> int:
        """Cues on each rung of the ladder."""
        return max(2, self.cues // 2)

    @property
    def footage(self) -> int:
        """Windows of real footage."""
        return max(4, self.cues * 3 // 4)

    @property
    def excerpts(self) -> int:
        """Excerpts of each recording, at most."""
        return max(1, self.cues // 16)

    @property
    def long(self) -> int:
        """Long cues, of LONG_WINDOWS windows each."""
        return max(1, -(-self.cues * 17 // 64))

    @property
    def other_steps(self) -> int:
        """Cues that are sampled in other numbers of steps."""
        return max(2, self.cues // 4)

    @property
    def known(self) -> int:
        """Training windows among which neighbours are looked for."""
        return self.cues * 2
