"""`otio-hpm model list`: what is here, and what can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from otio_hpm.cli.model.sizes import parameters, rate, size
from otio_hpm.cli.printing import json_option, print_json, stdout, warn

if TYPE_CHECKING:
    from otio_hpm.model.information import Models, OfferInformation


@click.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """Show the models that ship, that are installed, and that can be had.

    Installed are the folders in your folder of models: that of OTIO_HPM_MODELS, else the place
    for data of your system.
    """
    from otio_hpm.model.information import list_models as look

    models = look()
    if as_json:
        print_json(models)
    else:
        show(models)


def show(models: Models) -> None:
    """Print for people."""
    from otio_hpm.model.catalogue import ELSEWHERE
    from otio_hpm.model.folders import models_home

    console = stdout()
    warn(models.unreadable)
    for model in models.models:
        console.print(f"{model.name}", style="bold", end="")
        console.print(
            f"  {model.origin}, {parameters(model.parameters)}, {size(model.size_bytes)}, "
            f"{rate(model.sample_rate)}, {model.licence}"
        )
    console.print(f"\nto be had, into {models_home()}", style="bold")
    for offer in models.offers:
        console.print(
            f"{offer.name}  {size(offer.size_bytes)}, {rate(offer.sample_rate)}, ", end=""
        )
        console.print(f"{offer.licence}\n  {offer.title}\n  {_next(offer)}")
    for name, where in ELSEWHERE.items():
        console.print(f"{name}  {where}\n  otio-hpm film convert {name} FILE -o MODEL_FOLDER")


def _next(offer: OfferInformation) -> str:
    if offer.folder is None:
        return f"otio-hpm model fetch {offer.name}"
    bridge = f", or model convert audioldm-bridge {offer.name}" if offer.sample_rate else ""
    return f"here; otio-hpm {offer.next_step}{bridge}"
