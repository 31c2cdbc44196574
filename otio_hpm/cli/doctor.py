"""`otio-hpm doctor`: the installation, for bug reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from otio_hpm.cli.printing import json_option, print_json, stdout
from otio_hpm.settings import ModelSettings

if TYPE_CHECKING:
    from otio_hpm.scoring.diagnosis import Diagnosis, ModelReport


@click.command()
@click.option(
    "--model", default=ModelSettings().model, show_default=True, help="The model to look at."
)
@json_option
def doctor(model: str, as_json: bool) -> None:
    """Show versions, devices, model and codecs; put this into bug reports."""
    from otio_hpm.scoring.diagnosis import diagnose

    diagnosis = diagnose(model)
    if as_json:
        print_json(diagnosis)
    else:
        show(diagnosis)


def show(diagnosis: Diagnosis) -> None:
    """Print for people."""
    versions = {name: version or "MISSING" for name, version in diagnosis.packages.items()}
    rows = {
        "otio-hpm": diagnosis.version,
        "python": diagnosis.python,
        "system": diagnosis.system,
        "packages": _listed(versions),
        "ffmpeg": _listed(diagnosis.ffmpeg),
        "devices": ", ".join(diagnosis.devices),
        "precision": _listed(diagnosis.precisions),
        "model": _model(diagnosis.model),
        "decodes": ", ".join(name for name, works in diagnosis.codecs.items() if works),
        "does not": ", ".join(name for name, works in diagnosis.codecs.items() if not works) or "-",
        "adapters": ", ".join(diagnosis.adapters),
        "plugin": "found by OpenTimelineIO" if diagnosis.plugin else "NOT found",
        "soundfont": ", ".join(map(str, diagnosis.soundfonts)) or "none (only training needs one)",
    }
    console = stdout()
    for name, value in rows.items():
        console.print(f"{name:<10}{value}")


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _model(model: ModelReport) -> str:
    if model.problem:
        return f"{model.name}: {model.problem}"
    memory = ", ".join(f"{size / 1e6:.0f} MB in {p}" for p, size in model.memory_bytes.items())
    return f"{model.name}, {model.parameters / 1e6:.1f} M weights ({memory}), {model.checksum[:16]}"
