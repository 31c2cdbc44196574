"""`otio-hpm model info`: one model in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from otio_hpm.cli.model.sizes import parameters, rate, size
from otio_hpm.cli.printing import json_option, print_json, stdout

if TYPE_CHECKING:
    from otio_hpm.model.information import ModelInformation, OfferInformation, Part


@click.command()
@click.argument("name")
@json_option
def info(name: str, as_json: bool) -> None:
    """Show the parts of a model, their sizes, the memory they need, licence and checksums.

    NAME is a model that ships or is installed, a model folder, or weights that can be had.
    """
    from otio_hpm.model.information import inform

    found = inform(name)
    if as_json:
        print_json(found)
    else:
        show(found)


def show(found: ModelInformation | OfferInformation) -> None:
    """Print for people."""
    from otio_hpm.model.information import ModelInformation
    from otio_hpm.model.licences import terms

    rows = _model(found) if isinstance(found, ModelInformation) else _offer(found)
    console = stdout()
    console.print(found.name, style="bold")
    for name, value in (*rows.items(), ("licence", terms(found.licence))):
        console.print(f"  {name:<12}{value}")
    for part in found.parts:
        console.print(f"  {part.file}  {_told(part)}")


def _model(model: ModelInformation) -> dict[str, str]:
    memory = ", ".join(f"{size(count)} in {name}" for name, count in model.memory_bytes.items())
    return {
        "from": f"{model.origin}, {model.folder}",
        "sound": f"{rate(model.sample_rate)}, windows of {float(model.window_s):.2f} s",
        "weights": f"{parameters(model.parameters)}, {size(model.size_bytes)} on disk",
        "memory": f"{memory}; sound and picture come on top",
        "made of": f"see {model.card}" if model.card else "no model card tells",
    }


def _offer(offer: OfferInformation) -> dict[str, str]:
    here = f"in {offer.folder}" if offer.folder else "not fetched"
    step = offer.next_step if offer.folder else f"model fetch {offer.name}"
    return {
        "what": offer.title,
        "from": f"huggingface.co/{offer.repository}, revision {offer.revision}",
        "state": f"{here}; next: otio-hpm {step}",
        "sound": rate(offer.sample_rate),
        "size": size(offer.size_bytes),
    }


def _told(part: Part) -> str:
    checksum = f"  {part.checksum}" if part.checksum else ""
    return f"{parameters(part.parameters)}, {size(part.size_bytes)}{checksum}"
