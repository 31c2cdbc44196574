"""Which films train, validate and test: whole films, never clips of one in two of them."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.dataset.clip import Split
from otio_hpm.errors import SettingsError

PAPER_SHARE = Fraction(2895, 32_520)
"""Of all clips that validate, and that test (paper section 2)."""


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """Shares of films, drawn by a hash of their names: more films change no film's split."""

    validation: Fraction = PAPER_SHARE
    """Share of films that validate."""
    test: Fraction = PAPER_SHARE
    """Share of films that test; the rest trains."""
    seed: int = 0
    """Of the draw."""

    def __post_init__(self) -> None:
        if min(self.validation, self.test) < 0 or self.validation + self.test > 1:
            raise SettingsError(
                f"shares of {float(self.validation):g} for validation and {float(self.test):g} for"
                " test are not possible",
                hint="Both are 0 or more, and at most 1 together.",
            )

    def of(self, film: str) -> Split:
        """The split of a film; spelling in capitals or with more spaces is the same film."""
        words = f"{self.seed}/{film_key(film)}".encode()
        drawn = Fraction(int.from_bytes(hashlib.sha256(words).digest()[:8]), 1 << 64)
        if drawn < self.validation:
            return "validation"
        return "test" if drawn < self.validation + self.test else "train"


def film_key(film: str) -> str:
    """What makes two spellings of a title one film."""
    return " ".join(unicodedata.normalize("NFKC", film).casefold().split())
