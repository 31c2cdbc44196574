"""Sentences for people."""

from __future__ import annotations

import pytest

from otio_hpm.wording import listed


@pytest.mark.parametrize(
    "words, wanted",
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_as_in_a_sentence(words: list[str], wanted: str) -> None:
    assert listed(words) == wanted
