"""`otio-hpm relink`: our audio in another folder, and the timeline that plays it there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli.options import (
    clock_options,
    delivery_options,
    media_options,
    settings_from,
)
from otio_hpm.cli.printing import counted, json_option, print_json, stderr, stdout, warn
from otio_hpm.interchange.losses import short

if TYPE_CHECKING:
    from otio_hpm.scoring.relink import Relinked


@click.command()
@click.argument("timeline", metavar="TIMELINE", type=click.Path(path_type=Path))
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR", help="Where the audio goes.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="OUT",
    help="The timeline to write, in the format of its ending; else TIMELINE itself.",
)  # fmt: skip
@click.option("--copy", is_flag=True, help="Leave the old files where they are.")
@click.option("--overwrite", is_flag=True, help="Replace OUT, or TIMELINE itself.")
@media_options
@clock_options
@delivery_options
@json_option
def relink(
    timeline: Path,
    folder: Path,
    output: Path | None,
    copy: bool,
    overwrite: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Move the music of a scored timeline into another folder.

    Audio, sidecars and sketches of all takes are copied to DIR and read again, the timeline is
    written with their new places, and then the old files are removed. If anything fails before,
    all is as it was.
    """
    from otio_hpm.scoring.relink import relink as relink_timeline

    done = relink_timeline(
        timeline, folder, output, settings_from(options), overwrite=overwrite, copy=copy
    )
    if as_json:
        print_json(done)
    else:
        show(done)


def show(done: Relinked) -> None:
    """Print for people."""
    console, remarks = stdout(), stderr()
    warn(done.warnings)
    for path in done.audio:
        console.print(f"{path}")
    for change in done.changes:
        console.print(change)
    for loss in done.losses:
        remarks.print(f"not carried: {short(loss)}", style="yellow")
    console.print(f"{counted(done.copied, 'file')} copied, {done.removed} removed from before")
    console.print(f"{counted(len(done.audio), 'audio file')} in {done.timeline}", style="bold")
