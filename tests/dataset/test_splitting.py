"""Films are split whole, by name alone."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.dataset.clip import SPLITS
from otio_hpm.dataset.splitting import PAPER_SHARE, Splitting, empty_splits
from otio_hpm.errors import SettingsError

TITLES = st.text(min_size=1, max_size=40)
SHARES = st.fractions(0, Fraction(1, 2))


@given(TITLES, st.integers(), SHARES, SHARES)
def test_a_film_is_in_one_split_however_it_is_spelled(
    title: str, seed: int, validation: Fraction, test: Fraction
) -> None:
    splitting = Splitting(validation=validation, test=test, seed=seed)
    split = splitting.of(title)
    assert split in SPLITS
    assert splitting.of(f"  {title}\t") == split
    assert Splitting(validation=validation, test=test, seed=seed).of(title) == split


@given(st.lists(TITLES, min_size=1, unique=True), TITLES)
def test_more_films_change_no_split(titles: list[str], new: str) -> None:
    before = {title: Splitting().of(title) for title in titles}
    after = {title: Splitting().of(title) for title in [new, *titles]}
    assert all(after[title] == split for title, split in before.items())


@given(TITLES, SHARES)
def test_a_larger_share_keeps_what_it_had(title: str, share: Fraction) -> None:
    """What validates with a share still does with a larger one."""
    if Splitting(validation=share, test=Fraction(0)).of(title) == "validation":
        assert Splitting(validation=Fraction(1, 2), test=Fraction(0)).of(title) == "validation"


def test_shares_are_those_of_the_paper() -> None:
    films = Counter(Splitting(seed=3).of(f"film {number}") for number in range(20_000))
    assert films["validation"] / 20_000 == pytest.approx(float(PAPER_SHARE), abs=0.01)
    assert films["test"] / 20_000 == pytest.approx(float(PAPER_SHARE), abs=0.01)
    assert Splitting(seed=1).of("film 1") == "train"
    assert {Splitting(seed=seed).of("film 1") for seed in range(50)} == set(SPLITS)


@pytest.mark.parametrize("shares", [(-1, 0), (0, 2), (Fraction(2, 3), Fraction(2, 3))])
def test_shares_that_are_none_are_refused(shares: tuple[Fraction, Fraction]) -> None:
    with pytest.raises(SettingsError, match="are not possible"):
        Splitting(validation=Fraction(shares[0]), test=Fraction(shares[1]))


@pytest.mark.parametrize("count", range(2, 12))
def test_few_films_are_told_of_a_seed_by_which_each_split_has_some(count: int) -> None:
    films = [f"film {number}" for number in range(count)]
    told = empty_splits(Splitting(seed=1), films)
    assert told.startswith(f"none of {count} films is drawn for ")
    seed = int(re.search(r"--seed (\d+)", told)[1])  # type: ignore[index]
    better = Splitting(seed=seed)
    assert {better.of(film) for film in films} >= {"train", "validation"}
    assert empty_splits(better, films) == ""
    assert ("test" in {better.of(film) for film in films}) or count == 2


def test_splits_that_are_meant_to_be_empty_are_no_fault() -> None:
    films = [f"film {number}" for number in range(40)]
    assert empty_splits(Splitting(validation=Fraction(0), test=Fraction(1)), films) == ""
    assert empty_splits(Splitting(), films) == ""
    assert empty_splits(Splitting(), ["film", " FILM "]).endswith(
        "of 1 films is drawn for validation and test: more films are needed"
    )
    small = Splitting(validation=Fraction(1, 10**9), test=Fraction(0))
    assert empty_splits(small, films).endswith("for validation: larger shares are needed")
