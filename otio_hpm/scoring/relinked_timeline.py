"""The timeline of relinked audio: its clips name the new places, and it is read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import OutputError
from otio_hpm.interchange.dialects.media_paths import local_path
from otio_hpm.interchange.dialects.ours import our_clips
from otio_hpm.scoring.sidecar import sidecar_of
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.outputs import WrittenFile, write
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.takes import KEY, facts_of, relative


def write_relinked(
    cut: Cut, part: Path, places: dict[str | Path, Path], settings: Settings
) -> WrittenFile:
    """Write the timeline with the new places, by old path and by URL, and read it again.

    Raises OutputError where it cannot be written, or does not lead to the audio that it should.
    """
    mended = cut.timeline.deepcopy()
    _mend(mended, places, cut.folder, part)
    written = write(mended, cut, part, settings.delivery, overwrite=True)
    _check_written(part, set(_active(mended)), settings)
    return written


def references(clips: Iterable[Any]) -> Iterator[Any]:
    """The references of clips to files, which have a URL."""
    for clip in clips:
        for reference in clip.media_references().values():
            if isinstance(reference, schema.ExternalReference) and reference.target_url:
                yield reference


def _mend(timeline: Any, places: dict[str | Path, Path], base: Path, target: Path) -> None:
    """Name the new places in every clip that plays one of the files, and those of the sidecars."""
    for reference in references(timeline.find_clips()):
        url = reference.target_url
        place = places.get(url) or places.get(local_path(url, base) or "")
        if place is not None:
            reference.target_url = place.as_uri()
    for clip in our_clips(timeline):
        path = _path_of(clip)
        if path is not None and sidecar_of(path).is_file() and facts_of(clip).get("sidecar"):
            clip.metadata[KEY]["sidecar"] = relative(sidecar_of(path), target)
    if facts_of(timeline).get("audio_folder"):
        folder = next(iter(places.values())).parent
        timeline.metadata[KEY]["audio_folder"] = relative(folder, target)


def _check_written(part: Path, wanted: set[Path], settings: Settings) -> None:
    """Raise OutputError unless a timeline as written leads to the audio that it should."""
    again = read_cut(part, settings)
    finder = MediaFinder(again.folder, settings.media)
    led = {finder.find(clip.media_reference) for clip in our_clips(again.timeline)}
    if lost := wanted - led:
        raise OutputError(
            f"the timeline as written does not lead to {min(lost)}",
            hint="Write an .otio: -o OUT.otio.",
        )


def _active(timeline: Any) -> Iterator[Path]:
    """The files that our clips play, as far as they are there."""
    for clip in our_clips(timeline):
        path = _path_of(clip)
        if path is not None and path.is_file():
            yield path


def _path_of(clip: Any) -> Path | None:
    url = getattr(clip.media_reference, "target_url", None)
    return local_path(url, Path()) if url else None
