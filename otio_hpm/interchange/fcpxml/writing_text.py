"""Attributes as XML can hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from otio_hpm.interchange.xml_text import legal


def set_attributes(element: Any, attributes: Mapping[str, Any]) -> None:
    """Set attributes, those that are text and no namespace's."""
    for name, value in attributes.items():
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w.-]*", name, re.ASCII):
            element.set(name, legal(value))
