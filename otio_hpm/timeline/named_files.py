"""Files that an editor names in a marker or a setting: a maestro cue, a sketch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import HpmError, MediaError, SketchError
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_url import leads_out


@dataclass(frozen=True, kw_only=True)
class NamedFiles:
    """Finds files of one kind beside the timeline and in the media folders."""

    finder: MediaFinder
    kind: str
    """What the files are, in a word for messages."""
    error: type[HpmError]
    """What is raised for a name that means no file it may."""

    def of_mark(self, name: str) -> Path | None:
        """What a mark names; only files inside the timeline's and the media folders.

        None where no file has that name. Raises the error, without saying where, for a URL and a
        path that leads out of those folders.
        """
        try:
            path = self.finder.find_named(name)
        except MediaError as error:
            raise self.error(f"{self.kind}: {error.message}", hint=error.hint) from error
        if path is None and leads_out(name):
            raise self.error(
                f"{self.kind} {name!r} is outside the timeline's folder and the media folders",
                hint="Copy it there, or name its folder with --media-dir.",
            )
        return path

    def of_run(self, name: str) -> Path | None:
        """What a setting names: any local file, or what a mark could name. Raises as `of_mark`."""
        path = Path(os.path.expanduser(name))  # leaves a user who is not there as written
        return path.absolute() if is_file(path) else self.of_mark(name)

    def not_found(self, name: str) -> HpmError:
        """The error for a name that no file has."""
        return self.error(
            f"{self.kind} {name!r} is not found",
            hint="A file must be in the timeline's folder or a --media-dir; "
            f'quote names that hold spaces, as in {self.kind}="my cue.ext".',
        )


class SketchSearch:
    """Finds the sketches that marks and runs name; a run's may be any local file.

    Raises SketchError for a name that is not found, a URL, and what a mark may not name.
    """

    def __init__(self, finder: MediaFinder) -> None:
        self._files = NamedFiles(finder=finder, kind="sketch", error=SketchError)

    def of_mark(self, name: str) -> Path:
        """What a mark names."""
        return self._required(name, self._files.of_mark(name))

    def of_run(self, name: str) -> Path:
        """What `--sketch` names."""
        return self._required(name, self._files.of_run(name))

    def _required(self, name: str, path: Path | None) -> Path:
        if path is None:
            raise self._files.not_found(name)
        return path
