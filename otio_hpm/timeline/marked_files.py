"""The files that marks name, which go where their timeline goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from otio_hpm.errors import MarkError, MediaError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.marks import MarkChoice, read_text
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.media_folders import is_file
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


def left_behind(cut: Cut, marked: Mapping[str, Path], files: Sequence[Path]) -> Iterator[str]:
    """What of `marked` is not found by its name from written files, and how it is, in words."""
    if cut.unpacked is not None:
        return
    for folder in dict.fromkeys(file.absolute().parent for file in files):
        names = [
            name
            for name, path in marked.items()
            if path.is_relative_to(cut.folder) and not is_file(folder / name)
        ]
        if names:
            yield (
                f"marks name files that are not in {folder}: {', '.join(names)}; "
                f"to score from there, add --media-dir {shlex.quote(str(cut.folder))}"
            )


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
