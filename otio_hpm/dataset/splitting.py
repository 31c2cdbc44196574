"""Which films train, validate and test: whole films, never clips of one in two of them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from otio_hpm.dataset.clip import SPLITS, Split
from otio_hpm.errors import SettingsError
from otio_hpm.wording import listed

PAPER_SHARE = Fraction(2895, 32_520)
"""Of all clips that validate, and that test (paper section 2)."""
_SEEDS = 2000
"""That are tried to find one by which few films fill all splits."""


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


def empty_splits(splitting: Splitting, films: Iterable[str]) -> str:
    """Which splits these films leave empty, and what would help, in words; "" if nothing is amiss.

    Two films are not asked to test, too. A split with a share of 0 is meant to be empty.
    """
    names = {film_key(film) for film in films}
    wanted = _wanted(splitting, len(names))
    empty = _empty(splitting, names, wanted)
    if not empty:
        return ""
    helps = _what_fills(splitting, names, wanted)
    return f"none of {len(names)} films is drawn for {listed(empty)}: {helps}"


def _what_fills(splitting: Splitting, names: set[str], wanted: list[Split]) -> str:
    if len(names) < len(wanted):
        return "more films are needed"
    for seed in range(_SEEDS):
        if not _empty(replace(splitting, seed=seed), names, wanted):
            return f"--seed {seed} draws some for {listed(wanted)}"
    return "larger shares are needed"


def _wanted(splitting: Splitting, films: int) -> list[Split]:
    """The splits that so many films should fill."""
    shares = {"validation": splitting.validation, "test": splitting.test}
    wanted = [split for split in SPLITS if shares.get(split, 1 - sum(shares.values())) > 0]
    return [split for split in wanted if split != "test"] if films == 2 else wanted


def _empty(splitting: Splitting, films: Iterable[str], wanted: list[Split]) -> list[Split]:
    drawn = {splitting.of(film) for film in films}
    return [split for split in wanted if split not in drawn]


def film_key(film: str) -> str:
    """What makes two spellings of a title one film."""
    return " ".join(unicodedata.normalize("NFKC", film).casefold().split())
