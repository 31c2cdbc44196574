"""`otio-hpm model verify`: is a model whole?"""

from __future__ import annotations

import click

from otio_hpm.cli.printing import counted, json_option, print_json, stdout
from otio_hpm.errors import ModelError


@click.command()
@click.argument("name")
@json_option
def verify(name: str, as_json: bool) -> None:
    """Compare every checksum of a model, and load each of its parts.

    NAME is a model that ships or is installed, a model folder, or weights that were fetched.
    """
    from otio_hpm.model.verification import verify as check

    found = check(name)
    if as_json:
        print_json(found)
    else:
        for done in found.checks:
            stdout().print(f"{done.what:<10}{done.name}  {done.problem or 'right'}")
    if problems := found.problems:
        raise ModelError(
            f"model {name} has {counted(len(problems), 'fault')}, the first: {problems[0]}",
            hint="Fetch, convert or copy it again.",
        )
