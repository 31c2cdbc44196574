"""Moving our audio: copied, proved, named anew in the timeline, and only then removed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import MediaError, OutputError
from otio_hpm.files import publish, sha256_of
from otio_hpm.interchange.bundles import is_bundle
from otio_hpm.interchange.dialects.ours import our_clips
from otio_hpm.interchange.formats import BUNDLES, OTIO, format_written
from otio_hpm.interchange.losses import short
from otio_hpm.scoring.moving import Copying, remove, same_file
from otio_hpm.scoring.relinked_timeline import references, write_relinked
from otio_hpm.scoring.sidecar import sidecar_of
from otio_hpm.scoring.sketch_files import paths_beside
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.media_url import file_name, local_paths
from otio_hpm.timeline.outputs import check_place, content
from otio_hpm.timeline.reading import read_cut


@dataclass(frozen=True, kw_only=True)
class Relinked:
    """What moving the audio of a timeline did."""

    timeline: Path
    """The timeline that was written."""
    folder: Path
    """Where the audio is now."""
    audio: tuple[Path, ...]
    """The audio files there, older takes included."""
    copied: int
    """How many files were copied, sidecars and sketches included; the others were there."""
    removed: int
    """How many files were removed from where they were."""
    losses: tuple[str, ...]
    """What the timeline's format could not carry."""
    changes: tuple[str, ...]
    """What has become of media that the timeline named relative to its folder, in words."""
    warnings: tuple[str, ...]


def relink(
    timeline: Path | str,
    folder: Path | str,
    output: Path | str | None = None,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
    copy: bool = False,
) -> Relinked:
    """Move the audio of our clips, with sidecars and sketches, into `folder`, and say so there.

    Writes `output`, or the timeline itself with `overwrite`. Audio is found where the timeline
    says, in the media folders of the settings, or in `folder` already. Every file is copied and
    read again, the timeline is written and read again, and then the old files are removed (unless
    `copy`); if anything fails before, all is as it was. What is in a bundle stays in it. Raises
    TimelineError, MediaError where no audio is found, and OutputError.
    """
    timeline, folder = Path(timeline), Path(os.path.abspath(folder))
    settings = settings or Settings()
    target = _target(timeline, Path(output) if output else None, overwrite=overwrite)
    cut = read_cut(timeline, settings)
    _check_whole(cut, target, timeline, settings)
    found, warnings = _audio(cut, folder, settings)
    places = {named: folder / path.name for url, path in found.items() for named in (url, path)}
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    copying = Copying(folder)
    try:
        with copying.undone_if_failing():
            for source in _with_companions(found.values()):
                copying.copy(source)
            written = write_relinked(cut, part, places, settings.with_changes(_clock_of(cut)))
        _publish(part, target, copying, overwrite=overwrite)
    finally:
        part.unlink(missing_ok=True)
    keep = copy or is_bundle(timeline)
    removed, remarks = (0, []) if keep else remove(copying.moves)
    if timeline.exists() and not same_file(timeline, target) and removed:
        remarks.append(f"{timeline.name} still names the old places")
    return Relinked(
        timeline=target,
        folder=folder,
        audio=tuple(sorted(set(places.values()))),
        copied=copying.copied,
        removed=removed,
        losses=written.losses,
        changes=written.media,
        warnings=(*cut.warnings, *warnings, *remarks),
    )


def _clock_of(cut: Cut) -> dict[str, Any]:
    """What a timeline that is read again may not state, and which one it is: the only one."""
    counting = "df" if cut.drop_frame else "ndf"
    return {"spotting": {"rate": cut.rate, "tc": counting, "timeline": None}}


def _target(timeline: Path, output: Path | None, *, overwrite: bool) -> Path:
    """The file to write. Raises OutputError for one that may not be written."""
    target = output or timeline
    if is_bundle(target):
        raise OutputError(
            f"{target} is a bundle, which holds its audio itself",
            hint="Write a timeline that is none: -o OUT.otio.",
        )
    format_written(target)
    if target.suffix.lower() in BUNDLES:
        raise OutputError(
            f"{target} is a folder, and a timeline is relinked in one file",
            hint="Write a timeline that is none: -o OUT.fcpxml.",
        )
    if not same_file(timeline, target):
        check_place(timeline, target, overwrite=overwrite)
    elif not overwrite:
        raise OutputError(
            f"{timeline} would be written over",
            hint="Allow it with --overwrite, or name another file with -o.",
        )
    return target


def _check_whole(cut: Cut, target: Path, timeline: Path, settings: Settings) -> None:
    """Raise OutputError where a timeline would be written over with less than it holds."""
    if not same_file(timeline, target):
        return
    if format_written(target) is OTIO:
        held = "" if _is_timeline(timeline) else "more than one timeline"
    else:
        losses = content(cut.timeline, cut, target, settings.delivery).losses
        held = "; ".join(map(short, losses))
    if held:
        raise OutputError(
            f"{timeline.name} holds what would be lost: {held}",
            hint="Name another file with -o, and this one stays.",
        )


def _is_timeline(path: Path) -> bool:
    """Whether the outermost object of an .otio is a timeline, rather than a collection."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError:  # numbers that only OpenTimelineIO reads
        return True
    return str(found.get("OTIO_SCHEMA")).startswith("Timeline.")


def _audio(cut: Cut, folder: Path, settings: Settings) -> tuple[dict[str, Path], list[str]]:
    """The audio files of our clips by the URL that names them, and remarks on those missing."""
    finder = MediaFinder(cut.folder, settings.media)
    found: dict[str, Path] = {}
    missing: dict[str, str] = {}
    for reference in references(our_clips(cut.timeline)):
        url = reference.target_url
        try:
            path, there = finder.find(reference), folder / file_name(local_paths(url)[-1])
        except MediaError as error:
            missing[url] = error.message
            continue
        if isinstance(path, Path):
            found[url] = Path(os.path.abspath(path))
        elif there.is_file():
            found[url] = there
        else:
            missing[url] = "is not there"
    if not found:
        raise MediaError(
            f"{cut.path.name} names no audio of ours that is there",
            hint="Say where it is with --media-dir." if missing else "Score the timeline first.",
        )
    _check_names(found)
    return found, [f"{url} stays as it is: {why}" for url, why in missing.items()]


def _check_names(found: dict[str, Path]) -> None:
    """Raise OutputError where two different files would get one name."""
    named: dict[str, Path] = {}
    for path in found.values():
        other = named.setdefault(path.name.casefold(), path)
        if other != path and sha256_of(other) != sha256_of(path):
            raise OutputError(
                f"{other} and {path} have one name and are different",
                hint="Rename one of them, relink it in the editing system, and try again.",
            )


def _with_companions(files: Iterable[Path]) -> list[Path]:
    """Audio files, and what belongs to each of them, once."""
    several = [
        [wav, *(path for path in (sidecar_of(wav), *paths_beside(wav)) if path.is_file())]
        for wav in files
    ]
    return list(dict.fromkeys(path for each in several for path in each))


def _publish(part: Path, target: Path, copying: Copying, *, overwrite: bool) -> None:
    """Give the new timeline its name: from then on the copies are what it plays."""
    try:
        publish(part, target, overwrite=overwrite)
    except OutputError:
        copying.undo()
        raise
