"""Telling faults of this reader from damaged files, by where an error was raised.

The library raises whatever it stumbles over in a damaged file; an error that arises in code of ours
is a fault of ours, unless it is a ValueError, which is how that says what it refuses.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
_LONGEST = 200


def is_fault(error: BaseException) -> bool:
    """Whether an error that is being handled is a fault of this package."""
    frames = traceback.extract_tb(error.__traceback__)
    is_ours = bool(frames) and Path(frames[-1].filename).resolve().is_relative_to(_PACKAGE)
    return is_ours and not isinstance(error, ValueError)


def said(error: BaseException) -> str:
    """An error in words, which name a fault of this package for what it is."""
    text = str(error).strip()[:_LONGEST]
    if is_fault(error):
        return f"a fault of this reader: {type(error).__name__}: {text}".rstrip(": ")
    return text or type(error).__name__
