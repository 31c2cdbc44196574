"""`otio-hpm score`: the job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli.options import delivery_options, setting_options, settings_from
from otio_hpm.cli.printing import counted, json_option, print_json, stderr, stdout, warn
from otio_hpm.cli.progress import listening, progress_option
from otio_hpm.errors import PartialError
from otio_hpm.interchange.losses import short

if TYPE_CHECKING:
    from otio_hpm.scoring.result import ScoreResult


@click.command()
@click.argument("timeline", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "outputs", required=True, multiple=True, type=click.Path(path_type=Path),
    metavar="OUT",
    help="The timeline to write, in the format of its ending. Repeatable; OUT.otio is written "
    "beside the others. Audio goes into the folder OUT_audio beside the first.",
)  # fmt: skip
@setting_options
@delivery_options
@click.option(
    "--music-only", is_flag=True, help="Write only our tracks, at the same start and rate."
)
@click.option("--overwrite", is_flag=True, help="Replace OUT; audio is never overwritten.")
@progress_option
@json_option
def score(
    timeline: Path,
    outputs: tuple[Path, ...],
    settings_file: Path | None,
    music_only: bool,
    overwrite: bool,
    progress_kind: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Score the marked shots of a timeline, and write it with its music.

    IN is never changed. Run again, it renders only what has changed.
    """
    from otio_hpm.scoring.job import score as score_timeline

    settings = settings_from(options, timeline, settings_file)
    try:
        with listening(progress_kind) as listener:
            result = score_timeline(
                timeline,
                outputs,
                settings,
                music_only=music_only,
                overwrite=overwrite,
                progress=listener,
            )
    except PartialError as error:
        print_result(error.result, as_json=as_json)
        raise
    print_result(result, as_json=as_json)


def print_result(result: ScoreResult, *, as_json: bool) -> None:
    """Print for people, or as JSON."""
    if as_json:
        print_json(result)
    else:
        show(result)


def show(result: ScoreResult) -> None:
    """Print for people."""
    console, remarks = stdout(), stderr()
    warn(result.warnings)
    for cue in result.cues:
        state = "unchanged" if cue.reused else f"{cue.integrated_lufs:.1f} LUFS"
        console.print(f"{cue.number}  {cue.timecode_in} - {cue.timecode_out}  ", end="")
        console.print(f"{cue.wav}  {state}")
        if cue.sketches:
            console.print(f"  sketch  {', '.join(path.name for path in cue.sketches)}")
    for skipped in result.skipped:
        remarks.print(f"{skipped.number} skipped: {skipped.reason}", style="yellow")
    for failed in result.failed:
        remarks.print(f"{failed.number} failed: {failed.message}", style="bold red")
        if failed.hint:
            remarks.print(f"  {failed.hint}")
    for words in result.marker_lists:
        console.print(words)
    for words in result.reference:
        console.print(f"picture from {words}")
    for found in result.found_media:
        console.print(f"media {found.path} found by {found.found_by}")
    for change in result.changes:
        console.print(change)
    for written in result.written:
        host = f", for {written.dialect}" if written.dialect not in ("", "plain") else ""
        cues = counted(len(result.cues), "cue")
        console.print(f"{cues} in {written.path}{host}", style="bold")
        for loss in written.losses:
            console.print(f"  not carried: {short(loss)}")
