"""The files that marks name, which go where their timeline goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from otio_hpm.errors import MarkError, MediaError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.marks import MarkChoice, read_text
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.named_files import adapter_names

_KEYS = ("maestro", "sketch")


def marked_files(cut: Cut, settings: SpottingSettings, finder: MediaFinder) -> dict[str, Path]:
    """Maestro cues, sketches and adapters that marks name, by the names that they have in them.

    Whether a mark counts is not asked. What is no file, or may not be named, is left to spotting.
    """
    found = {}
    for name in _names(cut.timeline, MarkChoice(settings)):
        try:
            path = finder.find_named(name)
        except MediaError:
            continue
        if path is not None:
            found[name] = path
    return found


def _names(timeline: Any, choice: MarkChoice) -> Iterator[str]:
    for item in (timeline.tracks, *timeline.tracks.find_children()):
        for marker in getattr(item, "markers", ()):
            for said in choice.read_all(marker):
                if said.word == "score":
                    try:
                        settings, _ = read_text(said)
                    except MarkError:
                        continue
                    yield from (settings[key] for key in _KEYS if settings.get(key))
                    yield from adapter_names(settings["lora"]) if settings.get("lora") else ()
