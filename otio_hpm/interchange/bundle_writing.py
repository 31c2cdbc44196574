"""Writing bundles: an .otiod or .otioz with the timeline, our audio and all media that are here.

The layout is that of OpenTimelineIO's own adapters, which read what is written here. They are not
used for writing, because they take no second take of a clip, cut paths at `#`, refuse two files of
one name, replace media that are missing by nothing, and leave half a file where they fail.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from opentimelineio import schema
from opentimelineio.adapters.file_bundle_utils import (
    BUNDLE_DIR_NAME,
    BUNDLE_PLAYLIST_PATH,
    BUNDLE_VERSION,
    BUNDLE_VERSION_FILE,
)

from otio_hpm.files import check_room, writing
from otio_hpm.folders import write_folder
from otio_hpm.interchange.bundles import FOLDER
from otio_hpm.interchange.dialects.media_paths import local_path
from otio_hpm.interchange.dialects.writer import serialized, to_dialect
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_url import leads_out
from otio_hpm.timeline.takes import KEY, facts_of, is_score_clip

BESIDE = (".json", ".sketch.json", ".sketch.mid")
"""What lies beside the audio of a take and goes with it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can state: the same timeline gives the same bytes."""


def write_bundle(
    timeline: Any,
    delivery: Delivery,
    dialect: str,
    schema_versions: Mapping[str, int],
    base: Path,
    marked: Mapping[str, Path] = MappingProxyType({}),
    *,
    overwrite: bool = False,
) -> tuple[str, ...]:
    """Write `delivery.path`, an .otiod or .otioz, whole or not at all; what it does not hold.

    Takes in every file that a clip names (relative names begin in `base`), all takes of ours, their
    sidecars and sketches, and the files of `marked` by the names that marks give them. Media that
    are not here are named as they were. `dialect` and `schema_versions` are as in `write_otio`;
    `timeline` stays as it is. Raises OutputError for a file that exists (unless `overwrite`), is
    missing meanwhile, or finds no room.
    """
    inside = timeline.deepcopy()
    losses = to_dialect(inside, replace(delivery, paths="absolute"), dialect, schema_versions)
    media = _Media(base)
    losses += media.take_marked(marked)
    losses += media.take_in(inside)
    text = serialized(inside, schema_versions)
    small = {BUNDLE_VERSION_FILE: BUNDLE_VERSION, BUNDLE_PLAYLIST_PATH: text}
    check_room(delivery.path.absolute().parent, media.size() + len(text))
    if delivery.path.suffix.lower() == FOLDER:
        taken = {f"{BUNDLE_DIR_NAME}/{name}": path for name, path in media.files.items()}
        texts = {name: text.encode() for name, text in small.items()}
        write_folder(delivery.path, {**texts, **taken}, overwrite=overwrite)
    else:
        _save_zip(delivery.path, small, media.files, overwrite)
    return tuple(losses)


class _Media:
    """The files of a bundle, each under a name of its own."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self.files: dict[str, Path] = {}
        """Files by their names inside `media`."""
        self._names: dict[Path, str] = {}
        self._taken: set[str] = set()

    def take_marked(self, marked: Mapping[str, Path]) -> list[str]:
        """Take in files under the very names that marks give them; a sentence on the others."""
        outside = []
        for text, path in marked.items():
            name, path = PurePosixPath(text).as_posix(), Path(os.path.abspath(path))
            if self.files.get(name) == path:
                continue
            if leads_out(name) or set(name) & set("\\:\0") or name.casefold() in self._taken:
                outside.append(text)
                continue
            self._names.setdefault(path, name)
            self._add(name, path)
        several = ", ".join(outside)
        return [f"files that marks name stay outside: {several}"] if outside else []

    def take_in(self, timeline: Any) -> list[str]:
        """Point all references of a timeline into the bundle; sentences on what stays outside."""
        outside: dict[str, None] = {}
        sequences = 0
        for clip in timeline.find_clips():
            for reference in clip.media_references().values():
                if isinstance(reference, schema.ImageSequenceReference):
                    sequences += 1
                    self._ground(reference)
                elif isinstance(reference, schema.ExternalReference) and reference.target_url:
                    path = local_path(reference.target_url, self._base)
                    if path is None or not is_file(path):
                        outside[reference.target_url] = None
                    else:
                        beside = BESIDE if is_score_clip(clip) else ()
                        name = self._name(Path(os.path.abspath(path)), beside)
                        reference.target_url = quote(f"{BUNDLE_DIR_NAME}/{name}")
            self._say_where(clip)
        if facts_of(timeline).get("audio_folder"):
            timeline.metadata[KEY]["audio_folder"] = BUNDLE_DIR_NAME
        return list(_outside(list(outside), sequences))

    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files.values())

    def _name(self, path: Path, beside: tuple[str, ...]) -> str:
        """The name of a file in the bundle; a second one of its name gets a number."""
        if path not in self._names:
            stem, number = path.stem, 1
            while f"{stem}{path.suffix}".casefold() in self._taken:
                number += 1
                stem = f"{path.stem}-{number}"
            self._names[path] = f"{stem}{path.suffix}"
            self._add(f"{stem}{path.suffix}", path)
        name = PurePosixPath(self._names[path])
        for suffix in beside:
            if path.with_suffix(suffix).is_file():
                self._add(name.with_suffix(suffix).as_posix(), path.with_suffix(suffix))
        return self._names[path]

    def _add(self, name: str, path: Path) -> None:
        self._taken.add(name.casefold())
        self.files[name] = path

    def _ground(self, sequence: Any) -> None:
        """Name the folder of an image sequence, which stays where it is, by absolute URL."""
        folder = local_path(sequence.target_url_base or "", self._base)
        if folder is not None and folder.is_dir():
            sequence.target_url_base = f"{Path(os.path.abspath(folder)).as_uri()}/"

    def _say_where(self, clip: Any) -> None:
        """Tell a clip of ours where its sidecar is now."""
        audio = Path(unquote(getattr(clip.media_reference, "target_url", None) or ""))
        sidecar = audio.with_suffix(".json") if audio.name else audio
        if is_score_clip(clip) and sidecar.name in self.files:
            clip.metadata[KEY]["sidecar"] = sidecar.as_posix()


def _outside(missing: list[str], sequences: int) -> Iterator[str]:
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        yield f"media that are not here stay outside: {', '.join(missing[:3])}{more}"
    if sequences:
        yield f"{sequences} image sequences stay outside, where they are"


def _save_zip(
    path: Path, texts: Mapping[str, str], media: Mapping[str, Path], overwrite: bool
) -> None:
    with writing(path, overwrite=overwrite) as file, zipfile.ZipFile(file, "w") as bundle:
        for name, text in texts.items():
            bundle.writestr(_entry(name, zipfile.ZIP_DEFLATED), text)
        for name, source in media.items():
            entry = _entry(f"{BUNDLE_DIR_NAME}/{name}", zipfile.ZIP_STORED)
            entry.file_size = source.stat().st_size
            with source.open("rb") as stream, bundle.open(entry, "w") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry
