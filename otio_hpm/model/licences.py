"""Licences of weights, named as SPDX licence expressions, and what they mean for a user."""

from __future__ import annotations

UNSTATED = "LicenseRef-unstated"
"""Weights whose authors state no licence."""

_TERMS = {
    "CC-BY-NC-SA-4.0": "for non-commercial use, with attribution, shared alike "
    "(creativecommons.org/licenses/by-nc-sa/4.0)",
    UNSTATED: "no licence is stated: ask their authors before any use",
    "Apache-2.0": "commercial use allowed",
    "MIT": "commercial use allowed",
}


def joined(*expressions: str) -> str:
    """One expression for a work that has parts under each of these, every licence once."""
    parts = (part for expression in expressions for part in parts_of(expression))
    return " AND ".join(dict.fromkeys(parts))


def parts_of(expression: str) -> tuple[str, ...]:
    """The licences that an expression joins by AND."""
    return tuple(expression.split(" AND "))


def terms(expression: str) -> str:
    """What each licence of an expression means, in words."""
    return "; ".join(
        f"{part}: {_TERMS[part]}" if part in _TERMS else part for part in parts_of(expression)
    )


def restriction(expression: str) -> str:
    """What keeps music of these weights from free use, in words; empty where nothing does."""
    bound = [part for part in parts_of(expression) if "-NC-" in part or part == UNSTATED]
    return terms(" AND ".join(bound)) if bound else ""
