"""Reading bundles: a timeline and its media in a folder (.otiod) or in a zip file (.otioz).

Both hold `content.otio` and the folder `media`, as OpenTimelineIO's own adapters have it; media are
named in `content.otio` by paths relative to it. Nothing in a bundle is trusted: no name leads out
of it, links are refused, and no zip file grows beyond what media could.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from opentimelineio import schema
from opentimelineio.adapters.file_bundle_utils import BUNDLE_DIR_NAME, BUNDLE_PLAYLIST_PATH

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.files import check_room
from otio_hpm.interchange.dialects.media_paths import local_path
from otio_hpm.timeline.media_folders import is_file

FOLDER, ZIP = ".otiod", ".otioz"
_MAX_ENTRIES = 100_000
_MAX_CONTENT_BYTES = 1 << 28
_MAX_GROWTH = 100
"""Times the size of the file: media are stored as they are, and do not shrink like this."""
_FREE_BYTES = 1 << 26
"""Below this size a zip file may grow as it likes."""
_DAMAGES = (
    OSError, EOFError, ValueError, OverflowError, RuntimeError, struct.error, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What a zip file that is damaged raises, sooner or later."""
_unpacked: dict[tuple[str, int, int], Path] = {}
"""Folders of zip files unpacked in this process, by path, time and size."""


def is_bundle(path: Path) -> bool:
    """Whether a timeline is a bundle, by its suffix."""
    return path.suffix.lower() in (FOLDER, ZIP)


def content_of(bundle: Path) -> Path:
    """The `content.otio` of a bundle, with its media beside it in `media`.

    That of a folder is where it is; a zip file is unpacked into a folder for temporary files (the
    system's: `TMPDIR`), which is removed when the process ends. Raises TimelineError for what is no
    bundle, is damaged, holds links or names that lead out of it, or grows out of all proportion.
    """
    if bundle.suffix.lower() == ZIP:
        return Path(_unpack(bundle), BUNDLE_PLAYLIST_PATH)
    content = Path(bundle, BUNDLE_PLAYLIST_PATH)
    if not content.is_file():
        raise _no_bundle(bundle, f"it has no {BUNDLE_PLAYLIST_PATH}")
    _check_links(bundle)
    return content


def media_of(content: Path) -> Path:
    """The folder of the media that belong to the `content.otio` of a bundle."""
    return content.absolute().with_name(BUNDLE_DIR_NAME)


def ground(timeline: Any, bundle: Path) -> None:
    """Name the media inside an .otiod by absolute URL, so that other files may name them too."""
    folder = Path(os.path.abspath(bundle))
    for clip in timeline.find_clips():
        for reference in clip.media_references().values():
            if isinstance(reference, schema.ExternalReference) and reference.target_url:
                path = local_path(reference.target_url, folder)
                if path is not None and is_file(path) and _is_inside(path, folder):
                    reference.target_url = path.as_uri()


def _unpack(bundle: Path) -> Path:
    """The folder that a zip file was unpacked into; once per process."""
    try:
        state = bundle.stat()
        key = str(bundle.resolve()), state.st_mtime_ns, state.st_size
        if key not in _unpacked or not _unpacked[key].is_dir():
            _unpacked[key] = _unpacked_anew(bundle, state.st_size)
    except _DAMAGES as error:
        raise _no_bundle(bundle, str(error).strip() or "it is damaged") from error
    return _unpacked[key]


def _unpacked_anew(bundle: Path, size: int) -> Path:
    with zipfile.ZipFile(bundle) as file:
        entries = list(_checked_entries(bundle, file, size))
        folder = Path(tempfile.mkdtemp(prefix="otio-hpm-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        try:
            _check_room(bundle, folder, entries)
            for entry in entries:
                _extract(file, entry, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder


def _check_room(bundle: Path, folder: Path, entries: list[zipfile.ZipInfo]) -> None:
    try:
        check_room(folder, sum(entry.file_size for entry in entries))
    except OutputError as error:
        raise TimelineError(
            f"{bundle.name} cannot be unpacked: {error.message}",
            hint="name a roomier folder for temporary files in TMPDIR",
        ) from error


def _extract(file: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    target = folder.joinpath(*PurePosixPath(entry.filename).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with file.open(entry) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)


def _checked_entries(bundle: Path, file: zipfile.ZipFile, size: int) -> Iterator[zipfile.ZipInfo]:
    """The timeline and the media of a zip file; raises TimelineError for what is not safe."""
    entries = file.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise _no_bundle(bundle, f"it holds {len(entries)} files")
    if sum(entry.file_size for entry in entries) > max(_FREE_BYTES, _MAX_GROWTH * size):
        raise _no_bundle(bundle, f"unpacked it would be more than {_MAX_GROWTH} times as large")
    names = {entry.filename: entry for entry in entries}
    if BUNDLE_PLAYLIST_PATH not in names:
        raise _no_bundle(bundle, f"it has no {BUNDLE_PLAYLIST_PATH}")
    if names[BUNDLE_PLAYLIST_PATH].file_size > _MAX_CONTENT_BYTES:
        raise _no_bundle(bundle, f"its {BUNDLE_PLAYLIST_PATH} is too large")
    for entry in names.values():
        _check_entry(bundle, entry)
        inside = entry.filename.startswith(f"{BUNDLE_DIR_NAME}/") and not entry.is_dir()
        if inside or entry.filename == BUNDLE_PLAYLIST_PATH:
            yield entry


def _check_entry(bundle: Path, entry: zipfile.ZipInfo) -> None:
    """Raise TimelineError for a name that leads out of the bundle, and for what is no file."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name:
        raise _no_bundle(bundle, f"the name {name!r} in it leads out of it")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _no_bundle(bundle, f"{name!r} in it is a link or a device")
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _no_bundle(bundle, f"{name!r} in it is encrypted, or compressed as no bundle is")


def _check_links(bundle: Path) -> None:
    """Raise TimelineError for a link in a folder that leads out of it."""
    root = bundle.resolve()
    for folder, folders, files in os.walk(bundle):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and not _is_inside(path.resolve(), root):
                raise _no_bundle(
                    bundle, f"{path.relative_to(bundle)} is a link that leads out of it"
                )


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _no_bundle(bundle: Path, why: str) -> TimelineError:
    return TimelineError(
        f"{bundle.name} is not read: {why}", hint="export it again, or send an .otio"
    )
