"""`otio-hpm spot`: what would be scored, and why not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli.options import setting_options, settings_from
from otio_hpm.cli.printing import counted, json_option, print_json, stderr, stdout, warn
from otio_hpm.cli.progress import listening, progress_option
from otio_hpm.timing import format_rate

if TYPE_CHECKING:
    from rich.console import Console

    from otio_hpm.scoring.spotted import SpottedCue, SpottedShot, Spotting

_LONGEST = 200
"""Characters of a mark's text that are shown."""


@click.command()
@click.argument("timeline", metavar="IN", type=click.Path(path_type=Path))
@setting_options
@click.option(
    "--save-markers", type=click.Path(path_type=Path), metavar="FILE",
    help="Save the spotting as markers, by the ending: .edl for Resolve, .txt for Avid, .csv a "
    "spotting sheet, to be brought back with --markers.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace the file of --save-markers.")
@progress_option
@json_option
def spot(
    timeline: Path,
    settings_file: Path | None,
    save_markers: Path | None,
    overwrite: bool,
    progress_kind: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Show what would be scored, and why not.

    Cues with record timecode and marks, the shots under each, their media, the maestro cue, windows
    and an estimate of the time. Changes nothing.
    """
    from otio_hpm.scoring.job import spot as spot_timeline

    settings = settings_from(options, timeline, settings_file)
    with listening(progress_kind) as listener:
        spotting = spot_timeline(
            timeline, settings, save_markers=save_markers, overwrite=overwrite, progress=listener
        )
    if as_json:
        print_json(spotting)
    else:
        show(spotting)
        if spotting.picture is None:
            _show_missing(spotting)


def show(spotting: Spotting) -> None:
    """Print for people."""
    console = stdout()
    warn(spotting.warnings)
    console.print(f"{spotting.timeline}", style="bold")
    console.print(f"  {format_rate(spotting.rate)} fps ({spotting.rate_source})")
    counting = "drop-frame" if spotting.drop_frame else "non-drop-frame"
    console.print(
        f"  {spotting.start_timecode} - {spotting.end_timecode}, {counting}"
        f" ({spotting.drop_frame_source})"
    )
    console.print(f"  {_rendering(spotting)}")
    for words in spotting.marker_lists:
        console.print(f"  {words}")
    for cue in spotting.cues:
        _show_cue(console, cue, spotting.picture)
    if spotting.ignored:
        console.print("\nnot scored", style="bold")
    for mark in spotting.ignored:
        console.print(f"  {mark.timecode}  {_few(mark.text)!r} on {mark.owner}: {mark.reason}")
    console.print(
        f"\n{counted(len(spotting.cues), 'cue')}, {counted(spotting.windows, 'window')}, "
        f"about {_clock(spotting.estimated_s)} on two CPU cores (an estimate)"
    )
    if spotting.saved:
        console.print(f"markers in {spotting.saved}")


def _show_missing(spotting: Spotting) -> None:
    """What to do where the media of shots are needed and missing."""
    missing = sum(shot.media == "missing" for cue in spotting.cues for shot in cue.shots)
    if missing:
        stderr().print(
            f"hint: media of {counted(missing, 'shot')} are missing; --media-dir names folders to "
            "search, --path-map OLD=NEW moves paths"
        )


def _rendering(spotting: Spotting) -> str:
    """Which model would render, and how."""
    model = spotting.model
    steps = f"{model.steps} steps"
    if model.followed_steps != model.steps:
        steps += f", {model.followed_steps} where something is followed"
    if model.style_engine == "ditto":
        steps += f", followed by DITTO in up to {model.ditto_steps} steps"
    guided = " on the film alone" if model.guided == "film" else ""
    without = f", without {' and '.join(model.without)}" if model.without else ""
    return (
        f"model {model.model} ({spotting.licence}), preset {model.preset}: {model.sampler}, "
        f"{steps}, guidance {model.guidance:g}{guided}{without}"
    )


def _show_cue(console: Console, cue: SpottedCue, picture: str | None) -> None:
    track = f", score track {cue.lane + 1}" if cue.lane else ""
    console.print(f"\n{cue.number}  {cue.timecode_in} - {cue.timecode_out}", style="bold", end="")
    console.print(f"  {float(cue.duration_s):.2f} s, {counted(cue.windows, 'window')}{track}")
    for text in cue.marks:
        console.print(f"  mark     {_few(text)!r}")
    console.print(_followed(cue))
    for timecode in cue.hits:
        console.print(f"  hit      {timecode}")
    for point in cue.levels:
        console.print(f"  level    {float(point.level_db):+g} dB at {float(point.at_s):.3f} s")
    for shot in cue.shots:
        console.print(f"  shot     {shot.timecode_in} - {shot.timecode_out}  ", end="")
        console.print(f"{shot.track}  {shot.name}  ", end="")
        fine = picture is not None or shot.media in ("found", "none")
        console.print(_media(shot, picture), style=None if fine else "bold red")
    for text in cue.offsets:
        console.print(f"  offset   {text}")
    for text in cue.looked_through:
        console.print(f"  through  {text}")
    for text in cue.problems:
        console.print(f"  problem  {text}", style="bold red")


def _followed(cue: SpottedCue) -> str:
    """What its melody and dynamics come from, and the house style that follows them."""
    how = f"({cue.style}, strength {float(cue.strength):g})"
    how += f"  lora {cue.lora}" if cue.lora else ""
    return {
        "maestro": f"  maestro  {_found(cue.maestro, cue.maestro_found_by)} {how}",
        "sketch": f"  sketch   {cue.sketch} {how}",
        "picture": f"  sketch   composed to the picture {how}",
        "nothing": "  sketch   none, the film alone",
    }[cue.follows]


def _media(shot: SpottedShot, picture: str | None) -> str:
    if picture is not None and shot.media != "found":
        return f"seen in {picture}"
    words = {"missing": "media missing", "none": "no media of its own"}
    return words.get(shot.media) or shot.problem or _found(shot.path, shot.found_by)


def _few(text: str) -> str:
    """A text that is cut where it is longer than a person reads in a list; --json has it whole."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} ..."


def _found(path: Path | None, rule: str) -> str:
    """A file, and how it was found where that was not simple."""
    return f"{path} (found by {rule})" if rule else str(path)


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
