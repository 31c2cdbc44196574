"""Text as XML can hold it."""

from __future__ import annotations

import re
from typing import Any

from otio_hpm.interchange.losses import Losses

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Text without the characters that XML 1.0 has no way to write."""
    return _ILLEGAL.sub("", text)


def note_characters(timeline: Any, losses: Losses) -> None:
    """Name the timeline's names and comments that hold such characters."""
    for item in (timeline, timeline.tracks, *timeline.find_children()):
        for thing in (item, *getattr(item, "markers", ())):
            for text in (thing.name, getattr(thing, "comment", "")):
                if legal(text) != text:
                    losses.add(
                        "Control characters, which XML cannot hold, are left out", repr(text)
                    )
