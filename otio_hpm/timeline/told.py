"""What our metadata tell, which an editor's system, or damage, may have made anything of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def listed(facts: Any, key: str) -> list[Any]:
    """The list of that name; empty where it is none."""
    found = facts.get(key)
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []


def described(facts: Any, key: str) -> list[Any]:
    """What the list of that name describes by keys and values."""
    return [one for one in listed(facts, key) if hasattr(one, "get")]


def number(facts: Any, key: str, otherwise: int = 0) -> int | float:
    """The number of that name; `otherwise` where it is no finite one."""
    found = facts.get(key)
    return found if isinstance(found, int | float) and math.isfinite(found) else otherwise
