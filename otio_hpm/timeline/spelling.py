"""Files whose paths were spelled on another system: letter case, composed accents or not."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_url import folded


class Spelling:
    """Finds files whose paths were spelled on another system; each folder is read once."""

    def __init__(self) -> None:
        self._names: dict[Path, dict[str, list[str]]] = {}

    def file(self, path: Path) -> Path | None:
        """The file at an absolute path as it is spelled here; None where there is none, or two."""
        if is_file(path):
            return path
        here = Path(path.anchor)
        for name in path.parts[1:]:
            if (spelled := self._spelled(here, name)) is None:
                return None
            here = here / spelled
        return here if is_file(here) else None

    def _spelled(self, folder: Path, name: str) -> str | None:
        if name == "..":
            return name
        found = self._of(folder).get(folded(name), [])
        return name if name in found else found[0] if len(found) == 1 else None

    def _of(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._names:
            names: dict[str, list[str]] = defaultdict(list)
            try:
                for name in os.listdir(folder):
                    names[folded(name)].append(name)
            except (OSError, ValueError):
                pass
            self._names[folder] = names
        return self._names[folder]
