"""Progress of a job on stderr: a bar, JSON lines, or nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from otio_hpm.scoring.progress import Listener, Progress

_STAGES = {
    "media": ("looking into the media folders", 0.0, 1.0),
    "model": ("loading the model", 0.0, 0.0),
    "frames": ("reading picture", 0.0, 0.02),
    "film": ("looking at the film", 0.02, 0.05),
    "denoise": ("composing", 0.05, 0.85),
    "optimise": ("composing by optimisation", 0.05, 0.85),
    "decode": ("decoding", 0.85, 0.9),
    "vocode": ("vocoding", 0.9, 0.98),
    "write": ("writing", 0.98, 1.0),
    "reuse": ("unchanged", 1.0, 1.0),
    "failed": ("failed", 1.0, 1.0),
}
"""Words for each stage, and the share of a cue that is done where it begins and ends."""

progress_option = click.option(
    "--progress",
    "progress_kind",
    type=click.Choice(["auto", "bar", "json", "none"]),
    default="auto",
    show_default=True,
    help="On stderr: a bar, one JSON object per line, or nothing; auto is a bar on a terminal.",
)


@contextlib.contextmanager
def listening(kind: str) -> Iterator[Listener | None]:
    """A listener that shows a job's progress for as long as the context is open."""
    if kind == "auto":
        kind = "bar" if sys.stderr.isatty() else "none"
    if kind == "bar":
        with _bar() as listener:
            yield listener
    else:
        yield _json_line if kind == "json" else None


def _json_line(progress: Progress) -> None:
    click.echo(json.dumps(dataclasses.asdict(progress)), err=True)


@contextlib.contextmanager
def _bar() -> Iterator[Listener]:
    """One bar over all cues."""
    from rich import progress as rich_progress

    from otio_hpm.cli.printing import stderr, visible

    columns = (
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("{task.fields[left]}"),
    )
    with rich_progress.Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task("reading", total=None, left="")

        def show(progress: Progress) -> None:
            words, begin, end = _STAGES.get(progress.stage, (progress.stage, 0.0, 0.0))
            where = f"{progress.cue} ({progress.index + 1}/{progress.count}) "
            bar.update(
                task,
                description=visible(f"{where if progress.cue else ''}{words}"),
                total=progress.count,
                completed=progress.index + begin + (end - begin) * progress.fraction,
                left=_left(progress.left_s),
            )

        yield show


def _left(left_s: float | None) -> str:
    """Time that is left, in words.

    >>> _left(None), _left(41.0), _left(250.0), _left(9000.0)
    ('', 'about 1 min left', 'about 5 min left', 'about 2.5 h left')
    """
    if left_s is None:
        return ""
    minutes = math.ceil(left_s / 60)
    return f"about {minutes} min left" if minutes < 100 else f"about {left_s / 3600:.1f} h left"
