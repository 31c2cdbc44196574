"""The files that a scored timeline is written to, and what each of them can hold."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from otio_hpm.errors import OutputError
from otio_hpm.interchange.documents import document_of, write_document
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.interchange.formats import BUNDLES, FCPXML, OTIO, OTIO_BUNDLE, format_written
from otio_hpm.settings import DeliverySettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.linking import link_found
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.rebasing import Rebasing, say_sidecars

Output = Path | str


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """One file that a timeline was written to."""

    path: Path
    format: str
    """Name of its format."""
    dialect: str
    """The system that it is for, where it is an .otio; else empty."""
    losses: tuple[str, ...]
    """What the format could not carry, a sentence each."""
    media: tuple[str, ...] = ()
    """What has become of media that the timeline named relative to its folder, in words."""


def outputs_of(wanted: Output | Iterable[Output]) -> tuple[Path, ...]:
    """All files to write: those that are asked for, in order, and the .otio that always is.

    Where no .otio is asked for it has the name of the first output. Raises OutputError where none
    or one twice is asked for.
    """
    several = [wanted] if isinstance(wanted, Path | str) else wanted
    outputs = tuple(Path(output) for output in several)
    if not outputs:
        raise OutputError("no output is named", hint="Name at least one file to write.")
    if not any(_is_otio(output) for output in outputs):
        outputs = (*outputs, outputs[0].with_suffix(OTIO.suffixes[0]))
    for index, output in enumerate(outputs):
        if output.absolute() in (other.absolute() for other in outputs[:index]):
            raise OutputError(f"{output} is named twice", hint="Name each output once.")
    return outputs


def otio_among(outputs: Sequence[Path]) -> Path:
    """The .otio among the files to write: the first of them that is one."""
    return next(output for output in outputs if _is_otio(output))


def check_outputs(timeline: Path, outputs: Sequence[Path], *, overwrite: bool) -> None:
    """Raise OutputError for an output that cannot be written before anything is rendered.

    That is the timeline that is read, a file that exists, a folder, a folder that is not there, or
    a format that is not written.
    """
    for output in outputs:
        format_written(output)
        check_place(timeline, output, overwrite=overwrite)


def check_place(timeline: Path, output: Path, *, overwrite: bool) -> None:
    """Raise OutputError for a file that is the input, exists, is a folder, or has no folder."""
    _check_other(timeline, output)
    _check_folder(output)
    if os.path.lexists(output) and not overwrite:
        raise OutputError(f"{output} exists already", hint="Allow it to be replaced: --overwrite.")


def content(timeline: Any, cut: Cut, path: Path, settings: DeliverySettings) -> Written:
    """What is to be written to `path`, which is no bundle, for a timeline that `cut` became."""
    form, delivery = format_written(path), _delivery(cut, path, settings)
    if form is not OTIO:
        return form.write(timeline, delivery)
    from otio_hpm.interchange.dialects.writer import write_otio

    return write_otio(timeline, delivery, dialect_of(cut, settings), _versions(cut, settings))


def write(
    timeline: Any,
    cut: Cut,
    path: Path,
    settings: DeliverySettings,
    *,
    overwrite: bool,
    finder: MediaFinder | None = None,
    marked: Mapping[str, Path] = MappingProxyType({}),
) -> WrittenFile:
    """Write a timeline that `cut` became to `path`, whole or not at all. Raises OutputError.

    Media that the cut names relative to its folder are named from that of `path`; a bundle takes
    in the media that `finder` finds, and the files of `marked`, by the names that marks give them.
    """
    form = format_written(path)
    media: tuple[str, ...] = ()
    if form is OTIO_BUNDLE:
        from otio_hpm.interchange.bundle_writing import write_bundle

        losses = write_bundle(
            _linked(timeline, finder),
            _delivery(cut, path, settings),
            dialect_of(cut, settings),
            _versions(cut, settings),
            cut.folder,
            marked,
            overwrite=overwrite,
        )
    else:
        document = document_of(path)
        timeline, media = _rebased(timeline, cut, document)
        written = content(timeline, cut, document, settings)
        write_document(path, written.data, overwrite=overwrite)
        losses = written.losses
    dialect = dialect_of(cut, settings) if form in (OTIO, OTIO_BUNDLE) else ""
    return WrittenFile(path=path, format=form.name, dialect=dialect, losses=losses, media=media)


def dialect_of(cut: Cut, settings: DeliverySettings) -> str:
    """The dialect of an .otio: the one asked for, else that of the input."""
    from otio_hpm.interchange.dialects.writer import dialect_for

    return dialect_for(settings.dialect, cut.dialect)


def _linked(timeline: Any, finder: MediaFinder | None) -> Any:
    """A copy of a timeline whose references lead to the media that are found for them."""
    timeline = timeline.deepcopy()
    if finder is not None:
        link_found(timeline, finder)
    return timeline


def _rebased(timeline: Any, cut: Cut, path: Path) -> tuple[Any, tuple[str, ...]]:
    """A copy of a timeline that names its media from the folder of `path`; what was done.

    Of an archive only what is ours has a place of its own. All formats but .otio take paths.
    """
    timeline, is_otio = timeline.deepcopy(), format_written(path) is OTIO
    folder = path.absolute().parent
    rebasing = Rebasing(cut.folder, folder, as_paths=not is_otio)
    if cut.unpacked is None:
        rebasing.rebase(timeline)
    if is_otio:
        say_sidecars(timeline, path)
    return timeline, tuple(rebasing.told())


def _delivery(cut: Cut, path: Path, settings: DeliverySettings) -> Delivery:
    form = format_written(path)
    return Delivery(
        path=path.absolute(),
        rate=cut.rate,
        start_frames=cut.start_frames,
        drop_frame=cut.drop_frame,
        paths=settings.paths,
        version=settings.fcpxml_version if form is FCPXML else "",
    )


def _versions(cut: Cut, settings: DeliverySettings) -> dict[str, int]:
    """The schema versions of an .otio: of the release asked for, else of the input."""
    from otio_hpm.interchange.dialects.versions import versions_of_release

    release = settings.otio_version
    return versions_of_release(release) if release is not None else cut.schema_versions


def _check_other(timeline: Path, output: Path) -> None:
    """Raise OutputError for an output that is the input, as a bundle or the file in one."""
    same = document_of(output).resolve() == document_of(timeline).resolve()
    if same or (output.exists() and timeline.exists() and os.path.samefile(output, timeline)):
        raise OutputError(
            f"{output} is the timeline that is read, and that is never changed",
            hint="Write to another file; an .otio is always written beside the others.",
        )


def _check_folder(output: Path) -> None:
    """Raise OutputError where an output has no folder to go into, or is one."""
    parent = output.absolute().parent
    if output.is_dir() and not _is_bundle(output):
        raise OutputError(f"{output} is a folder", hint="Name a file in it.")
    if not parent.is_dir():
        raise OutputError(
            f"the folder {parent} does not exist", hint="Make it first, or choose another output."
        )


def _is_bundle(output: Path) -> bool:
    """Whether a folder may be replaced: it is a bundle already, and will be one."""
    return output.suffix.lower() in BUNDLES and document_of(output).is_file()


def _is_otio(output: Path) -> bool:
    return output.suffix.lower() in OTIO.suffixes
