"""`otio-hpm film`: what models see of a picture, and the published encoders that some see with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli import parameters
from otio_hpm.cli.options import seeing_options, settings_from
from otio_hpm.cli.printing import json_option, stderr, stdout

if TYPE_CHECKING:
    from otio_hpm.scoring.watching import PublishedSecond, WatchedSecond


@click.group()
def film() -> None:
    """Show what a model sees, or give a model the paper's film encoders."""


@film.command()
@click.argument("encoder", type=click.Choice(["clip", "tavar", "cten"]))
@click.argument("source", metavar="FILE_OR_FOLDER")
@click.option("-o", "--output", "model", required=True, metavar="MODEL",
              help="The model that will see with it: a folder, or the name of an installed one.")
@click.option("--crop", type=click.Choice(["published", "whole"]), default="published",
              show_default=True, help="TAVAR only: without the first ten rows and columns, as its "
              "authors read pictures, or whole.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace an encoder that is there.")
@json_option
def convert(encoder: Any, source: str, model: str, as_json: bool, **options: Any) -> None:
    """Make published weights a part of a model.

    CLIP is a folder as transformers saves it, or the name of one that was fetched; TAVAR and CTEN
    are their authors' files.
    """
    from otio_hpm.cli.printing import print_json
    from otio_hpm.model.checkpoint import model_folder
    from otio_hpm.model.published import source_folder
    from otio_hpm.scoring.film_parts import add_encoder

    added = add_encoder(encoder, source_folder(source), model_folder(model), **options)
    stderr().print(added.note, style="yellow")
    if as_json:
        print_json(added)
    else:
        stdout().print(f"{added.file}: {added.weights / 1e6:.1f} M weights, {added.licence}")


@film.command()
@click.argument("media", type=click.Path(path_type=Path))
@click.option("--start", "start_s", type=parameters.number, default=Fraction(0), metavar="SECONDS",
              help="Look from here on.")  # fmt: skip
@click.option("--end", "end_s", type=parameters.number, metavar="SECONDS", help="Look up to here.")
@seeing_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a second, a line "
              "each.")  # fmt: skip
def watch(
    media: Path, start_s: Fraction, end_s: Fraction | None, as_json: bool, **options: Any
) -> None:
    """Show what a model sees of a movie or still, second by second."""
    from otio_hpm.scoring.watching import watch as look

    model = settings_from(options).model
    seconds = look(media, model, start_s=start_s, end_s=end_s)
    (_print_json if as_json else _print)(seconds)


def _print_json(seconds: Iterable[WatchedSecond]) -> None:
    import json

    from otio_hpm.scoring.sidecar import plain

    for second in seconds:
        click.echo(json.dumps(plain(second)))


def _print(seconds: Iterable[WatchedSecond]) -> None:
    """A line a second, under a heading."""
    console = stdout()
    heading = ""
    for second in seconds:
        cells = _cells(second)
        if not heading:
            heading = "  ".join(f"{name:>{_WIDTH}}" for name in cells)
            console.print(heading)
        console.print("  ".join(f"{text:>{_WIDTH}}" for text in cells.values()))


_WIDTH = 9


def _cells(second: WatchedSecond) -> dict[str, str]:
    minutes, seconds = divmod(second.start_s, 60)
    cells = {"time": f"{int(minutes)}:{float(seconds):05.2f}"}
    cells |= {
        name: f"{getattr(second, name):.2f}"
        for name in ("valence", "arousal", "light", "motion", "cuts")
    }
    return cells | (_published_cells(second.published) if second.published else {})


def _published_cells(told: PublishedSecond) -> dict[str, str]:
    """CLIP's change from second to second, TAVAR's score, CTEN's strongest class."""
    change, score = told.semantic_change, told.aesthetic.get("aesthetic_score")
    strongest: Callable[[str], float] = told.emotion.__getitem__
    return {
        "change": "-" if change is None else f"{change:.2f}",
        "score": "-" if score is None else f"{score:.2f}",
        "emotion": max(told.emotion, key=strongest)[:_WIDTH] if told.emotion else "-",
    }
