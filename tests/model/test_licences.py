from __future__ import annotations

import pytest

from otio_hpm.model.licences import UNSTATED, joined, restriction, terms


@pytest.mark.parametrize("free", ["Apache-2.0", "MIT AND Apache-2.0"])
def test_free_weights_are_bound_by_nothing(free: str) -> None:
    assert restriction(free) == ""


def test_non_commercial_and_unstated_licences_are_told() -> None:
    mixed = joined("CC-BY-NC-SA-4.0", "MIT", UNSTATED)
    assert "non-commercial" in restriction(mixed)
    assert "ask their authors" in restriction(mixed)
    assert "MIT" not in restriction(mixed)


def test_each_licence_is_named_once() -> None:
    assert joined("MIT AND Apache-2.0", "MIT") == "MIT AND Apache-2.0"


def test_an_unknown_licence_is_named_as_it_is() -> None:
    assert terms("EUPL-1.2") == "EUPL-1.2"
