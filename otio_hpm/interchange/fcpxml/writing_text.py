"""Text and attributes as XML can hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Text without the characters that XML 1.0 has no way to write."""
    return _ILLEGAL.sub("", text)


def set_attributes(element: Any, attributes: Mapping[str, Any]) -> None:
    """Set attributes, those that are text and no namespace's."""
    for name, value in attributes.items():
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w.-]*", name, re.ASCII):
            element.set(name, legal(value))
