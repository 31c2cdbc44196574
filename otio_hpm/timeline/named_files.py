"""Files that an editor names in a marker or a setting: a maestro cue, a sketch, an adapter."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import HpmError, MaestroError, MediaError, SketchError
from otio_hpm.settings import ADAPTER_FILES
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


class AdapterSearch:
    """Finds the folders of adapters that marks and runs name; both files must be where one may be.

    Raises MaestroError for a name that is not found, a URL, and what a mark may not name.
    """

    def __init__(self, finder: MediaFinder) -> None:
        self._files = NamedFiles(finder=finder, kind="lora", error=MaestroError)

    def of_mark(self, name: str) -> Path:
        """The folder that a mark names."""
        return self._folder(name, self._files.of_mark)

    def of_run(self, name: str) -> Path:
        """The folder that `--maestro-lora` names."""
        return self._folder(name, self._files.of_run)

    def _folder(self, name: str, find: Callable[[str], Path | None]) -> Path:
        found = [find(file) for file in adapter_names(name)]
        folders = {path.parent for path in found if path is not None}
        if None in found or len(folders) != 1:
            raise MaestroError(
                f"lora {name!r} is not found",
                hint=f"It is a folder with {' and '.join(ADAPTER_FILES)}, in the timeline's folder "
                "or a --media-dir.",
            )
        return folders.pop()


def adapter_names(name: str) -> tuple[str, ...]:
    """Names of the files of the adapter whose folder has this name."""
    return tuple(f"{name.rstrip('/')}/{file}" for file in ADAPTER_FILES)
