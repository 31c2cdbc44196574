"""`otio-hpm model convert`: published weights -> model folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli.printing import json_option, print_json, stderr, stdout

if TYPE_CHECKING:
    from otio_hpm.model.audioldm.convert import Conversion

_Command = Callable[..., Any]


@click.group()
def convert() -> None:
    """Make a model folder of weights that others publish."""


def _conversion(command: _Command) -> _Command:
    """What every conversion is given."""
    for option in (
        click.argument("source"),
        click.option("-o", "--output", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
                     help="The model folder to make; in your folder of models where none is "
                          "named."),
        click.option("--verbose", is_flag=True, help="Say of every tensor what became of it."),
        json_option,
    ):  # fmt: skip
        command = option(command)
    return command


@convert.command()
@click.option("--film", type=click.Choice(["decoupled", "replaced"]), default="decoupled",
              show_default=True,
              help="Film attention beside the UNet's own, which leaves AudioLDM exact until it is "
                   "trained, or in the place of every second one.")  # fmt: skip
@click.option("--sees", type=click.Choice(["published", "measured"]), default="published",
              show_default=True,
              help="The picture through CLIP, TAVAR and CTEN (`otio-hpm film convert`), or as the "
                   "embedded model measures it.")  # fmt: skip
@_conversion
def audioldm(
    source: str, folder: Path | None, film: Any, sees: Any, verbose: bool, as_json: bool
) -> None:
    """Make an HPM model of AudioLDM, to be trained on films.

    SOURCE is weights that were fetched, by name, a diffusers folder, or the authors' checkpoint.
    The film encoder and S-Control begin untrained.
    """
    from otio_hpm.model.audioldm.convert import convert as convert_audioldm
    from otio_hpm.model.folders import models_home
    from otio_hpm.model.published import source_folder

    path = source_folder(source)
    name = path.name if path.is_dir() else path.stem
    done = convert_audioldm(path, folder or models_home() / f"{name}-hpm", film, sees)
    _tell(done, verbose=verbose, as_json=as_json)


@convert.command("audioldm-bridge")
@_conversion
def audioldm_bridge(source: str, folder: Path | None, verbose: bool, as_json: bool) -> None:
    """Make music of AudioLDM's weights as they are, by way of words that the picture chooses.

    SOURCE is weights that were fetched, by name, or a diffusers folder. What passes through words
    loses most of what the picture tells; it serves until you have weights that were trained on
    films.
    """
    from otio_hpm.model.audioldm.bridge import convert_bridge
    from otio_hpm.model.folders import BRIDGE, models_home
    from otio_hpm.model.published import source_folder

    done = convert_bridge(source_folder(source), folder or models_home() / BRIDGE)
    _tell(done, verbose=verbose, as_json=as_json)


def _tell(done: Conversion, *, verbose: bool, as_json: bool) -> None:
    from otio_hpm.model.licences import terms

    if as_json:
        print_json(done)
        return
    console = stdout()
    if verbose:
        for tensor in done.coverage.tensors:
            shape = "x".join(map(str, tensor.shape)) or "1"
            console.print(f"{tensor.part or '-'}  {tensor.name}  {shape}  {tensor.state}")
    for line in done.coverage.lines():
        console.print(line)
    console.print(f"AudioLDM ({done.size}) in {done.folder}", style="bold")
    stderr().print(f"licence: {terms(done.licence)}")
