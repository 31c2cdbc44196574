"""`otio-hpm demo`: a short film of its own, scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.options import model_options, settings_from
from otio_hpm.cli.printing import json_option, stderr, stdout
from otio_hpm.cli.progress import listening, progress_option
from otio_hpm.cli.score import print_result

_FOLDER = Path("otio-hpm-demo")


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=_FOLDER)
@model_options
@progress_option
@json_option
def demo(folder: Path, progress_kind: str, as_json: bool, **options: Any) -> None:
    """Make a short film with marked shots in DIR, and score it.

    DIR is `otio-hpm-demo` where none is given. Run again, it renders only what has changed.
    """
    from otio_hpm.demo.film import make_demo
    from otio_hpm.scoring.job import score

    stderr().print(f"making a short film in {folder}, unless it is there")
    timeline = make_demo(folder)
    output = folder / "demo_scored.otio"
    with listening(progress_kind) as listener:
        result = score(timeline, output, settings_from(options), overwrite=True, progress=listener)
    print_result(result, as_json=as_json)
    if not as_json:
        stdout().print(f"The film's cut is {timeline}.\nOpen {output} in your editing system.")
