"""`otio-hpm model`: models here and to be had; one file per verb."""

from __future__ import annotations

import click

from otio_hpm.cli.model.converting import convert
from otio_hpm.cli.model.fetching import fetch
from otio_hpm.cli.model.info import info
from otio_hpm.cli.model.listing import list_models
from otio_hpm.cli.model.verifying import verify


@click.group()
def model() -> None:
    """List, fetch, check and convert models."""


for _verb in (list_models, info, verify, fetch, convert):
    model.add_command(_verb)
